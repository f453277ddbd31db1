//! The page as a whole: what the person wants, where it runs, and one frame at a time.
//!
//! Data flows one way: an action changes the intent, the stage follows the intent, the view draws
//! both. One `requestAnimationFrame` serves the page, and only while something moves.

mod challenge;
mod explorer;
mod panes;

use std::rc::Rc;

use engine::lessons::{Finding, Policy};
use engine::log::{Deadlock, Ending, Names, trace_events};
use engine::model::Time;
use engine::world::ActorId;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::timers::callback::Timeout;
use gloo::utils::{document_element, window};
use rust_i18n::t;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, MediaQueryList};
use yew::prelude::*;

use crate::bridge::{self, Workers};
use crate::challenge::{Standing, Trial};
use crate::exploration::{Exploration, Explored};
use crate::intent::{Action, Intent, Language, Page, Place, Play, SPEEDS, Set, Tab, Take, Theme};
use crate::recording::{Frame, Recording};
use crate::rest::{self, Rest};
use crate::stage::Stage;
use crate::view::{
    Bar, FreeTime, Gallery, Help, Lanes, Notice, Settings, Timeline, Transport, WORDS_UP_TO, legend,
};
use crate::{history, keys, link, words};

/// Above this speed a screen reader is not told every step, and forks jump instead of gliding.
const SLOW_ENOUGH: u32 = 8;

/// How often lanes that grow are drawn anew, in milliseconds.
const LANES_EVERY_MS: f64 = 200.0;

/// How often what is being explored is counted anew, in milliseconds.
const COUNTS_EVERY_MS: f64 = 200.0;

/// Something happened.
pub enum Msg {
    /// The person did something.
    Do(Action),
    /// A key was pressed.
    Key(KeyboardEvent),
    /// It is time for the next frame.
    Frame(f64),
    /// The workers are ready, or failed.
    Workers(Workers),
    /// The rest of the code shall be fetched.
    Fetch,
    /// It has come, or failed.
    Rest(Rest),
    /// The address has changed.
    Address,
    /// At the step shown, this actor goes.
    Pick(ActorId),
    /// A branch of the interleavings' tree was chosen, and how many turns lead there.
    Visit(usize, usize),
    /// The player goes to where this can be seen.
    LookAt(Finding),
    /// A place on the timeline was chosen, from 0 to 1.
    Seek(f64),
    /// Something shall leave the page.
    Take(Take),
    /// It was copied, or could not be, and then here it is.
    Copied(bool, String),
    /// The threads shall stop.
    Stop,
    /// The system has gone dark or light.
    Dusk,
}

/// What the components call back. Made once: a new callback is a new property, and whoever has one
/// is drawn anew.
struct Calls {
    act: Callback<Action>,
    pick: Callback<ActorId>,
    seek: Callback<f64>,
    visit: Callback<(usize, usize)>,
    look_at: Callback<Finding>,
    stop: Callback<()>,
    forget: Callback<()>,
    close_notice: Callback<()>,
    close_gallery: Callback<()>,
    close_help: Callback<()>,
    fetch_rest: Callback<()>,
    take: Callback<Take>,
}

impl Calls {
    fn new(ctx: &Context<App>) -> Self {
        let link = ctx.link();
        let always = |action: Action| link.callback(move |()| Msg::Do(action.clone()));
        Self {
            act: link.callback(Msg::Do),
            pick: link.callback(Msg::Pick),
            seek: link.callback(Msg::Seek),
            visit: link.callback(|(branch, step)| Msg::Visit(branch, step)),
            look_at: link.callback(Msg::LookAt),
            stop: link.callback(|()| Msg::Stop),
            forget: always(Action::Set(Set::ForgetPicks)),
            close_notice: always(Action::Page(Page::Notice(None))),
            close_gallery: always(Action::Page(Page::Gallery(false))),
            close_help: always(Action::Page(Page::Help(false))),
            fetch_rest: link.callback(|()| Msg::Fetch),
            take: link.callback(Msg::Take),
        }
    }
}

/// The page.
pub struct App {
    intent: Intent,
    stage: Stage,
    exploration: Option<Exploration>,
    /// What it has found, as it is shown.
    explored: Option<Rc<Explored>>,
    /// The challenge that was begun last, and how it stands, as it is shown.
    trial: Option<Trial>,
    standing: Option<Rc<Standing>>,
    /// When it was counted; nothing when it must be counted anew.
    explored_at_ms: Option<f64>,
    workers: Workers,
    /// What cannot be done before it is there.
    rest: Rest,
    /// The step shown, and its picture.
    step: usize,
    frame: Rc<Frame>,
    names: Rc<Names>,
    lanes: Rc<Lanes>,
    lanes_at_ms: f64,
    /// The share of a step that time has already earned.
    carry: f64,
    last_ms: Option<f64>,
    next_frame: Option<AnimationFrame>,
    /// The link that is, or soon will be, in the address.
    address: Option<(String, Timeout)>,
    calls: Calls,
    dusk: MediaQueryList,
    _listeners: [EventListener; 3],
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let fresh = Intent::new(preferred_language());
        let intent = history::opened(&history::address(), fresh);
        let stage = Stage::waiting(&intent.scenario);
        let keydown = {
            let link = ctx.link().clone();
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window(), "keydown", options, move |event| {
                if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
                    link.send_message(Msg::Key(event.clone()));
                }
            })
        };
        let hash = {
            let link = ctx.link().clone();
            EventListener::new(&window(), "hashchange", move |_| link.send_message(Msg::Address))
        };
        let dusk = window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .expect("the query is valid");
        let turns_dark = {
            let link = ctx.link().clone();
            EventListener::new(&dusk, "change", move |_| link.send_message(Msg::Dusk))
        };
        let mut app = Self {
            intent,
            stage,
            exploration: None,
            explored: None,
            explored_at_ms: None,
            trial: None,
            standing: None,
            workers: Workers::Absent,
            rest: Rest::Coming,
            step: 0,
            frame: Rc::default(),
            names: Rc::default(),
            lanes: Rc::default(),
            lanes_at_ms: 0.0,
            carry: 0.0,
            last_ms: None,
            next_frame: None,
            address: None,
            calls: Calls::new(ctx),
            dusk,
            _listeners: [keydown, hash, turns_dark],
        };
        app.show_page();
        app.begin(ctx);
        app.follow(ctx);
        app
    }

    fn rendered(&mut self, ctx: &Context<Self>, is_first: bool) {
        if is_first {
            ctx.link().send_message(Msg::Fetch);
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Key(event) => {
                let action = keys::action(&event, self.step, self.stage.recording().last_stop());
                // Not ours: perhaps it is being typed into a field, which is then left alone.
                let Some(action) = action else { return false };
                event.prevent_default();
                self.act(ctx, action);
            }
            Msg::Do(action) => self.act(ctx, action),
            Msg::Frame(now_ms) => self.tick(ctx, now_ms),
            Msg::Workers(workers) => {
                self.workers = workers;
                if self.workers == Workers::Ready && self.intent.place == Place::Threads {
                    self.begin(ctx);
                }
            }
            Msg::Fetch => {
                self.rest = Rest::Coming;
                let link = ctx.link().clone();
                rest::fetch(move |rest| link.send_message(Msg::Rest(rest)));
            }
            Msg::Rest(rest) => self.receive(ctx, rest),
            Msg::Address => {
                self.address = None;
                if history::address() != link::write(&self.intent, self.step) {
                    let followed = history::followed(&self.intent);
                    self.act(ctx, Action::Set(Set::All(Box::new(followed))));
                }
            }
            Msg::Pick(actor) => self.act(ctx, Action::Set(Set::Pick(self.step, actor))),
            Msg::Seek(at) => {
                let step = self.stop_at(at);
                self.act(ctx, Action::Play(Play::To(step)));
            }
            Msg::Visit(branch, step) => rest::late(|| self.visit(ctx, branch, step)),
            Msg::LookAt(finding) => rest::late(|| {
                let found = self.exploration.as_mut().and_then(|it| it.look_at(finding));
                if let Some((scenario, step)) = found {
                    self.act(ctx, Action::Set(Set::Found(Box::new(scenario), step)));
                }
            }),
            Msg::Take(take) => self.take(ctx, take),
            Msg::Copied(copied, text) => {
                let notice =
                    if copied { t!("note.copied") } else { t!("note.copy_failed", link = text) };
                self.intent.notice = Some(notice.into_owned());
            }
            Msg::Stop => self.stage.stop(),
            Msg::Dusk => {}
        }
        self.follow(ctx);
        true
    }

    fn view(&self, _: &Context<Self>) -> Html {
        let Intent { scenario, language, .. } = &self.intent;
        let Calls { act: on, .. } = &self.calls;
        let recording = self.stage.recording();
        let last = recording.last_stop();
        let narration = words::step(self.intent.scenario.lesson(), recording, self.step);
        let speed = SPEEDS[self.intent.speed];
        let calm = !self.intent.playing || speed <= SLOW_ENOUGH;
        let lesson = scenario.lesson();
        html! {
            <div id="app">
                <a class="skip" href="#player" onclick={skip_to_player}>{ t!("app.skip") }</a>
                <Bar {lesson} theme={self.intent.theme}
                    language={*language} on={on.clone()}
                    on_take={self.calls.take.clone()} />
                if let Some(text) = self.intent.notice.clone() {
                    <Notice {text} on_close={self.calls.close_notice.clone()} language={*language} />
                }
                <main>
                    <section class="left" aria-label={t!("set.title")}>
                        <p class="lead">{ language.of(lesson.summary) }</p>
                        <Settings key={lesson.id} scenario={scenario.clone()} place={self.intent.place}
                            workers={self.workers.clone()} live={self.stage.is_live()}
                            on={on.clone()} on_stop={self.calls.stop.clone()}
                            language={*language} />
                    </section>
                    <section class="stage" id="player" tabindex="-1" aria-label={t!("play.region")}>
                        { self.picture(calm) }
                        <div class="deck">
                            <p class="narration" aria-live={if calm { "polite" } else { "off" }}>
                                { narration.clone() }
                            </p>
                            if recording.is_model() && scenario.time == Time::Free {
                                <FreeTime on={on.clone()} language={*language} />
                            }
                            <Transport playing={self.intent.playing} step={self.step} {last}
                                growing={self.stage.is_growing()} speed={self.intent.speed}
                                on={on.clone()} language={*language} />
                        </div>
                        <Timeline lanes={self.lanes.clone()} names={self.names.clone()}
                            step={self.step} {last}
                            progress={self.progress()} decisive={self.decisive()} words={narration} dark={self.is_dark()}
                            on={on.clone()} on_seek={self.calls.seek.clone()}
                            language={*language} />
                        { legend::of(lesson.picture, self.n_seats() <= WORDS_UP_TO) }
                    </section>
                    { self.side() }
                </main>
                if self.has_rest() {
                    <Gallery open={self.intent.gallery} {lesson} on={on.clone()} language={*language} />
                    <Help open={self.intent.help} on_close={self.calls.close_help.clone()}
                        language={*language} />
                } else {
                    { self.waiting_dialog() }
                }
            </div>
        }
    }
}

impl App {
    fn act(&mut self, ctx: &Context<Self>, action: Action) {
        let (epoch, language) = (self.intent.epoch, self.intent.language);
        let last = self.stage.recording().last_stop();
        let (lesson, moment) =
            (self.intent.scenario.lesson(), link::write(&self.intent, self.step));
        let is_address = matches!(action, Action::Set(Set::All(_)));
        self.intent = self.intent.clone().apply(action, last);
        if self.intent.scenario.lesson() != lesson && !is_address {
            self.address = None;
            history::leave(&moment, &link::write(&self.intent, 0));
        }
        if self.intent.language != language {
            rust_i18n::set_locale(self.intent.language.tag());
        }
        if self.intent.epoch != epoch {
            self.begin(ctx);
        }
        if self.has_rest() {
            rest::late(|| {
                self.explore(lesson);
                self.try_out();
            });
        }
        self.show_page();
    }

    /// Whether everything can be done that there is.
    fn has_rest(&self) -> bool {
        self.rest == Rest::Here
    }

    /// Whether the run that the person wants needs what is not there yet.
    fn awaits_rest(&self) -> bool {
        let Intent { scenario, place, .. } = &self.intent;
        !self.has_rest() && (*place == Place::Threads || !rest::is_first(scenario.lesson()))
    }

    /// The rest is there, or cannot be had.
    fn receive(&mut self, ctx: &Context<Self>, rest: Rest) {
        let awaited = self.awaits_rest();
        self.rest = rest;
        if !self.has_rest() {
            return;
        }
        if awaited {
            self.begin(ctx);
        }
        rest::late(|| self.try_out());
    }

    /// Begins the run that the person wants.
    fn begin(&mut self, ctx: &Context<Self>) {
        self.stage.stop();
        (self.carry, self.lanes_at_ms) = (0.0, 0.0);
        self.stage = match (self.intent.place, &self.workers) {
            (Place::Model, _) => self.in_model(),
            (Place::Threads, Workers::Ready) => Stage::threads(&self.intent.scenario),
            (Place::Threads, _) if !bridge::is_isolated() => {
                let missing = t!("threads.missing").into_owned();
                // Not in the place of what the link itself had to say.
                let notices = self.intent.notice.take().into_iter().chain([missing]);
                self.intent.notice = Some(notices.collect::<Vec<_>>().join(" "));
                self.intent.place = Place::Model;
                self.in_model()
            }
            (Place::Threads, _) if self.awaits_rest() => Stage::waiting(&self.intent.scenario),
            (Place::Threads, Workers::Starting) => Stage::waiting(&self.intent.scenario),
            (Place::Threads, Workers::Absent | Workers::Failed(_)) => {
                self.workers = Workers::Starting;
                let link = ctx.link().clone();
                bridge::start_workers(move |workers| link.send_message(Msg::Workers(workers)));
                Stage::waiting(&self.intent.scenario)
            }
        };
        if let Place::Threads = self.intent.place {
            self.intent.playing = true;
        }
    }

    fn in_model(&self) -> Stage {
        let begin = if self.awaits_rest() { Stage::waiting } else { Stage::model };
        begin(&self.intent.scenario)
    }

    /// One frame: the run grows, the play head moves, and one explores.
    fn tick(&mut self, ctx: &Context<Self>, now_ms: f64) {
        self.next_frame = None;
        if self.has_rest() {
            rest::late(|| self.look_around(ctx));
        }
        let was_live = self.stage.is_live();
        if self.stage.is_growing() {
            self.stage.grow();
        }
        let passed_ms = self.last_ms.replace(now_ms).map_or(0.0, |last_ms| now_ms - last_ms);
        if !self.intent.playing {
            return;
        }
        let last = self.stage.recording().last_stop();
        if was_live {
            // What happens now is watched as it happens.
            self.intent.step = last;
        } else {
            // After a pause of the whole page (a hidden tab) it goes on, it does not catch up.
            let earned = passed_ms.min(100.0) / 1000.0 * f64::from(SPEEDS[self.intent.speed]);
            self.carry += earned;
            let steps = self.carry.floor();
            self.carry -= steps;
            let to = self.step + steps as usize;
            self.intent = self.intent.clone().apply(Action::Play(Play::Reached(to)), last);
        }
        if self.intent.step >= last && !self.stage.is_growing() && self.workers != Workers::Starting
        {
            self.intent.playing = false;
        }
    }

    /// Brings what is shown in line with the intent and the stage, and asks for the next frame.
    fn follow(&mut self, ctx: &Context<Self>) {
        let recording = self.stage.recording();
        let step = self.intent.step.min(recording.last_stop());
        let frame = recording.frame(step);
        if *self.frame != frame {
            self.frame = Rc::new(frame);
        }
        self.step = step;
        if *self.names != *recording.names() {
            self.names = Rc::new(recording.names().clone());
        }
        let now_ms = bridge::now_ms();
        if !self.stage.is_growing() || now_ms - self.lanes_at_ms > LANES_EVERY_MS {
            let lanes = Lanes::of(recording);
            if *self.lanes != lanes {
                self.lanes = Rc::new(lanes);
            }
            self.lanes_at_ms = now_ms;
        }
        let explores = self.explores();
        if self.has_rest() {
            rest::late(|| {
                self.follow_exploration(explores, now_ms);
                self.follow_trial();
            });
        }
        if self.has_rest() && (self.intent.tab == Tab::Explore || self.intent.quest.is_some()) {
            // Whoever looks there will soon need them.
            bridge::n_helpers();
        }
        let moves = self.intent.playing || self.stage.is_growing();
        if (moves || explores || self.tries()) && self.next_frame.is_none() {
            let link = ctx.link().clone();
            self.next_frame =
                Some(request_animation_frame(move |now_ms| link.send_message(Msg::Frame(now_ms))));
        }
        if !moves {
            self.last_ms = None;
        }
        // What the address asks for stays there until it can be shown.
        if !moves && !self.awaits_rest() {
            self.write_address();
        }
    }

    /// Keeps the address in step with what is shown, a little later: browsers allow only so many
    /// changes a second.
    fn write_address(&mut self) {
        let link = link::write(&self.intent, self.step);
        // What is explored may move every frame, while the moment shown stays as it is.
        if self.address.as_ref().is_none_or(|(kept, _)| *kept != link) {
            let kept = link.clone();
            self.address = Some((kept, Timeout::new(300, move || history::stay(&link))));
        }
    }

    /// What of the intent belongs to the document as a whole.
    fn show_page(&self) {
        let root = document_element();
        let _ = root.set_attribute("lang", self.intent.language.tag());
        let _ = root.set_attribute("data-theme", self.intent.theme.id());
        let title = self.intent.language.of(self.intent.scenario.lesson().title);
        gloo::utils::document().set_title(&format!("{title} – {}", t!("app.name")));
    }

    fn take(&mut self, ctx: &Context<Self>, take: Take) {
        let recording = self.stage.recording();
        // Files are taken from panes that come with the rest.
        let list = || {
            rest::late(|| {
                let list: Vec<_> = recording.actions(recording.last_stop()).collect();
                serde_json::to_string(&list).unwrap_or_default()
            })
        };
        let copy = |text: String| {
            let link = ctx.link().clone();
            let kept = text.clone();
            bridge::copy(text, move |copied| link.send_message(Msg::Copied(copied, kept)));
        };
        let href = window().location().href().unwrap_or_default();
        let page = href.split('#').next().unwrap_or_default();
        let saved = match take {
            Take::Link => {
                copy(format!("{page}{}", link::write(&self.intent, self.step)));
                Ok(())
            }
            Take::TeachersLink => {
                copy(format!("{page}{}", link::teachers(&self.intent)));
                Ok(())
            }
            Take::List => {
                copy(list());
                Ok(())
            }
            Take::ListFile => bridge::download("actions.json", "application/json", &list()),
            Take::TraceFile => rest::late(|| {
                let lesson = self.intent.scenario.lesson();
                let word = |value| lesson.word(value);
                let trace = trace_events(recording.log(), lesson.phases, &word).to_string();
                bridge::download("trace.json", "application/json", &trace)
            }),
        };
        if saved.is_err() {
            let link = link::write(&self.intent, self.step);
            self.intent.notice = Some(t!("note.copy_failed", link = link).into_owned());
        }
    }

    fn is_dark(&self) -> bool {
        match self.intent.theme {
            Theme::System => self.dusk.matches(),
            Theme::Light => false,
            Theme::Dark => true,
        }
    }

    /// Whether the step shown is the last one of a run that is over.
    fn at_end(&self) -> bool {
        let is_last = self.step == self.stage.recording().last_stop();
        is_last && !self.stage.is_growing() && !self.awaits_a_choice()
    }

    /// Whether the run has followed all choices of the person, and only another one takes it further.
    fn awaits_a_choice(&self) -> bool {
        let (scenario, recording) = (&self.intent.scenario, self.stage.recording());
        scenario.policy == Policy::Person
            && recording.ending().is_some_and(|ending| **ending == Ending::Paused)
            && scenario.picks.len() == recording.last_stop()
    }

    fn ending(&self) -> Option<&Rc<Ending>> {
        self.stage.recording().ending().filter(|_| self.at_end())
    }

    fn deadlock(&self) -> Option<Rc<Deadlock>> {
        match &**self.ending()? {
            Ending::Deadlock(deadlock) => Some(Rc::new(deadlock.clone())),
            _ => None,
        }
    }

    /// How far along the timeline's axis the step is.
    fn progress(&self) -> f64 {
        let recording = self.stage.recording();
        let last = recording.last_stop();
        let (at, end) = if recording.is_model() {
            (self.step as f64, last as f64)
        } else {
            (recording.time_ns(self.step) as f64, recording.time_ns(last) as f64)
        };
        if end == 0.0 { 0.0 } else { at / end }
    }

    /// The step at a place on the timeline's axis.
    fn stop_at(&self, at: f64) -> usize {
        let recording: &Recording = self.stage.recording();
        let last = recording.last_stop();
        if recording.is_model() {
            (at * last as f64).round() as usize
        } else {
            recording.stop_at((at * recording.time_ns(last) as f64) as u64)
        }
    }

    /// How many sit at the table, where there is one.
    fn n_seats(&self) -> u16 {
        self.frame.tally.seats.len() as u16
    }
}

/// Moves the focus and leaves the address alone: that is the link to the moment.
fn skip_to_player(event: MouseEvent) {
    event.prevent_default();
    let player = gloo::utils::document().get_element_by_id("player");
    if let Some(player) = player.and_then(|player| player.dyn_into::<HtmlElement>().ok()) {
        // Nothing to do where the browser refuses.
        let _ = player.focus();
    }
}

/// Where the page is narrow, the player may be out of sight.
fn show_player() {
    if let Some(player) = gloo::utils::document().get_element_by_id("player") {
        player.scroll_into_view();
    }
}

fn preferred_language() -> Language {
    let tag = window().navigator().language().unwrap_or_default();
    if tag.to_lowercase().starts_with("zh") { Language::Zh } else { Language::En }
}
