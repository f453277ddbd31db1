//! The picture and the panes beside it, and what stands in the place of those whose code is not there yet.

use std::ops::RangeInclusive;
use std::rc::Rc;

use engine::lessons::{Picture, Verdict};
use engine::log::{Activity, Ending};
use rust_i18n::t;
use yew::prelude::*;

use super::App;
use crate::intent::{Action, Intent, Page, Tab};
use crate::view::{
    ActionsPane, Dialog, ExplorePane, GraphPane, LINES_SHOWN, MealsPane, NextPane, Objects,
    Outcome, SourcePane, Table, Waiting, WaitsPane,
};
use crate::{rest, source, words};

impl App {
    pub(super) fn picture(&self, glide: bool) -> Html {
        let Intent { scenario, language, .. } = &self.intent;
        let (lesson, language) = (scenario.lesson(), *language);
        if self.awaits_rest() {
            return self.waiting();
        }
        let (frame, names) = (self.frame.clone(), self.names.clone());
        let can_pick = self.stage.recording().is_model() && !self.at_end();
        let on_pick = self.calls.pick.clone();
        match lesson.picture {
            Picture::Table => html! {
                <Table {frame} {names} n_seats={self.n_seats()}
                    meals={scenario.values.number("meals")} deadlock={self.deadlock()} {glide}
                    {can_pick} {on_pick} {language} />
            },
            Picture::Objects => html! {
                <Objects {lesson} {frame} {names} {glide} {can_pick} {on_pick} {language} />
            },
        }
    }

    /// What stands in the place of what needs the rest of the code.
    fn waiting(&self) -> Html {
        html! {
            <Waiting rest={self.rest.clone()} on_fetch={self.calls.fetch_rest.clone()}
                language={self.intent.language} />
        }
    }

    /// What opens in the place of the dialogs.
    pub(super) fn waiting_dialog(&self) -> Html {
        let Intent { gallery, help, .. } = self.intent;
        let (key, on_close) = if gallery {
            ("gallery.title", &self.calls.close_gallery)
        } else {
            ("help.title", &self.calls.close_help)
        };
        html! {
            <Dialog class="help" open={gallery || help} title_id="waits-title" on_close={on_close.clone()}>
                <h2 id="waits-title">{ t!(key) }</h2>
                { self.waiting() }
                <button onclick={on_close.reform(|_: MouseEvent| ())}>{ t!("note.close") }</button>
            </Dialog>
        }
    }

    /// A pane, as far as it can be shown without the rest of the code.
    fn first_pane(&self, tab: Tab) -> Html {
        let lesson = self.intent.scenario.lesson();
        match tab {
            Tab::Next if rest::is_first(lesson) => self.pane(tab),
            _ => self.waiting(),
        }
    }

    fn pane(&self, tab: Tab) -> Html {
        let Intent { scenario, language, .. } = &self.intent;
        let (lesson, recording) = (scenario.lesson(), self.stage.recording());
        let language = *language;
        match tab {
            Tab::Next => self.next(scenario.picks.len()),
            Tab::Challenge => self.challenge(),
            Tab::Explore => rest::late(|| self.explorer()),
            Tab::Graph => html! {
                <GraphPane frame={self.frame.clone()} names={self.names.clone()} {language} />
            },
            Tab::Counts if lesson.picture == Picture::Table => html! {
                <MealsPane frame={self.frame.clone()} virtual_time={recording.is_model()}
                    n_lost={recording.log().n_lost} {language} />
            },
            Tab::Counts => html! {
                <WaitsPane frame={self.frame.clone()} names={self.names.clone()}
                    n_lost={recording.log().n_lost} on_take={self.calls.take.clone()} {language} />
            },
            Tab::Actions => {
                let actions = recording.actions(self.step);
                let n = actions.len();
                let lines: Rc<[_]> = actions.skip(n.saturating_sub(LINES_SHOWN)).collect();
                html! {
                    <ActionsPane {lines} {n} all={recording.n_actions()}
                        on_take={self.calls.take.clone()} {language} />
                }
            }
            Tab::Source => html! {
                <SourcePane key={lesson.id}
                    values={scenario.values.clone()} frame={self.frame.clone()}
                    names={self.names.clone()} is_model={recording.is_model()}
                    taken={source::taken(recording, self.step)} unreached={self.unreached()}
                    tongue={self.intent.tongue} follow={self.intent.follow}
                    on={self.calls.act.clone()} {language} />
            },
        }
    }

    fn explorer(&self) -> Html {
        let (lesson, recording) = (self.intent.scenario.lesson(), self.stage.recording());
        let decided = self.decisive().map(|step| words::step(lesson, recording, step));
        html! {
            <ExplorePane explored={self.explored.clone()} explores={self.counts()}
                tree={self.exploration.as_ref().map(|it| it.tree().clone())} here={self.here()}
                names={self.names.clone()} decided={decided.unwrap_or_default()}
                on={self.calls.act.clone()} on_visit={self.calls.visit.clone()}
                on_look_at={self.calls.look_at.clone()} language={self.intent.language} />
        }
    }

    /// What a screen reader is told of what was found out, in this pane.
    fn announcement(&self, tab: Tab) -> String {
        let rests = self.explored.as_deref().filter(|_| !self.counts());
        match &self.standing {
            Some(standing) if tab != Tab::Explore => words::standing(standing),
            _ => rests.map(words::announcement).unwrap_or_default(),
        }
    }

    fn outcome(&self) -> Html {
        let Some(ending) = self.ending() else { return Html::default() };
        let (scenario, recording) = (&self.intent.scenario, self.stage.recording());
        let verdict = self.stage.verdict();
        let mut actors = self.frame.scene.actors.iter();
        let all_are_through = actors.all(|actor| actor.activity == Activity::Finished);
        let told =
            words::ending(&self.names, scenario, ending, verdict, self.step, all_are_through);
        let broken_at = match verdict {
            Verdict::Broken { event } => Some(recording.stop_of(event)),
            _ => None,
        };
        let broken_at = broken_at.filter(|step| *step != self.step).map(|step| {
            let key = match **ending {
                Ending::Deadlock(_) => "end.jump_deadlock",
                _ => "end.jump",
            };
            (step, t!(key, n = step).into_owned())
        });
        let lines = match scenario.lesson().picture {
            Picture::Table => Vec::new(),
            Picture::Objects => self.stage.outcome().to_vec(),
        };
        html! { <Outcome {told} {lines} {broken_at} on={self.calls.act.clone()} /> }
    }

    /// The lines that nobody came to, where one wants to see them.
    fn unreached(&self) -> Vec<RangeInclusive<u32>> {
        let explored = self.explored.as_ref().filter(|_| self.intent.unreached);
        explored.map_or(Vec::new(), |explored| explored.unreached.clone())
    }

    pub(super) fn next(&self, n_picks: usize) -> Html {
        let Intent { scenario, language, .. } = &self.intent;
        html! {
            <NextPane frame={self.frame.clone()} lesson={scenario.lesson()}
                names={self.names.clone()} can_pick={self.stage.recording().is_model()}
                ended={self.at_end()} {n_picks}
                on_pick={self.calls.pick.clone()} on_forget={self.calls.forget.clone()}
                language={*language} />
        }
    }

    pub(super) fn side(&self) -> Html {
        let tabs: Vec<Tab> = Tab::of(self.intent.scenario.lesson(), self.hides()).collect();
        let pane = self.intent.pane();
        // It may be hidden as long as the challenge is not solved.
        let chosen = if tabs.contains(&pane) { pane } else { Tab::Challenge };
        let tab = |tab: Tab| {
            let on = self.calls.act.reform(move |_: MouseEvent| Action::Page(Page::Tab(tab)));
            let id = tab.id();
            html! {
                <button role="tab" id={format!("tab-{id}")} aria-controls="pane"
                    aria-selected={(tab == chosen).to_string()} onclick={on}>
                    { t!(format!("tab.{id}")) }
                </button>
            }
        };
        let pane = if self.has_rest() { self.pane(chosen) } else { self.first_pane(chosen) };
        let said =
            if self.has_rest() { rest::late(|| self.announcement(chosen)) } else { String::new() };
        html! {
            <section class="side" aria-label={t!("tab.label")}>
                { self.outcome() }
                <p class="unseen" role="status">{ said }</p>
                <div class="tabs" role="tablist" aria-label={t!("tab.label")}>
                    { for tabs.into_iter().map(tab) }
                </div>
                <div id="pane" role="tabpanel" tabindex="0"
                    aria-labelledby={format!("tab-{}", chosen.id())}>{ pane }</div>
            </section>
        }
    }
}
