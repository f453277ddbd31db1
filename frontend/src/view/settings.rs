//! The form in which the program and its schedule are chosen, drawn from the catalogue.

use engine::lessons::{Kind, Param, Policy, Scenario};
use engine::model::Grain;
use rust_i18n::t;
use web_sys::{HtmlAnchorElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::bridge::{self, Workers};
use crate::intent::{Action, Language, Page, Place, Set};

/// What is chosen now.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The lesson, its values and its schedule.
    pub scenario: Scenario,
    /// Where it runs.
    pub place: Place,
    /// How the workers are.
    pub workers: Workers,
    /// Whether threads are at work.
    pub live: bool,
    /// Something was done.
    pub on: Callback<Action>,
    /// The threads shall stop.
    pub on_stop: Callback<()>,
    /// The language of its words.
    pub language: Language,
}

/// Parameters of the lesson, world, schedule.
#[component]
pub fn Settings(props: &Props) -> Html {
    let Props { scenario, language, on, .. } = props;
    let params = scenario.lesson().params.iter().filter(|param| scenario.values.matters(param));
    let params = params.map(|param| field(props, param));
    let in_model = props.place == Place::Model;
    let policy = {
        let on = on.clone();
        move |id: String| {
            let policy =
                Policy::ALL.into_iter().chain([Policy::Person]).find(|policy| policy.id() == id);
            policy.into_iter().for_each(|policy| on.emit(Action::Set(Set::Policy(policy))));
        }
    };
    let grain = {
        let on = on.clone();
        move |id: String| {
            let grain = if id == "words" { Grain::Words } else { Grain::Operations };
            on.emit(Action::Set(Set::Grain(grain)));
        }
    };
    let spurious = {
        let on = on.clone();
        move |id: String| on.emit(Action::Set(Set::Spurious(id == "yes")))
    };
    let wakeups = ["no", "yes"].map(|id| (id, t!(format!("set.spurious_{id}")).into_owned()));
    let spurious_id = if scenario.spurious { "yes" } else { "no" };
    let grain_id = if scenario.grain == Grain::Words { "words" } else { "ops" };
    let [a, b, c] = Policy::ALL;
    let policies = [a, b, c, Policy::Person].map(|policy| {
        (policy.id(), t!(format!("set.policy_{}", policy.id().replace('-', "_"))).into_owned())
    });
    let grains = ["ops", "words"].map(|id| (id, t!(format!("set.grain_{id}")).into_owned()));
    let restart = on.reform(|_: MouseEvent| Action::Set(Set::Restart));
    let new_seed = {
        let seed = scenario.seed;
        on.reform(move |_: MouseEvent| Action::Set(Set::Seed(seed.wrapping_add(1))))
    };
    html! {
        <form class="settings" onsubmit={|event: SubmitEvent| event.prevent_default()}
            aria-label={t!("set.title")}>
            <PlaceSwitch place={props.place} workers={props.workers.clone()} live={props.live}
                on={on.clone()} on_stop={props.on_stop.clone()} language={*language} />
            { for params }
            if in_model {
                { select("policy", false, &t!("set.policy"), &policies, scenario.policy.id(), policy) }
                { select("grain", false, &t!("set.grain"), &grains, grain_id, grain) }
            }
            if in_model && scenario.grain == Grain::Words {
                { select("spurious", true, &t!("set.spurious"), &wakeups, spurious_id, spurious) }
            }
            { seed(props) }
            <div class="row">
                <button class="primary" type="button" onclick={restart}>{ t!("set.restart") }</button>
                <button type="button" title={t!("set.restart_hint")} onclick={new_seed}>
                    { t!("set.new_seed") }
                </button>
            </div>
        </form>
    }
}

fn field(props: &Props, param: &'static Param) -> Html {
    let Props { scenario, language, on, .. } = props;
    let title = language.of(param.title);
    let text = scenario.values.text(param.id);
    match param.kind {
        Kind::Choice { options, .. } => {
            let labels: Vec<_> = options
                .iter()
                .map(|option| (option.id, language.of(option.title).to_owned()))
                .collect();
            let on = on.clone();
            let set = move |id: String| on.emit(Action::Set(Set::Param(param.id, id)));
            let summary = language.of(scenario.values.choice(param.id).summary);
            html! {
                <>
                    { select(param.id, true, title, &labels, &text, set) }
                    <p class="summary">{ summary }</p>
                </>
            }
        }
        Kind::Number { min, max, max_real, unit, .. } => {
            let max = if props.place == Place::Threads { max_real } else { max };
            let on = on.clone();
            let set = move |text: String| on.emit(Action::Set(Set::Param(param.id, text)));
            number(props, param.id, title, unit, [min.into(), max.into()], text, set)
        }
    }
}

fn seed(props: &Props) -> Html {
    let on = props.on.clone();
    let set = move |text: String| {
        let seed = text.parse().ok();
        seed.into_iter().for_each(|seed| on.emit(Action::Set(Set::Seed(seed))));
    };
    // As many as a number field keeps exact.
    let range = [0, (1 << 53) - 1];
    number(props, "seed", &t!("set.seed"), "", range, props.scenario.seed.to_string(), set)
}

/// A number with its range. What is out of range is told, and the field goes back.
fn number(
    props: &Props,
    id: &'static str,
    title: &str,
    unit: &'static str,
    [min, max]: [u64; 2],
    value: String,
    set: impl Fn(String) + 'static,
) -> Html {
    let (on, before, label) = (props.on.clone(), value.clone(), title.to_owned());
    let onchange = move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let text = input.value();
        if text.parse::<u64>().is_ok_and(|number| (min..=max).contains(&number)) {
            set(text);
        } else {
            input.set_value(&before);
            let range = t!("set.invalid", min = min, max = max);
            on.emit(Action::Page(Page::Notice(Some(format!("{label}: {range}")))));
        }
    };
    html! {
        <label class="field">
            <span>{ title }</span>
            <span class="input">
                <input name={id} type="number" inputmode="numeric" min={min.to_string()}
                    max={max.to_string()} step="1" {value} {onchange} />
                if !unit.is_empty() { <span class="unit">{ unit }</span> }
            </span>
        </label>
    }
}

fn select(
    id: &'static str,
    wide: bool,
    title: &str,
    options: &[(&'static str, String)],
    value: &str,
    set: impl Fn(String) + 'static,
) -> Html {
    let onchange = move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        set(select.value());
    };
    let options = options.iter().map(|(id, label)| {
        html! { <option value={*id} selected={*id == value}>{ label }</option> }
    });
    html! {
        <label class={classes!("field", wide.then_some("wide"))}>
            <span>{ title }</span>
            <select name={id} {onchange}>{ for options }</select>
        </label>
    }
}

#[derive(Properties, PartialEq)]
struct PlaceProps {
    place: Place,
    workers: Workers,
    live: bool,
    on: Callback<Action>,
    on_stop: Callback<()>,
    language: Language,
}

/// Model or real threads; where threads cannot be had, what is missing and what to do.
#[component]
fn PlaceSwitch(props: &PlaceProps) -> Html {
    let explains = use_state(|| false);
    let choose = |place: Place| {
        let (on, explains) = (props.on.clone(), explains.clone());
        move |_: MouseEvent| {
            let missing = place == Place::Threads && !bridge::is_isolated();
            explains.set(missing);
            if !missing {
                on.emit(Action::Set(Set::Place(place)));
            }
        }
    };
    let option = |place: Place, label: &'static str| {
        let pressed = (props.place == place).to_string();
        html! {
            <button type="button" aria-pressed={pressed} onclick={choose(place)}>{ t!(label) }</button>
        }
    };
    let state = match &props.workers {
        Workers::Starting => Some(t!("threads.starting").into_owned()),
        Workers::Failed(why) => Some(t!("threads.failed", why = why).into_owned()),
        _ if props.live => Some(t!("threads.running").into_owned()),
        _ => None,
    };
    html! {
        <fieldset class="place">
            <legend>{ t!("set.world") }</legend>
            <div class="switch">
                { option(Place::Model, "set.world_model") }
                { option(Place::Threads, "set.world_threads") }
            </div>
            if *explains {
                <div class="explain" role="status">
                    <p>{ t!("threads.missing") }</p>
                    <p>{ t!("threads.todo") }</p>
                    <a href={bridge::own_address()} target="_blank" rel="noopener"
                        onclick={|event: MouseEvent| {
                            // As it is by then: the player may have moved on.
                            let link: HtmlAnchorElement = event.target_unchecked_into();
                            link.set_href(&bridge::own_address());
                        }}>{ t!("threads.open") }</a>
                </div>
            }
            if props.place == Place::Threads {
                if let Some(state) = state {
                    <p class="summary" role="status">{ state }</p>
                }
                if props.live {
                    <button type="button" onclick={props.on_stop.reform(|_: MouseEvent| ())}>
                        { t!("threads.stop") }
                    </button>
                }
            }
        </fieldset>
    }
}
