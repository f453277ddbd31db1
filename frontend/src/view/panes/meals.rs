//! What everybody got at the table.

use std::rc::Rc;

use rust_i18n::t;
use yew::prelude::*;

use crate::intent::Language;
use crate::recording::Frame;
use crate::words;

/// What everybody got.
#[derive(Properties, PartialEq)]
pub struct MealsProps {
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
pub fn MealsPane(props: &MealsProps) -> Html {
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
