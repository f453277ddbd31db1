//! The table, its philosophers and its forks, as a keyed SVG drawing.

use std::rc::Rc;

use engine::log::{Activity, Deadlock, Names, Scene};
use engine::philosophers::{Phase, SeatTally};
use engine::world::{ActorId, ObjectId};
use rust_i18n::t;
use yew::prelude::*;

use crate::geometry::{ForkAt, LARGEST_SEAT, Layout};
use crate::intent::Language;
use crate::recording::Frame;
use crate::words;

/// Up to how many seats there is room for words in them.
pub const WORDS_UP_TO: u16 = 12;

/// Up to how many seats there is room for numbers.
const NUMBERS_UP_TO: u16 = 32;

/// The picture at one step.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The picture.
    pub frame: Rc<Frame>,
    /// The names in it.
    pub names: Rc<Names>,
    /// How many sit at the table.
    pub n_seats: u16,
    /// How often each one eats.
    pub meals: u32,
    /// The cycle to show, when the run is at its end and has one.
    pub deadlock: Option<Rc<Deadlock>>,
    /// Whether forks glide to where they belong.
    pub glide: bool,
    /// Whether a click may choose who goes next.
    pub can_pick: bool,
    /// Somebody was chosen.
    pub on_pick: Callback<ActorId>,
    /// The language of the words in it.
    pub language: Language,
}

/// The table with everything on it.
#[component]
pub fn Table(props: &Props) -> Html {
    let Props { frame, names, n_seats, .. } = props;
    let layout = Layout::new(*n_seats);
    let now_ns = frame.scene.time_ns;
    let longest_ns =
        frame.tally.seats.iter().map(|seat| seat.longest_hunger_at(now_ns)).max().unwrap_or(0);
    let seats = (0..*n_seats).map(|idx| {
        let actor = frame.scene.actors.get(usize::from(idx)).cloned().unwrap_or_default();
        let tally = frame.tally.seats.get(usize::from(idx)).copied().unwrap_or_default();
        let hungry_ns = tally.hungry_since_ns.map_or(0, |since| now_ns.saturating_sub(since));
        // In sixteenths, so that a seat is drawn anew only when one can see it.
        let hunger = (hungry_ns * 16).checked_div(longest_ns).unwrap_or(0) as u8;
        let in_cycle = props
            .deadlock
            .as_ref()
            .is_some_and(|deadlock| deadlock.cycle.iter().any(|link| link.actor == ActorId(idx)));
        let waits = matches!(actor.activity, Activity::Blocked(_));
        let can_go = props.can_pick && actor.activity == Activity::Ready;
        let phase = Phase::from_number(actor.phase);
        let (meals, on_pick, language) = (props.meals, props.on_pick.clone(), props.language);
        html! {
            <Seat key={format!("s{idx}")} {idx} {n_seats} {phase} {waits} {hunger} {in_cycle}
                {can_go} {tally} {meals} {on_pick} {language} />
        }
    });
    let forks = fork_places(&frame.scene, names, *n_seats).into_iter().enumerate();
    let forks = forks.map(|(idx, at)| {
        html! { <Fork key={format!("f{idx}")} idx={idx as u16} {n_seats} {at} /> }
    });
    let arrows = arrows(&frame.scene, names, *n_seats, props.deadlock.as_deref());
    let arrows = arrows.into_iter().map(|(from, to, class)| {
        html! {
            <path key={format!("a{from}-{to}")} class={classes!("arrow", class)}
                d={layout.arrow(from, to)} marker-end={format!("url(#tip-{class})")} />
        }
    });
    let reach = layout.reach();
    let view_box = format!("{:.0} {:.0} {:.0} {:.0}", -reach, -reach, 2.0 * reach, 2.0 * reach);
    let class = classes!("table", props.glide.then_some("glide"));
    html! {
        <svg {class} viewBox={view_box} role="group" aria-label={t!("table.label")}>
            <defs>
                { for ["waits", "cycle"].map(tip) }
            </defs>
            <circle class="top" r={layout.table_radius().to_string()} />
            <g class="plates">{ for (0..*n_seats).map(|idx| plate(layout, idx)) }</g>
            <g>{ for seats }</g>
            <g>{ for arrows }</g>
            <g>{ for forks }</g>
            <g class="middle" aria-hidden="true">
                <text class="clock" y="8">{ words::millis(now_ns) }{ " ms" }</text>
                if props.deadlock.is_some() {
                    <text class="verdict" y="60">{ t!("end.deadlock") }</text>
                }
            </g>
        </svg>
    }
}

fn tip(class: &'static str) -> Html {
    html! {
        <marker id={format!("tip-{class}")} class={format!("tip {class}")} viewBox="0 0 10 10"
            refX="8" refY="5" markerWidth="5.5" markerHeight="5.5" orient="auto-start-reverse">
            <path d="M0 0L10 5L0 10z" />
        </marker>
    }
}

fn plate(layout: Layout, idx: u16) -> Html {
    let at = layout.plate(idx);
    html! {
        <circle key={idx} class="plate" cx={at.x.to_string()} cy={at.y.to_string()}
            r={layout.plate_radius().to_string()} />
    }
}

/// Where each fork is.
fn fork_places(scene: &Scene, names: &Names, n_seats: u16) -> Vec<ForkAt> {
    let mut places = vec![ForkAt::Table; usize::from(n_seats)];
    for (id, idx) in forks(names) {
        if let (Some([holder, ..]), Some(place)) =
            (scene.holdings.holders(id).get(..1), places.get_mut(usize::from(idx)))
        {
            let seat = holder.0;
            *place = if seat == idx { ForkAt::RightOf(seat) } else { ForkAt::LeftOf(seat) };
        }
    }
    places
}

fn forks(names: &Names) -> impl Iterator<Item = (ObjectId, u16)> + '_ {
    names.objects.iter().enumerate().filter_map(|(id, (_, label))| {
        (label.name == "fork").then_some((ObjectId(id as u16), label.idx))
    })
}

/// Who waits for whom: the cycle, and everybody else who waits. One who waits for something that
/// nobody holds (a turn) waits for those who hold his forks.
fn arrows(
    scene: &Scene,
    names: &Names,
    n_seats: u16,
    deadlock: Option<&Deadlock>,
) -> Vec<(u16, u16, &'static str)> {
    let cycle = deadlock.map_or(&[][..], |deadlock| &deadlock.cycle);
    let mut arrows: Vec<(u16, u16, &str)> = Vec::new();
    let mut add = |from: u16, to: u16, class| {
        if from == to || to >= n_seats {
            return;
        }
        match arrows.iter_mut().find(|arrow| (arrow.0, arrow.1) == (from, to)) {
            Some(known) if class == "cycle" => known.2 = class,
            Some(_) => {}
            None => arrows.push((from, to, class)),
        }
    };
    for link in scene.waits().blocked {
        let class = if cycle.contains(&link) { "cycle" } else { "waits" };
        let from = link.actor.0;
        match link.holder {
            Some(holder) => add(from, holder.0, class),
            None => {
                let own = [from, (from + 1) % n_seats];
                let holders = forks(names)
                    .filter(|(_, idx)| own.contains(idx))
                    .filter_map(|(id, _)| scene.holdings.holders(id).first());
                holders.for_each(|holder| add(from, holder.0, class));
            }
        }
    }
    arrows
}

#[derive(Properties, PartialEq)]
struct ForkProps {
    idx: u16,
    n_seats: u16,
    at: ForkAt,
}

#[component]
fn Fork(props: &ForkProps) -> Html {
    let layout = Layout::new(props.n_seats);
    let (at, degrees) = layout.fork(props.idx, props.at);
    let scale = layout.seat_radius() / LARGEST_SEAT;
    let style = format!(
        "transform:translate({:.1}px,{:.1}px) rotate({degrees:.1}deg) scale({scale:.3})",
        at.x, at.y
    );
    let held = (props.at != ForkAt::Table).then_some("held");
    html! {
        <g class={classes!("fork", held)} {style}>
            <path d="M0 46V-6M-11 -40V-16Q-11 -5 0 -5Q11 -5 11 -16V-40M0 -40V-6" />
            if props.n_seats <= NUMBERS_UP_TO {
                // Upright, whichever way the fork points.
                <text style={format!("transform:translate(0,-66px) rotate({:.1}deg)", -degrees)}
                    y="8">{ props.idx }</text>
            }
        </g>
    }
}

#[derive(Properties, PartialEq)]
struct SeatProps {
    idx: u16,
    n_seats: u16,
    phase: Phase,
    waits: bool,
    hunger: u8,
    in_cycle: bool,
    can_go: bool,
    tally: SeatTally,
    meals: u32,
    on_pick: Callback<ActorId>,
    language: Language,
}

#[component]
fn Seat(props: &SeatProps) -> Html {
    let SeatProps { idx, phase, tally, .. } = props;
    let layout = Layout::new(props.n_seats);
    let (at, radius) = (layout.seat(*idx), layout.seat_radius());
    let who = t!("name.philosopher", n = idx);
    let words = words::phase(*phase);
    let title =
        t!("table.seat", who = who, phase = words, meals = tally.meals, waits = tally.waits);
    let on_pick = props.can_go.then(|| {
        let (on_pick, actor) = (props.on_pick.clone(), ActorId(*idx));
        Callback::from(move |_: MouseEvent| on_pick.emit(actor))
    });
    let class = classes!(
        "seat",
        Phase::NAMES[*phase as usize],
        props.waits.then_some("waits"),
        props.in_cycle.then_some("in-cycle"),
        props.can_go.then_some("can-go"),
    );
    // Too small for words: the more goes on, the larger, so that colour is not the only sign.
    let has_words = props.n_seats <= WORDS_UP_TO;
    let body = if has_words { radius } else { radius * size_of(*phase) };
    let ring = radius + 5.0;
    let round = std::f64::consts::TAU * ring;
    let dash = format!("{:.1} {round:.1}", round * f64::from(props.hunger) / 16.0);
    html! {
        <g {class} role="img" aria-label={title.clone()} onclick={on_pick}>
            <title>{ title }</title>
            <circle class="body" cx={at.x.to_string()} cy={at.y.to_string()} r={body.to_string()} />
            if props.hunger > 0 {
                <circle class="hunger" r={ring.to_string()} stroke-dasharray={dash}
                    transform={format!("translate({} {}) rotate(-90)", at.x, at.y)} />
            }
            if props.n_seats <= NUMBERS_UP_TO {
                <text class="number" x={at.x.to_string()} y={at.y.to_string()}
                    dy={if has_words { "-0.16em" } else { "0.35em" }}
                    font-size={(radius * 0.56).to_string()}>{ idx }</text>
            }
            if has_words {
                <text class="phase" x={at.x.to_string()} y={(at.y + radius * 0.28).to_string()}
                    font-size={(radius * 0.3).to_string()}>{ words }</text>
                <text class="counts" x={at.x.to_string()} y={(at.y + radius * 0.64).to_string()}
                    font-size={(radius * 0.27).to_string()}>
                    { format!("{}/{} · {}", tally.meals, props.meals, tally.waits) }
                </text>
            }
        </g>
    }
}

/// How large the body of a small seat is, as a share of its radius.
fn size_of(phase: Phase) -> f64 {
    match phase {
        Phase::Eating => 1.0,
        Phase::Hungry => 0.84,
        Phase::Thinking => 0.64,
        Phase::Done => 0.4,
    }
}
