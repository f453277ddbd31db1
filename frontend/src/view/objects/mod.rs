//! Any lesson as its actors and objects: cards, panels, and the tokens that go from one to another.

mod card;
mod glyph;
mod panel;
mod tokens;
mod wires;

use std::rc::Rc;

use engine::lessons::Lesson;
use engine::log::{Activity, Deadlock, Names};
use engine::world::{ActorId, ObjectId, ObjectKind};
use gloo::utils::window;
use rust_i18n::t;
use yew::prelude::*;

pub use card::class_of;
pub use glyph::of_activity as sign_of;

use self::card::{Card, Detail, place};
use self::panel::Panel;
use super::observe::use_size;
use crate::intent::Language;
use crate::layout::{Chip, Form, Layout, Rect, Room};
use crate::recording::Frame;
use crate::words;

/// Where the page is narrow or low and scrolls; the style sheet has the same condition.
const SCROLLS: &str = "(max-width: 1180px), (max-height: 599px)";

/// Below this width, in pixels, panels are made narrower.
const NARROW: f64 = 500.0;

/// The size of the panel with what was printed.
const OUTPUT: (f64, f64) = (17.0, 8.4);

/// As many of the last lines that were printed are shown.
const LINES: usize = 80;

/// The picture at one step.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The lesson.
    pub lesson: &'static Lesson,
    /// The picture.
    pub frame: Rc<Frame>,
    /// The names of the whole run, so that nothing moves when somebody comes later.
    pub names: Rc<Names>,
    /// Whether tokens glide to where they belong.
    pub glide: bool,
    /// Whether a press may choose who goes next.
    pub can_pick: bool,
    /// Somebody was chosen.
    pub on_pick: Callback<ActorId>,
    /// The language of the words in it.
    pub language: Language,
}

/// An object with its place in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Which.
    pub id: ObjectId,
    /// What sort of thing it is.
    pub kind: ObjectKind,
    /// Where its panel is.
    pub rect: Rect,
    /// What is where in it.
    pub form: Form,
}

/// The actors and objects of a lesson.
#[component]
pub fn Objects(props: &Props) -> Html {
    let Props { lesson, frame, names, .. } = props;
    let node = use_node_ref();
    let (w, h) = use_size(node.clone());
    let n_actors = names.actors.len();
    let chip = Chip::new(n_actors);
    let laid_out = {
        let deps = (names.clone(), lesson.id, w.round(), h.round());
        use_memo(deps, |(names, _, w, h)| lay_out(lesson, names, *w, *h))
    };
    let (layout, placed) = &*laid_out;
    let waits = frame.scene.waits();
    let cards = layout
        .cards
        .iter()
        .enumerate()
        .map(|(idx, rect)| actor(props, ActorId(idx as u16), *rect, &waits));
    // What is not there yet leaves its place empty.
    let was_touched =
        |id: ObjectId| frame.scene.objects.get(id.idx()).is_some_and(|object| object.was_touched);
    let is_there = |it: &&Placed| it.kind != ObjectKind::Future || was_touched(it.id);
    let panels = placed.iter().filter(is_there).map(|Placed { id, kind, rect, form }| {
        let (scene, id, kind, rect, form) = (&frame.scene, *id, *kind, *rect, *form);
        panel::panel(&Panel { id, kind, rect, form, lesson, names, scene })
    });
    // Where even the smallest letters leave too much, one scrolls, by keyboard as well.
    let needed_h = layout.h * layout.letter;
    let scrolls = w > 0.0 && !page_scrolls() && needed_h > h + 1.0;
    let glide = props.glide.then_some("glide");
    let class = classes!("picture", glide, scrolls.then_some("scrolls"));
    let tabindex = scrolls.then_some("0");
    let style = format!("font-size:{:.2}px;--need:{:.2}em", layout.letter, layout.h);
    let canvas = format!("width:{:.2}em;height:{:.2}em", layout.w, layout.h);
    html! {
        <div {class} ref={node} {style} {tabindex} role="group" aria-label={t!("see.picture")}>
            <div class="canvas" style={canvas}>
                { for panels }
                { for cards }
                { wires::wires(&frame.scene, &waits, layout, placed) }
                { tokens::items(lesson, &frame.traces, placed, &layout.cards) }
                { tokens::chips(names, &frame.scene, placed, &layout.cards, chip) }
                if layout.panels.len() > placed.len() {
                    { for layout.panels.last().map(|rect| output(props, *rect)) }
                }
            </div>
        </div>
    }
}

/// Whether the page is one that scrolls, so that the picture may be as high as it needs.
fn page_scrolls() -> bool {
    window().match_media(SCROLLS).ok().flatten().is_some_and(|media| media.matches())
}

/// The layout for a room of `w` by `h` pixels.
fn lay_out(lesson: &Lesson, names: &Names, w: f64, h: f64) -> (Layout, Vec<Placed>) {
    let n_actors = names.actors.len();
    let chip = Chip::new(n_actors);
    let longest_word = lesson.words.iter().map(|word| word.chars().count()).max().unwrap_or(1);
    let objects = names.objects.iter().enumerate();
    let drawn = objects.filter(|(_, (kind, _))| *kind != ObjectKind::Thread);
    let is_narrow = w > 0.0 && w < NARROW;
    let forms: Vec<_> = drawn
        .map(|(idx, (kind, _))| {
            (ObjectId(idx as u16), *kind, Form::new(*kind, n_actors, chip, longest_word, is_narrow))
        })
        .collect();
    let mut sizes: Vec<_> = forms.iter().map(|(_, _, form)| (form.w, form.h)).collect();
    // Texts are numbered from 1 when they are first printed.
    if !names.text(1).is_empty() {
        sizes.push(OUTPUT);
    }
    let room = match (w > 0.0, page_scrolls()) {
        (true, true) => Room { w, h: None },
        (true, false) => Room { w, h: Some(h) },
        // Not measured yet.
        (false, _) => Room { w: 800.0, h: Some(440.0) },
    };
    let layout = Layout::new(n_actors, &sizes, room);
    let placed = forms
        .into_iter()
        .zip(&layout.panels)
        .map(|((id, kind, form), rect)| Placed { id, kind, rect: *rect, form })
        .collect();
    (layout, placed)
}

fn actor(props: &Props, id: ActorId, rect: Rect, waits: &Deadlock) -> Html {
    let Props { lesson, frame, names, .. } = props;
    let actor = frame.scene.actors.get(id.idx()).cloned().unwrap_or_default();
    let runs = frame.traces.ran == Some(id);
    let name = match Detail::of(rect) {
        Detail::Sign => words::initials(names, id),
        _ => words::actor_caption(names, id),
    };
    let state = words::activity(actor.activity, runs);
    let outlook = words::outlook(lesson, names, &frame.scene, id);
    let seen = frame.traces.seen(id).filter(|_| actor.activity != Activity::Finished).map(|seen| {
        let object = words::caption(names, seen.object);
        let is_stale = frame.scene.object(seen.object).value != Some(seen.value);
        (object, words::number(seen.value), is_stale)
    });
    let role = actor.is_daemon.then(|| t!("is.daemon").into_owned());
    let mut label =
        t!("is.actor", who = words::actor_caption(names, id), state = state).into_owned();
    let says_more = |said: &&String| !said.is_empty() && **said != state;
    for more in [Some(&outlook).filter(says_more), role.as_ref()].into_iter().flatten() {
        label += &(t!("say.comma") + more.as_str());
    }
    if let Some((object, value, is_stale)) = &seen {
        let key = if *is_stale { "is.stale" } else { "is.seen" };
        label += &(t!("say.comma") + t!(key, object = object, value = value));
    }
    let label = words::sentence(&words::spaced(&label));
    let seen = seen.map(|(object, value, is_stale)| (format!("{object} = {value}"), is_stale));
    let can_go = props.can_pick && actor.activity == Activity::Ready;
    let in_cycle = waits.cycle.iter().any(|link| link.actor == id);
    let (activity, on_pick) = (actor.activity, props.on_pick.clone());
    html! {
        <Card key={format!("a{}", id.0)} {id} {rect} {name} {activity} {runs} {in_cycle} {can_go}
            {state} {outlook} {seen} {role} {label} {on_pick} />
    }
}

/// What was printed, like a terminal: the newest at the bottom.
fn output(props: &Props, rect: Rect) -> Html {
    let Props { lesson, frame, names, .. } = props;
    let printed = lesson.lines(names, &frame.scene.printed);
    let first = printed.len().saturating_sub(LINES);
    let lines = printed[first..].iter().enumerate();
    let lines = lines.map(|(idx, (_, line))| html! { <li key={first + idx}>{ line }</li> });
    html! {
        <section class="output" style={place(rect)} aria-label={t!("see.output")}>
            <h2>{ t!("see.output") }</h2>
            <div tabindex="0" role="log" aria-label={t!("see.output")} aria-live="off">
                <ol>{ for lines }</ol>
            </div>
        </section>
    }
}
