//! The gallery: every lesson with a picture of its own, and a field to find one.

use std::rc::Rc;

use engine::lessons::{Family, Lesson, catalogue};
use gloo::render::{AnimationFrame, request_animation_frame};
use rust_i18n::t;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::Dialog;
use crate::bridge::now_ms;
use crate::gallery::found;
use crate::intent::{Action, Language, Page, Set};
use crate::thumb::{SIZE, TONES, Thumb};

/// How long a frame may work on pictures, in milliseconds.
const BUDGET_MS: f64 = 4.0;

/// When the gallery shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether it is open.
    pub open: bool,
    /// The lesson that is open.
    pub lesson: &'static Lesson,
    /// Something was done.
    pub on: Callback<Action>,
    /// The language of its words.
    pub language: Language,
}

/// A modal dialog with all lessons.
#[component]
pub fn Gallery(props: &Props) -> Html {
    let query = use_state(String::new);
    let field = use_node_ref();
    let thumbs = use_thumbs(props.open);
    {
        let query = query.clone();
        use_effect_with(props.open, move |open| {
            if !open {
                query.set(String::new());
            }
        });
    }
    let families = found(&query);
    let n: usize = families.iter().map(|(_, lessons)| lessons.len()).sum();
    let first = families.first().and_then(|(_, lessons)| lessons.first()).copied();
    let close = props.on.reform(|()| Action::Page(Page::Gallery(false)));
    let onsubmit = {
        let (on, asked) = (props.on.clone(), !query.trim().is_empty());
        move |event: SubmitEvent| {
            event.prevent_default();
            first.filter(|_| asked).into_iter().for_each(|l| on.emit(Action::Set(Set::Lesson(l))));
        }
    };
    let oninput = {
        let query = query.clone();
        move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            query.set(input.value());
        }
    };
    let onkeydown = {
        let field = field.clone();
        move |event: KeyboardEvent| move_focus(&event, &field)
    };
    let card = |lesson: &'static Lesson| {
        let thumb = thumbs.iter().find(|(of, _)| *of == lesson).map(|(_, thumb)| thumb.clone());
        html! {
            <li key={lesson.id}>
                <Card {lesson} {thumb} is_open={lesson == props.lesson} on={props.on.clone()}
                    language={props.language} />
            </li>
        }
    };
    let families = families.into_iter().map(|(family, lessons)| {
        let id = format!("family-{family:?}");
        html! {
            <section key={id.clone()} aria-labelledby={id.clone()}>
                <h3 {id}>{ props.language.of(Family::title(family)) }</h3>
                <ul>{ for lessons.into_iter().map(card) }</ul>
            </section>
        }
    });
    html! {
        <Dialog class="gallery" open={props.open} title_id="gallery-title" on_close={close.clone()}>
            <div class="all" {onkeydown}>
                <form role="search" {onsubmit}>
                    <h2 id="gallery-title">{ t!("gallery.title") }</h2>
                    // Not of type `search`: there Escape empties the field before it closes anything.
                    <input type="text" enterkeyhint="search" ref={field} autofocus=true value={(*query).clone()}
                        placeholder={t!("gallery.search")} aria-label={t!("gallery.search")}
                        autocomplete="off" spellcheck="false" {oninput} />
                    <output class="summary">{ t!("gallery.found", n = n) }</output>
                    <button type="button" class="quiet icon" title={t!("note.close")}
                        aria-label={t!("note.close")} onclick={close.reform(|_: MouseEvent| ())}>
                        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 3l10 10M13 3l-10 10" /></svg>
                    </button>
                </form>
                <div class="families">
                    { for families }
                    if n == 0 { <p class="summary">{ t!("gallery.none") }</p> }
                </div>
            </div>
        </Dialog>
    }
}

#[derive(Properties, PartialEq)]
struct CardProps {
    lesson: &'static Lesson,
    thumb: Option<Rc<Thumb>>,
    is_open: bool,
    on: Callback<Action>,
    language: Language,
}

/// One lesson: a link, so that it can be copied and opened elsewhere as well.
#[component]
fn Card(props: &CardProps) -> Html {
    let CardProps { lesson, language, .. } = *props;
    let on = props.on.clone();
    let onclick = move |event: MouseEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
        if !elsewhere {
            event.prevent_default();
            on.emit(Action::Set(Set::Lesson(lesson)));
        }
    };
    let [width, height] = SIZE;
    let paths = props.thumb.iter().flat_map(|thumb| TONES.iter().zip(&thumb.0));
    let paths = paths.map(|((_, class, _), d)| html! { <path class={*class} d={d.clone()} /> });
    html! {
        <a class="card" href={format!("#/{}", lesson.id)} {onclick}
            aria-current={props.is_open.then_some("page")}>
            <svg viewBox={format!("0 0 {width} {height}")} preserveAspectRatio="none"
                aria-hidden="true">{ for paths }</svg>
            <strong>{ language.of(lesson.title) }</strong>
            <span>{ language.of(lesson.summary) }</span>
            if lesson.challenge.is_some() {
                <em class="badge">{ t!("challenge.badge") }</em>
            }
        </a>
    }
}

/// The pictures there are so far. While the gallery is open a frame makes as many more as it has time
/// for; each is made once.
#[hook]
fn use_thumbs(open: bool) -> Vec<(&'static Lesson, Rc<Thumb>)> {
    let thumbs = use_state(Vec::new);
    let next_frame = use_mut_ref(|| None::<AnimationFrame>);
    let depends = (open, thumbs.len());
    let made = thumbs.clone();
    use_effect_with(depends, move |(open, n)| {
        let n = *n;
        if *open && catalogue().nth(n).is_some() {
            let made = made.clone();
            *next_frame.borrow_mut() = Some(request_animation_frame(move |_| {
                let start = now_ms();
                let in_time = |_: &&Lesson| now_ms() - start < BUDGET_MS;
                let mut all: Vec<_> = (*made).clone();
                let more = catalogue().skip(n).take_while(in_time);
                all.extend(more.map(|lesson| (lesson, Rc::new(Thumb::of(lesson)))));
                made.set(all);
            }));
        }
    });
    (*thumbs).clone()
}

/// Arrows go from card to card as they lie, and from the field to the first; `/` goes back to it.
fn move_focus(event: &KeyboardEvent, field: &NodeRef) {
    let Some(field) = field.cast::<HtmlElement>() else { return };
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return;
    };
    let is_in_field = target == *field;
    let to = match event.key().as_str() {
        "/" if !is_in_field => Some(field),
        "ArrowDown" if is_in_field => cards().into_iter().next(),
        key if !is_in_field => toward(key, &target, field),
        _ => None,
    };
    if let Some(to) = to {
        event.prevent_default();
        // Nothing to do where the browser refuses.
        let _ = to.focus();
    }
}

fn toward(key: &str, target: &Element, field: HtmlElement) -> Option<HtmlElement> {
    let cards = cards();
    let at = cards.iter().position(|card| **card == *target)?;
    let place = |card: &HtmlElement| {
        let bounds = card.get_bounding_client_rect();
        (bounds.left(), bounds.top())
    };
    let (left, top) = place(&cards[at]);
    // Of those in the next row that way, the one that is nearest to straight on.
    let row = |is_further: &dyn Fn(f64) -> bool, rank: f64| {
        let further = cards.iter().filter(|card| is_further(place(card).1));
        let cost = |card: &&HtmlElement| {
            let (x, y) = place(card);
            (y - top) * rank * 1e4 + (x - left).abs()
        };
        further.min_by(|a, b| cost(a).total_cmp(&cost(b))).cloned()
    };
    match key {
        "ArrowRight" => cards.get(at + 1).cloned(),
        "ArrowLeft" => at.checked_sub(1).map(|at| cards[at].clone()),
        "ArrowDown" => row(&|y| y > top + 1.0, 1.0),
        "ArrowUp" => row(&|y| y < top - 1.0, -1.0).or(Some(field)),
        "Home" => cards.first().cloned(),
        "End" => cards.last().cloned(),
        _ => None,
    }
}

fn cards() -> Vec<HtmlElement> {
    let Ok(list) = gloo::utils::document().query_selector_all(".gallery .card") else {
        return Vec::new();
    };
    (0..list.length()).filter_map(|idx| list.item(idx)?.dyn_into().ok()).collect()
}
