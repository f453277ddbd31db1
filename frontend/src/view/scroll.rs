//! Scrolling inside a box, never of the page.

use web_sys::{HtmlElement, ScrollBehavior, ScrollToOptions};
use yew::NodeRef;

/// Scrolls a box so far that what is there of these selectors, the first before all others, is well
/// inside.
pub fn keep_in_view(outer: &NodeRef, selectors: &[&str]) {
    let Some(outer) = outer.cast::<HtmlElement>() else { return };
    let inner = selectors.iter().find_map(|it| outer.query_selector(it).ok().flatten());
    let Some(inner) = inner else { return };
    let (box_, it) = (outer.get_bounding_client_rect(), inner.get_bounding_client_rect());
    let down = way([box_.top(), box_.height()], [it.top(), it.height()]);
    let right = way([box_.left(), box_.width()], [it.left(), it.width()]);
    // Also where nothing is to be done: an earlier scroll may still be on its way elsewhere.
    let options = ScrollToOptions::new();
    options.set_top(f64::from(outer.scroll_top()) + down);
    options.set_left(f64::from(outer.scroll_left()) + right);
    if down.abs() > box_.height() {
        options.set_behavior(ScrollBehavior::Instant);
    }
    outer.scroll_to_with_scroll_to_options(&options);
}

/// How far to scroll in one direction, from where a box and what is in it begin, and how long they are.
fn way([outer, outer_length]: [f64; 2], [inner, length]: [f64; 2]) -> f64 {
    let margin = (outer_length / 5.0).min(60.0);
    let from = inner - outer;
    let is_inside = from >= margin && from + length <= outer_length - margin;
    if is_inside { 0.0 } else { from - outer_length * 0.4 }
}
