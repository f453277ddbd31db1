//! The challenge: to make the lesson break, and to mend it.

use std::rc::Rc;

use engine::lessons::{Challenge, Choice, Scenario, Text};
use rust_i18n::t;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::challenge::{Answer, Quest, Standing};
use crate::intent::{Action, Language, Set, Take, Try};
use crate::words;

/// What is known of it.
#[derive(Properties, PartialEq)]
pub struct ChallengeProps {
    /// The challenge.
    pub challenge: &'static Challenge,
    /// What is being played.
    pub scenario: Scenario,
    /// How it stands; nothing before it is begun.
    pub standing: Option<Rc<Standing>>,
    /// How many steps were taken.
    pub n_steps: usize,
    /// Whether the run has ended at this step.
    pub ended: bool,
    /// Whether it is being checked.
    pub checks: bool,
    /// Whether the way to a failure is being looked for.
    pub seeks: bool,
    /// Whether what gives the solution away is hidden.
    pub hides: bool,
    /// Who could go next, where somebody is to choose.
    pub children: Html,
    /// Something was done.
    pub on: Callback<Action>,
    /// Something is wanted: a link.
    pub on_take: Callback<Take>,
    /// The language of its words.
    pub language: Language,
}

/// The two things to try, and how far one is with the one that was begun.
#[component]
pub fn ChallengePane(props: &ChallengeProps) -> Html {
    let quest = props.standing.as_ref().map(|standing| standing.quest);
    let choice = |of: Quest| {
        let onclick = props.on.reform(move |_: MouseEvent| Action::Challenge(Try::Begin(of)));
        let pressed = quest.map(|quest| (quest == of).to_string());
        html! {
            <button aria-pressed={pressed} {onclick}>{ t!(format!("challenge.{}", of.id())) }</button>
        }
    };
    let body = match &props.standing {
        None => intro(),
        Some(standing) if standing.quest == Quest::Break => to_break(props, standing),
        Some(standing) => to_mend(props, standing),
    };
    html! {
        <div class="challenge">
            <div class="switch">{ for Quest::ALL.map(choice) }</div>
            { body }
            { links(props) }
        </div>
    }
}

fn intro() -> Html {
    let of = |quest: Quest| {
        html! {
            <p class="summary">
                <strong>{ t!(format!("challenge.{}", quest.id())) }</strong>
                { t!(format!("challenge.{}_intro", quest.id())) }
            </p>
        }
    };
    html! { <>{ for Quest::ALL.map(of) }</> }
}

fn to_break(props: &ChallengeProps, standing: &Standing) -> Html {
    let is_solved = standing.broken_in.is_some();
    let par =
        standing.par.map_or_else(|| t!("challenge.counting").into_owned(), |par| par.to_string());
    let over = props.on.reform(|_: MouseEvent| Action::Challenge(Try::Begin(Quest::Break)));
    let ways = words::ways(standing).filter(|_| !props.hides);
    html! {
        <>
            { goal(props, Quest::Break) }
            if let Some(ways) = ways { <p class="summary">{ ways }</p> }
            <div class="row">
                <dl>
                    <div><dt>{ t!("challenge.steps") }</dt><dd>{ props.n_steps }</dd></div>
                    <div title={t!("challenge.par_title")}>
                        <dt>{ t!("challenge.par") }</dt><dd>{ par }</dd>
                    </div>
                </dl>
                <button onclick={over}>{ t!("challenge.over") }</button>
            </div>
            if is_solved {
                { verdict(true, words::standing(standing), prove(props)) }
            } else if props.ended {
                { verdict(false, t!("challenge.went_well").into_owned(), Html::default()) }
            }
            { hints(props, &props.challenge.to_break) }
            { props.children.clone() }
        </>
    }
}

fn to_mend(props: &ChallengeProps, standing: &Standing) -> Html {
    let (mend, language) = (props.challenge.mend, props.language);
    let chosen = props.scenario.values.choice(mend);
    let on = props.on.clone();
    let onchange = move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        on.emit(Action::Set(Set::Param(mend, select.value())));
    };
    let option = |option: &Choice| {
        html! {
            <option value={option.id} selected={option.id == chosen.id}>
                { language.of(option.title) }
            </option>
        }
    };
    let param = props.scenario.lesson().params.iter().find(|param| param.id == mend);
    let title = param.map_or("", |param| language.of(param.title));
    let check = props.on.reform(|_: MouseEvent| Action::Challenge(Try::Check));
    let watch = props.on.reform(|_: MouseEvent| Action::Challenge(Try::Watch));
    let label = match standing.answer {
        Answer::Unknown if props.checks => "challenge.checking",
        _ => "challenge.check",
    };
    let more = match standing.answer {
        Answer::Mended => prove(props),
        Answer::Fails if !props.hides => html! {
            <button aria-busy={props.seeks.then_some("true")} onclick={watch}>
                { t!("challenge.watch") }
            </button>
        },
        _ => Html::default(),
    };
    html! {
        <>
            { goal(props, Quest::Mend) }
            <label class="field wide">
                <span>{ title }</span>
                <select name="mend" {onchange}>
                    { for props.challenge.choices().iter().map(option) }
                </select>
            </label>
            <p class="summary">{ language.of(chosen.summary) }</p>
            <div class="row">
                <button class="primary" onclick={check}>{ t!(label) }</button>
                if standing.n_executions > 0 {
                    <dl>
                        <div>
                            <dt>{ t!("explore.n") }</dt>
                            <dd>{ words::count(standing.n_executions) }</dd>
                        </div>
                    </dl>
                }
            </div>
            if standing.answer != Answer::Unknown {
                { verdict(standing.answer == Answer::Mended, words::standing(standing), more) }
            }
            { hints(props, &[props.challenge.to_mend]) }
        </>
    }
}

fn goal(props: &ChallengeProps, quest: Quest) -> Html {
    let promised = props.language.of(props.scenario.lesson().property.text);
    html! { <p class="goal">{ words::goal(quest, promised) }</p> }
}

fn verdict(good: bool, text: String, more: Html) -> Html {
    let class = classes!("verdict", if good { "good" } else { "bad" });
    html! {
        <div {class}>
            <p><span aria-hidden="true">{ if good { "✓ " } else { "✕ " } }</span>{ text }</p>
            { more }
        </div>
    }
}

/// The link holds the choices, and whoever opens it runs or checks them again.
fn prove(props: &ChallengeProps) -> Html {
    let onclick = props.on_take.reform(|_: MouseEvent| Take::Link);
    html! { <button class="primary" {onclick}>{ t!("challenge.prove") }</button> }
}

fn hints(props: &ChallengeProps, hints: &[Text]) -> Html {
    if props.hides {
        return html! { <p class="summary">{ t!("challenge.hidden") }</p> };
    }
    let hint = |(idx, hint): (usize, &Text)| {
        let title = if idx == 0 { "challenge.hint" } else { "challenge.another" };
        html! {
            // Another challenge's hints are closed again.
            <details key={props.language.of(*hint)}>
                <summary>{ t!(title) }</summary>
                <p>{ props.language.of(*hint) }</p>
            </details>
        }
    };
    html! { <div class="hints">{ for hints.iter().enumerate().map(hint) }</div> }
}

fn links(props: &ChallengeProps) -> Html {
    let take = |take: Take| props.on_take.reform(move |_: MouseEvent| take);
    html! {
        <div class="row links">
            <button class="quiet" onclick={take(Take::Link)}>{ t!("bar.copy") }</button>
            <button class="quiet" title={t!("challenge.teach_title")}
                onclick={take(Take::TeachersLink)}>{ t!("challenge.teach") }</button>
        </div>
    }
}
