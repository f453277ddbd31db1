//! Small signs: states have a shape beside their colour.

use engine::log::Activity;
use engine::world::ObjectKind;
use yew::prelude::*;

/// The sign of what an actor is up to.
pub fn of_activity(activity: Activity, runs: bool) -> Html {
    let d = match activity {
        Activity::Unborn => "M8 3a5 5 0 1 0 .01 0z",
        Activity::Ready if runs => "M4 2.5v11l9 -5.5z",
        Activity::Ready => "M5 3.5l6 4.5l-6 4.5",
        Activity::Blocked(_) => "M5.5 3v10M10.5 3v10",
        Activity::Sleeping(_) => "M9.8 2.4a6 6 0 1 0 4 7.6A4.8 4.8 0 0 1 9.8 2.4z",
        Activity::Finished => "M3 8.5l3.5 3.5l6.5 -8",
    };
    sign(d)
}

/// The sign of an object in its state; none where its picture is sign enough.
pub fn of_object(kind: ObjectKind, state: u32, is_held: bool) -> Option<Html> {
    let d = match kind {
        ObjectKind::Lock | ObjectKind::RLock if is_held => {
            "M3 7.5h10v6H3zM5 7.5V5a3 3 0 0 1 6 0v2.5"
        }
        ObjectKind::Lock | ObjectKind::RLock => "M3 7.5h10v6H3zM5 7.5V4.5a3 3 0 0 1 5.8 -1",
        ObjectKind::Barrier { .. } if state == 1 => "M2 3v10M14 3v10M7 2l2.5 4l-3.5 3.5l2.5 4.5",
        ObjectKind::Barrier { .. } => "M2 3v10M14 3v10M5 6h6M5 10h6",
        ObjectKind::ReadersWriter if !is_held => "M2 4h12v8H2z",
        ObjectKind::ReadersWriter if state == 1 => "M3 13l1 -3.5l7 -7l2.5 2.5l-7 7z",
        ObjectKind::ReadersWriter => {
            "M8 4.5C6 3 4 3 2 3.5v9c2 -.5 4 -.5 6 1c2 -1.5 4 -1.5 6 -1v-9c-2 -.5 -4 -.5 -6 1v9"
        }
        ObjectKind::Future | ObjectKind::Once => match (kind, state) {
            (_, 0) => "M8 3a5 5 0 1 0 .01 0z",
            (_, 1) => "M4 2.5v11l9 -5.5z",
            (_, 2) => "M3 8.5l3.5 3.5l6.5 -8",
            (_, 3) => "M4 4l8 8M12 4l-8 8",
            _ => "M3 8h10",
        },
        _ => return None,
    };
    Some(sign(d))
}

fn sign(d: &'static str) -> Html {
    html! { <svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path {d} /></svg> }
}
