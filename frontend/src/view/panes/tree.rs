//! Where two actors could have gone: the executions as a tree, to look around in.

use std::fmt::Write;
use std::rc::Rc;

use engine::lessons::{Branch, Tree};
use engine::log::Names;
use gloo::utils::document;
use rust_i18n::t;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::intent::Language;
use crate::layout::{Bough, Boughs, Mark, open_at_first};
use crate::view::scroll::keep_in_view;
use crate::words;

/// The tree, and where one is in it.
#[derive(Properties, PartialEq)]
pub struct TreeProps {
    /// The tree. Where it has grown its branches have other numbers, and it is another one.
    pub tree: Rc<Tree>,
    /// Where the player stands in it.
    pub here: Here,
    /// The names in it.
    pub names: Rc<Names>,
    /// A place was chosen: a branch, and how many turns lead there.
    pub on_visit: Callback<(usize, usize)>,
    /// The language of its words.
    pub language: Language,
}

/// Where the player stands in the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Here {
    /// The last branch that its run goes through.
    pub branch: usize,
    /// After how many turns.
    pub n_turns: usize,
    /// Whether it goes on to where no execution of the tree does.
    pub is_beyond: bool,
}

/// What somebody has made of it.
#[derive(Clone, PartialEq)]
struct State {
    /// By number: which branches are open.
    open: Vec<bool>,
    focus: usize,
}

/// The executions as a tree.
#[component]
pub fn TreePane(props: &TreeProps) -> Html {
    let TreeProps { tree, here, names, on_visit, .. } = props;
    let state = use_state(|| State { open: open_at_first(tree), focus: 0 });
    let n_letters = |actor| words::initials(names, actor).chars().count();
    let boughs = Boughs::new(tree, &state.open, &n_letters);
    // What was closed is not seen, but what it grows from is.
    let seen = |mut number: usize| {
        while let Some(parent) = tree.branch(number).parent
            && boughs.all.iter().all(|bough| bough.number != number)
        {
            number = parent;
        }
        number
    };
    let (focus, here) = (seen(state.focus), Here { branch: seen(here.branch), ..*here });
    let change = {
        let state = state.clone();
        Callback::from(move |change: Change| {
            let mut new = (*state).clone();
            match change {
                Change::Focus(number) => new.focus = number,
                Change::Toggle(number) => new.open[number] = !new.open[number],
            }
            state.set(new);
        })
    };
    let onkeydown = {
        let (tree, all) = (tree.clone(), boughs.all.clone());
        let (on_visit, change) = (on_visit.clone(), change.clone());
        move |event: KeyboardEvent| {
            let Some(key) = key(&event, &tree, &all, focus) else { return };
            event.prevent_default();
            match key {
                Key::Focus(number) => focus_on(number),
                Key::Toggle => change.emit(Change::Toggle(focus)),
                Key::Visit => {
                    let branch = tree.branch(focus);
                    on_visit.emit((focus, branch.from + branch.turns.len()));
                }
            }
        }
    };
    let outer = use_node_ref();
    use_effect_with(here, {
        let outer = outer.clone();
        move |_| keep_in_view(&outer, &[".at", "[aria-current]"])
    });
    let bough = |bough: &Bough| item(props, bough, focus, here, &change);
    html! {
        <>
            <div class="boughs" ref={outer}>
                <div role="tree" aria-label={t!("tree.title")} {onkeydown}
                    style={format!("width:{:.2}em;height:{:.2}em", boughs.w, boughs.h)}>
                    // All in one list: whoever closes the root keeps the focus on it.
                    { for std::iter::once(lines(&boughs)).chain(boughs.all.iter().map(bough)) }
                </div>
            </div>
            <p class="summary" aria-hidden="true">{ words::branch(names, tree.branch(focus)) }</p>
            if here.is_beyond { <p class="summary">{ t!("tree.beyond") }</p> }
        </>
    }
}

enum Change {
    Focus(usize),
    Toggle(usize),
}

fn item(
    props: &TreeProps,
    bough: &Bough,
    focus: usize,
    here: Here,
    change: &Callback<Change>,
) -> Html {
    let TreeProps { tree, names, on_visit, .. } = props;
    let &Bough { number, rect, level, place: [nth, n], is_open, .. } = bough;
    let branch = tree.branch(number);
    let end = branch.from + branch.turns.len();
    let visit = |to: usize| {
        on_visit.reform(move |event: MouseEvent| {
            event.stop_propagation();
            (number, to)
        })
    };
    let style = format!("left:{:.2}em;top:{:.2}em;width:{:.2}em", rect.x, rect.y, rect.w);
    let is_here = here.branch == number;
    let at = |is_at: bool| (is_here && is_at).then_some("at");
    let mark = |mark: &Mark| {
        let Mark { actor, n, to, x, w } = *mark;
        let (look, text, hue) = match actor {
            None => ("more", format!("+{n}"), 0),
            Some(actor) => {
                let text = words::initials(names, actor);
                let text = if n > 1 { format!("{text} ×{n}") } else { text };
                // The colour of an actor, as beside the source.
                ("mark", text, u32::from(actor.0) * 137 + 40)
            }
        };
        let style = format!("left:{x:.2}em;width:{w:.2}em;--hue:{hue}");
        let class = classes!(look, at(to - n < here.n_turns && here.n_turns <= to));
        html! { <span {class} {style} onclick={visit(to)}>{ text }</span> }
    };
    let class = classes!("bough", (is_here && here.is_beyond).then_some("left"));
    html! {
        <div key={number} id={id(number)} {class} role="treeitem" {style}
            tabindex={if number == focus { "0" } else { "-1" }} aria-level={level.to_string()}
            aria-posinset={nth.to_string()} aria-setsize={n.to_string()}
            aria-expanded={is_open.map(|is_open| is_open.to_string())}
            aria-current={(is_here && !here.is_beyond).then_some("step")}
            onfocus={change.reform(move |_: FocusEvent| Change::Focus(number))}
            onclick={visit(end)}>
            <b class="unseen">{ words::branch(names, branch) }</b>
            <span aria-hidden="true">
                if level == 1 {
                    <span class={classes!("knot", at(here.n_turns == 0))} onclick={visit(0)} />
                }
                { for bough.marks.iter().map(mark) }
                { tip(branch, bough, at(here.n_turns > end), change) }
            </span>
        </div>
    }
}

/// The end of a branch: what came out, or a button for what grows from it.
fn tip(
    branch: Branch<'_>,
    bough: &Bough,
    at: Option<&'static str>,
    change: &Callback<Change>,
) -> Html {
    let &Bough { number, rect, is_open, .. } = bough;
    let style = format!("left:{:.2}em", rect.w);
    let Some(is_open) = is_open else {
        let Some(outcome) = branch.outcome else { return Html::default() };
        let (look, sign) = super::explore::sign(outcome);
        let lines = outcome.lines.join(" · ");
        let said = if lines.is_empty() { words::outcome(outcome) } else { lines };
        return html! { <span class={classes!("tip", look)} {style}>{ format!("{sign} {said}") }</span> };
    };
    let ontoggle = change.reform(move |event: MouseEvent| {
        event.stop_propagation();
        Change::Toggle(number)
    });
    html! {
        <>
            <span class={classes!("fold", at)} style={format!("left:{:.2}em", rect.w - 1.3)}
                onclick={ontoggle}>
                { if is_open { "−" } else { "+" } }
            </span>
            if !is_open {
                <span class="tip" {style}>
                    { branch.n_executions }
                    if branch.n_bad > 0 { <b>{ format!(" ✕ {}", branch.n_bad) }</b> }
                </span>
            }
        </>
    }
}

/// The lines from each branch to those that grow from it.
fn lines(boughs: &Boughs) -> Html {
    let mut d = String::new();
    for bough in &boughs.all {
        let Some(from) = bough.from else { continue };
        let (to, turn) = (bough.rect.middle().y, from.x + 0.4);
        // Writing to a string cannot fail.
        let _ = write!(d, "M{:.2} {:.2}H{turn:.2}V{to:.2}H{:.2}", from.x, from.y, bough.rect.x);
    }
    let (w, h) = (boughs.w, boughs.h);
    let style = format!("width:{w:.2}em;height:{h:.2}em");
    html! {
        <svg key="lines" aria-hidden="true" viewBox={format!("0 0 {w:.2} {h:.2}")} {style}><path {d} /></svg>
    }
}

/// What a key does in a tree; see the pattern of the ARIA practices.
enum Key {
    Focus(usize),
    Toggle,
    Visit,
}

fn key(event: &KeyboardEvent, tree: &Tree, all: &[Bough], focused: usize) -> Option<Key> {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return None;
    }
    let at = all.iter().position(|bough| bough.number == focused)?;
    let to = |at: usize| Key::Focus(all.get(at).map_or(focused, |bough| bough.number));
    Some(match (event.key().as_str(), all[at].is_open) {
        ("ArrowUp", _) => to(at.saturating_sub(1)),
        ("ArrowDown", _) => to(at + 1),
        ("Home", _) => to(0),
        ("End", _) => to(all.len() - 1),
        ("ArrowRight", Some(false)) | ("ArrowLeft", Some(true)) => Key::Toggle,
        ("ArrowRight", Some(true)) => to(at + 1),
        ("ArrowRight", None) => Key::Focus(focused),
        ("ArrowLeft", _) => Key::Focus(tree.branch(focused).parent.unwrap_or(focused)),
        ("Enter" | " ", _) => Key::Visit,
        _ => return None,
    })
}

fn id(number: usize) -> String {
    format!("bough-{number}")
}

fn focus_on(number: usize) {
    let item = document().get_element_by_id(&id(number));
    if let Some(item) = item.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        // Nothing to do where the browser refuses.
        let _ = item.focus();
    }
}
