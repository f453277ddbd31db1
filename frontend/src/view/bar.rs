//! The bar at the top of the page, and the notice below it.

use engine::lessons::Lesson;
use rust_i18n::t;
use yew::prelude::*;

use crate::gallery::beside;
use crate::intent::{Action, Language, Page, Set, Take, Theme};

/// What the bar shows.
#[derive(Properties, PartialEq)]
pub struct BarProps {
    /// The lesson.
    pub lesson: &'static Lesson,
    /// The present theme.
    pub theme: Theme,
    /// The present language.
    pub language: Language,
    /// Something was done.
    pub on: Callback<Action>,
    /// Something is wanted: the link.
    pub on_take: Callback<Take>,
}

/// The name of the house, the lesson, and the switches of the page.
#[component]
pub fn Bar(props: &BarProps) -> Html {
    let press = |action: Page| {
        let on = props.on.clone();
        move |_: MouseEvent| on.emit(Action::Page(action.clone()))
    };
    let theme = t!(format!("bar.theme_{}", props.theme.id()));
    let other = match props.language {
        Language::En => Language::Zh,
        Language::Zh => Language::En,
    };
    let on_copy = props.on_take.reform(|_: MouseEvent| Take::Link);
    html! {
        <header class="bar">
            <p class="house"><Mark /><span>{ t!("app.name") }</span></p>
            <div class="lesson">
                <button class="lessons" onclick={press(Page::Gallery(true))}>
                    <svg viewBox="0 0 16 16" aria-hidden="true">
                        <path d="M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z" />
                    </svg>
                    { t!("gallery.open") }
                </button>
                { neighbour(props, false) }
                <h1>{ props.language.of(props.lesson.title) }</h1>
                { neighbour(props, true) }
            </div>
            <nav>
                <button class="quiet" onclick={on_copy}>{ t!("bar.copy") }</button>
                <button class="quiet" lang={other.tag()} title={t!("bar.language_title")}
                    onclick={press(Page::Language)}>{ t!("bar.language") }</button>
                <button class="quiet icon" title={theme.clone()} aria-label={theme}
                    onclick={press(Page::Theme)}>{ theme_icon(props.theme) }</button>
                <button class="quiet icon" title={t!("bar.help")} aria-label={t!("bar.help")}
                    onclick={press(Page::Help(true))}>{ "?" }</button>
            </nav>
        </header>
    }
}

/// The way to the lesson before or after.
fn neighbour(props: &BarProps, after: bool) -> Html {
    let lesson = beside(props.lesson, after);
    let title = lesson.map_or("–", |lesson| props.language.of(lesson.title));
    let key = if after { "gallery.after" } else { "gallery.before" };
    let label = t!(key, title = title);
    let d = if after { "M6 3l5 5l-5 5" } else { "M10 3l-5 5l5 5" };
    let onclick = props.on.reform(move |_: MouseEvent| Action::Set(Set::Beside(after)));
    html! {
        <button class="quiet icon" title={label.clone()} aria-label={label}
            disabled={lesson.is_none()} {onclick}>
            <svg viewBox="0 0 16 16" aria-hidden="true"><path {d} /></svg>
        </button>
    }
}

/// Five forks around a table.
#[component]
fn Mark() -> Html {
    html! {
        <svg class="mark" viewBox="-12 -12 24 24" aria-hidden="true">
            { for (0..5).map(|idx| html! {
                <path transform={format!("rotate({})", idx * 72)} d="M0 -3.5V-10.5" />
            }) }
        </svg>
    }
}

fn theme_icon(theme: Theme) -> Html {
    let d = match theme {
        Theme::System => "M8 1.5a6.5 6.5 0 1 0 0 13zM8 1.5a6.5 6.5 0 0 1 0 13",
        Theme::Light => "M8 5a3 3 0 1 0 .01 0zM8 .5v2M8 13.5v2M.5 8h2M13.5 8h2",
        Theme::Dark => "M10 1.8a6.5 6.5 0 1 0 4.4 8.2A5.2 5.2 0 0 1 10 1.8z",
    };
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path {d} /></svg> }
}

/// What the notice says.
#[derive(Properties, PartialEq)]
pub struct NoticeProps {
    /// The sentence.
    pub text: String,
    /// It was closed.
    pub on_close: Callback<()>,
    /// The language of its button.
    pub language: Language,
}

/// A sentence that stays until it is closed.
#[component]
pub fn Notice(props: &NoticeProps) -> Html {
    html! {
        <div class="notice" role="alert">
            <p>{ &props.text }</p>
            <button class="quiet" onclick={props.on_close.reform(|_: MouseEvent| ())}>
                { t!("note.close") }
            </button>
        </div>
    }
}
