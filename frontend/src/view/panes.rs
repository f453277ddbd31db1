//! The side panes: who could go next, what everybody got, and the homework's list.

use std::rc::Rc;

use engine::log::{Activity, Names};
use engine::philosophers::{Action as Line, Phase};
use engine::world::ActorId;
use rust_i18n::t;
use yew::prelude::*;

use crate::intent::{Language, Take};
use crate::recording::Frame;
use crate::words;

/// What is known of everybody's next step.
#[derive(Properties, PartialEq)]
pub struct NextProps {
    /// The picture.
    pub frame: Rc<Frame>,
    /// The names in it.
    pub names: Rc<Names>,
    /// Whether a choice can be made: the run is one of the model.
    pub can_pick: bool,
    /// Whether the run is over at this step.
    pub ended: bool,
    /// How many choices led here.
    pub n_picks: usize,
    /// Somebody was chosen.
    pub on_pick: Callback<ActorId>,
    /// No choices any more.
    pub on_forget: Callback<()>,
    /// The language of its words.
    pub language: Language,
}

/// Everybody, with what they are about to do or why they cannot.
#[component]
pub fn NextPane(props: &NextProps) -> Html {
    let NextProps { frame, names, .. } = props;
    let scene = &frame.scene;
    let may_pick = props.can_pick && !props.ended;
    let actors = scene.actors.iter().enumerate().map(|(idx, actor)| {
        let id = ActorId(idx as u16);
        let (name, outlook) = (words::actor(names, id), words::outlook(names, scene, id));
        let ready = actor.activity == Activity::Ready;
        let phase = Phase::from_number(actor.phase);
        let on_pick = may_pick.then(|| props.on_pick.clone());
        html! { <Row key={idx} {id} {name} {outlook} {phase} {ready} {on_pick} /> }
    });
    let someone_sleeps =
        scene.actors.iter().any(|actor| matches!(actor.activity, Activity::Sleeping(_)));
    let on_pick = props.on_pick.clone();
    let intro = match (props.can_pick, props.ended) {
        (false, _) => t!("threads.recorded"),
        (true, true) => t!("next.ended"),
        (true, false) => t!("next.intro"),
    };
    html! {
        <div class="next">
            <p class="summary">{ intro }</p>
            if props.n_picks > 0 && props.can_pick {
                <p class="picked">
                    { t!("next.picked", n = props.n_picks) }
                    <button onclick={props.on_forget.reform(|_: MouseEvent| ())}>{ t!("next.forget") }</button>
                </p>
            }
            <ul>{ for actors }</ul>
            if may_pick && someone_sleeps {
                <button class="time" onclick={move |_| on_pick.emit(ActorId::CLOCK)}>
                    { t!("next.clock") }
                </button>
            }
        </div>
    }
}

/// One of them. Drawn anew only when it has changed, for there may be a hundred.
#[derive(Properties, PartialEq)]
struct RowProps {
    id: ActorId,
    name: String,
    outlook: String,
    phase: Phase,
    ready: bool,
    /// Where a choice can be made.
    on_pick: Option<Callback<ActorId>>,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let RowProps { id, name, outlook, phase, ready, on_pick } = props;
    let class = classes!(Phase::NAMES[*phase as usize], (!ready).then_some("stuck"));
    let id = *id;
    html! {
        <li {class}>
            <span class="dot" aria-hidden="true" />
            <span class="who">{ name }</span>
            <span class="outlook">{ outlook }</span>
            if let Some(on_pick) = on_pick.clone() {
                <button disabled={!ready} aria-label={t!("next.go_who", who = name)}
                    onclick={move |_| on_pick.emit(id)}>{ t!("next.go") }</button>
            }
        </li>
    }
}

/// What everybody got.
#[derive(Properties, PartialEq)]
pub struct CountsProps {
    /// The picture.
    pub frame: Rc<Frame>,
    /// Whether time is the model's.
    pub virtual_time: bool,
    /// How many events of a real run are missing.
    pub n_lost: u64,
    /// The language of its words.
    pub language: Language,
}

/// Meals, waits, hunger; rate and fairness.
#[component]
pub fn CountsPane(props: &CountsProps) -> Html {
    let tally = &props.frame.tally;
    let now_ns = props.frame.scene.time_ns;
    let per_second = f64::from(tally.n_meals()) / (now_ns as f64 / 1e9);
    let rate = if now_ns == 0 { "–".to_owned() } else { format!("{per_second:.1}") };
    let rate_name = if props.virtual_time { "count.rate_model" } else { "count.rate" };
    let hungriest_ns =
        tally.hungriest(now_ns).map(|id| tally.seats[id.idx()].longest_hunger_at(now_ns));
    let rows = tally.seats.iter().enumerate().map(|(idx, seat)| {
        let hunger_ns = seat.longest_hunger_at(now_ns);
        let share = 100 * hunger_ns / hungriest_ns.unwrap_or(1).max(1);
        html! {
            <tr key={idx}>
                <th scope="row">{ idx }</th>
                <td>{ seat.meals }</td>
                <td>{ seat.waits }</td>
                <td class="share" style={format!("--share:{share}%")}>{ words::millis(hunger_ns) }{ " ms" }</td>
            </tr>
        }
    });
    html! {
        <div class="counts">
            <dl>
                <div><dt>{ t!("count.total") }</dt><dd>{ tally.n_meals() }</dd></div>
                <div><dt>{ t!(rate_name) }</dt><dd>{ rate }</dd></div>
                <div title={t!("count.fairness_title")}>
                    <dt>{ t!("count.fairness") }</dt>
                    <dd>{ format!("{:.2}", tally.fairness(now_ns)) }</dd>
                </div>
            </dl>
            if props.n_lost > 0 { <p class="summary">{ t!("threads.lost", n = props.n_lost) }</p> }
            <table>
                <thead><tr>
                    <th scope="col">{ t!("count.seat") }</th>
                    <th scope="col">{ t!("count.meals") }</th>
                    <th scope="col">{ t!("count.waits") }</th>
                    <th scope="col">{ t!("count.hunger") }</th>
                </tr></thead>
                <tbody>{ for rows }</tbody>
            </table>
        </div>
    }
}

/// The end of the homework's list.
#[derive(Properties, PartialEq)]
pub struct ActionsProps {
    /// Its last lines up to the step.
    pub lines: Rc<[Line]>,
    /// How many there are up to the step.
    pub n: usize,
    /// How many there are in the whole run.
    pub all: usize,
    /// Something is wanted, in the clipboard or as a file.
    pub on_take: Callback<Take>,
    /// The language of its words.
    pub language: Language,
}

/// How many lines of the list are shown at a time.
pub const LINES_SHOWN: usize = 40;

/// The homework's list as it grows, newest first.
#[component]
pub fn ActionsPane(props: &ActionsProps) -> Html {
    let first = props.n - props.lines.len();
    let lines = props.lines.iter().enumerate().rev().map(|(idx, [who, fork, action])| {
        html! { <li key={first + idx}>{ format!("[{who}, {fork}, {action}]") }</li> }
    });
    let button = |label: &'static str, take: Take| {
        html! { <button onclick={props.on_take.reform(move |_: MouseEvent| take)}>{ t!(label) }</button> }
    };
    html! {
        <div class="actions">
            <p class="summary">{ t!("list.intro") }</p>
            <div class="row">
                { button("list.copy", Take::List) }
                { button("list.download", Take::ListFile) }
                { button("list.trace", Take::TraceFile) }
            </div>
            <p>{ t!("list.count", n = props.n, all = props.all) }</p>
            <ol class="lines" reversed=true start={props.n.to_string()} tabindex="0"
                aria-label={t!("tab.actions")}>{ for lines }</ol>
        </div>
    }
}
