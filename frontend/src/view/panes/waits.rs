//! How often and how long everybody waited, in any lesson.

use std::rc::Rc;

use engine::log::Names;
use engine::world::ActorId;
use rust_i18n::t;
use yew::prelude::*;

use crate::intent::{Language, Take};
use crate::recording::Frame;
use crate::words;

/// What everybody waited.
#[derive(Properties, PartialEq)]
pub struct WaitsProps {
    /// The picture.
    pub frame: Rc<Frame>,
    /// The names in it.
    pub names: Rc<Names>,
    /// How many events of a real run are missing.
    pub n_lost: u64,
    /// The trace is wanted as a file.
    pub on_take: Callback<Take>,
    /// The language of its words.
    pub language: Language,
}

/// Waits: how many, the longest, all of them.
#[component]
pub fn WaitsPane(props: &WaitsProps) -> Html {
    let WaitsProps { frame, names, .. } = props;
    let now_ns = frame.scene.time_ns;
    let of = |idx: usize| frame.waits.actors.get(idx).copied().unwrap_or_default();
    let n_actors = frame.scene.actors.len();
    let longest_ns = (0..n_actors).map(|idx| of(idx).longest_at(now_ns)).max().unwrap_or(0);
    let total_of = |idx: usize| {
        let waits = of(idx);
        waits.total_ns + waits.since_ns.map_or(0, |since| now_ns.saturating_sub(since))
    };
    let rows = (0..n_actors).map(|idx| {
        let waits = of(idx);
        let share = 100 * waits.longest_at(now_ns) / longest_ns.max(1);
        html! {
            <tr key={idx}>
                <th scope="row">{ words::actor_caption(names, ActorId(idx as u16)) }</th>
                <td>{ waits.n }</td>
                <td class="share" style={format!("--share:{share}%")}>
                    { ms(waits.longest_at(now_ns)) }
                </td>
                <td>{ ms(total_of(idx)) }</td>
            </tr>
        }
    });
    let n_waits: u32 = (0..n_actors).map(|idx| of(idx).n).sum();
    html! {
        <div class="counts">
            <dl>
                <div><dt>{ t!("count.waits_all") }</dt><dd>{ n_waits }</dd></div>
                <div>
                    <dt>{ t!("count.time_all") }</dt>
                    <dd>{ ms((0..n_actors).map(total_of).sum()) }</dd>
                </div>
                <div><dt>{ t!("count.time") }</dt><dd>{ ms(now_ns) }</dd></div>
            </dl>
            if props.n_lost > 0 { <p class="summary">{ t!("threads.lost", n = props.n_lost) }</p> }
            <table>
                <thead><tr>
                    <th scope="col">{ t!("count.actor") }</th>
                    <th scope="col">{ t!("count.waits") }</th>
                    <th scope="col">{ t!("count.longest") }</th>
                    <th scope="col">{ t!("count.all") }</th>
                </tr></thead>
                <tbody>{ for rows }</tbody>
            </table>
            <button class="trace" onclick={props.on_take.reform(|_: MouseEvent| Take::TraceFile)}>
                { t!("count.trace") }
            </button>
        </div>
    }
}

fn ms(ns: u64) -> String {
    format!("{} ms", words::millis(ns))
}
