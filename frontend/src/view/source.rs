//! The program that runs, in Rust or in Python, and who is at which line of it.

use std::ops::RangeInclusive;
use std::rc::Rc;

use engine::lessons::{Line, Listing, Values};
use engine::log::{Activity, Names};
use engine::world::ActorId;
use rust_i18n::t;
use web_sys::{HtmlElement, HtmlSelectElement};
use yew::prelude::*;

use super::scroll::keep_in_view;
use super::texts::{Text, use_texts};
use crate::intent::{Action, Language, Page};
use crate::recording::Frame;
use crate::source::{Spot, Tongue, line_in, short, spots};
use crate::syntax::{Ink, pieces};
use crate::words;

/// What is shown of which program.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The lesson and its parameters.
    pub values: Values,
    /// The picture.
    pub frame: Rc<Frame>,
    /// The names in it.
    pub names: Rc<Names>,
    /// Who took the step shown, and where.
    pub taken: Option<Spot>,
    /// Lines of the lesson's own Rust source to show in the place of that, the first of them first.
    pub unreached: Vec<RangeInclusive<u32>>,
    /// Whether the run is one of the model.
    pub is_model: bool,
    /// In which language.
    pub tongue: Tongue,
    /// Whom to follow; nobody: whoever went last.
    pub follow: Option<ActorId>,
    /// Something was done.
    pub on: Callback<Action>,
    /// The language of its words.
    pub language: Language,
}

/// The listing with everybody at their lines.
#[component]
pub fn SourcePane(props: &Props) -> Html {
    let Props { values, frame, names, taken, .. } = props;
    let lesson = values.lesson();
    let spots = spots(&frame.scene, names);
    // Kept by the file that was chosen by hand, until the lesson changes; none: where the action is.
    let chosen = use_state(|| None::<String>);
    let hero = props.follow.or_else(|| taken.map(|taken| taken.actor));
    let hero_at = hero.and_then(|hero| spots.iter().find(|spot| spot.actor == hero));
    let own_taken = taken.filter(|taken| hero.is_none_or(|hero| hero == taken.actor));
    let here = hero_at.copied().or(own_taken).or(spots.first().copied());
    let own_file = here.filter(|_| props.unreached.is_empty());
    let here_file = own_file.map_or(lesson.file, |spot| spot.place.file());

    let mut files = vec![lesson.file];
    for file in spots.iter().chain(taken).map(|spot| spot.place.file()) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    let python_file = lesson.python();
    let has_python = python_file.is_some();
    let tongue = if has_python { props.tongue } else { Tongue::Rust };
    let in_python = python_file.filter(|_| tongue == Tongue::Python);
    let shown_file = match (&in_python, &*chosen) {
        (Some(python), _) => python.clone(),
        (None, Some(file)) if files.contains(&file.as_str()) => file.clone(),
        (None, _) => here_file.to_owned(),
    };
    let wanted: Vec<String> = match in_python {
        None => vec![shown_file.clone()],
        // Where a Rust line is in Python only the marks in both say.
        Some(python) => files.iter().map(|file| (*file).to_owned()).chain([python]).collect(),
    };
    let texts = use_texts(wanted);
    let listings = use_memo((texts.clone(), values.clone()), |(texts, values)| {
        let read = texts.iter().filter_map(|(file, text)| match text {
            Text::Here(text) if file.ends_with(".py") => {
                Some((file.clone(), Listing::python(text, values)))
            }
            Text::Here(text) => Some((file.clone(), Listing::rust(text))),
            Text::Failed(_) => None,
        });
        read.collect::<Vec<_>>()
    });

    let listing_of =
        |file: &str| listings.iter().find(|(known, _)| known == file).map(|(_, listing)| listing);
    let shown = listing_of(&shown_file);
    let python = shown.filter(|_| tongue == Tongue::Python);
    let line_of = |spot: &Spot| {
        let file = spot.place.file();
        let own = listing_of(file)?;
        if tongue == Tongue::Rust && file != shown_file {
            None
        } else {
            line_in(*spot, own, python)
        }
    };
    let all = spots.iter().map(|spot| (spot, false)).chain(taken.iter().map(|spot| (spot, true)));
    let pins: Vec<(u32, Pin)> =
        all.filter_map(|(spot, was)| Some((line_of(spot)?, pin(props, spot.actor, was)))).collect();
    let next = hero_at.and_then(line_of);
    let took = taken.as_ref().and_then(line_of);

    let code = use_node_ref();
    let sought: &[RangeInclusive<u32>] =
        if tongue == Tongue::Rust && shown_file == lesson.file { &props.unreached } else { &[] };
    let is_sought = !sought.is_empty();
    use_effect_with((shown_file.clone(), next, took, shown.is_some(), is_sought), {
        let code = code.clone();
        move |_| {
            // Whoever has chosen to see them was elsewhere. First of all: it would stop a scroll.
            if let Some(code) = code.cast::<HtmlElement>().filter(|_| is_sought) {
                // Nothing to do where the browser refuses.
                let _ = code.focus();
            }
            keep_in_view(&code, &[".unreached", ".next-line", ".took-line", "li:has(.pin)", "li"]);
        }
    });
    let body = match (shown, texts.iter().find(|(file, _)| *file == shown_file)) {
        (Some(listing), _) => html! {
            <ol class="code" ref={code} tabindex="0" aria-label={short(&shown_file).to_owned()}>
                { for rows(listing, tongue, &pins, [next, took], sought) }
            </ol>
        },
        (None, Some((_, Text::Failed(why)))) => html! {
            <p class="summary" role="status">{ t!("source.failed", why = why) }</p>
        },
        (None, _) => html! { <p class="summary" role="status">{ t!("source.loading") }</p> },
    };
    html! {
        <div class="source">
            <div class="row">
                if has_python {
                    <div class="switch" role="group" aria-label={t!("source.tongue")}>
                        { for Tongue::ALL.map(|tongue| tongue_button(props, tongue)) }
                    </div>
                }
                { follow_field(props) }
            </div>
            if tongue == Tongue::Rust && files.len() > 1 {
                { file_field(names, &files, &shown_file, chosen, &spots) }
            } else {
                <p class="file">{ short(&shown_file).to_owned() }</p>
            }
            { body }
            if !props.is_model && shown.is_some() && pins.is_empty() {
                <p class="summary">{ t!("source.threads") }</p>
            }
            if python.is_some() { { elsewhere(names, &spots, |spot| line_of(spot).is_none()) } }
            if is_sought { <p class="summary">{ words::unreached(sought) }</p> }
            { legend() }
        </div>
    }
}

fn tongue_button(props: &Props, tongue: Tongue) -> Html {
    let onclick = props.on.reform(move |_: MouseEvent| Action::Page(Page::Tongue(tongue)));
    let pressed = (props.tongue == tongue).to_string();
    html! { <button aria-pressed={pressed} {onclick}>{ tongue.name() }</button> }
}

fn follow_field(props: &Props) -> Html {
    let onchange = props.on.reform(|event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        Action::Page(Page::Follow(select.value().parse().ok().map(ActorId)))
    });
    let option = |actor: Option<ActorId>, label: String| {
        let value = actor.map(|actor| actor.0.to_string()).unwrap_or_default();
        html! { <option {value} selected={actor == props.follow}>{ label }</option> }
    };
    let actors = (0..props.frame.scene.actors.len()).map(|idx| {
        let actor = ActorId(idx as u16);
        option(Some(actor), words::sentence(&words::actor(&props.names, actor)))
    });
    html! {
        <select aria-label={t!("source.follow")} title={t!("source.follow")} {onchange}>
            { option(None, t!("source.follow_last").into_owned()) }
            { for actors }
        </select>
    }
}

/// The files in which somebody is now, with who is there.
fn file_field(
    names: &Names,
    files: &[&str],
    shown: &str,
    chosen: UseStateHandle<Option<String>>,
    spots: &[Spot],
) -> Html {
    let is_auto = chosen.is_none();
    let onchange = move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        let file = select.value();
        chosen.set(if file.is_empty() { None } else { Some(file) });
    };
    let option = |file: &&str| {
        let here = spots.iter().filter(|spot| spot.place.file() == *file);
        let here: Vec<_> = here.map(|spot| tag(names, spot.actor)).collect();
        let label = if here.is_empty() {
            short(file).to_owned()
        } else {
            format!("{} · {}", short(file), here.join(", "))
        };
        let selected = !is_auto && *file == shown;
        html! { <option value={(*file).to_owned()} {selected}>{ label }</option> }
    };
    let auto = t!("source.file_auto", file = short(shown));
    html! {
        <select class="file" aria-label={t!("source.file")} {onchange}>
            <option value="" selected={is_auto}>{ auto }</option>
            { for files.iter().map(option) }
        </select>
    }
}

/// Who is at a line that this listing does not have.
fn elsewhere(names: &Names, spots: &[Spot], is_elsewhere: impl Fn(&Spot) -> bool) -> Html {
    let who = spots.iter().filter(|spot| is_elsewhere(spot));
    let who: Vec<_> = who
        .map(|spot| format!("{} ({})", tag(names, spot.actor), short(spot.place.file())))
        .collect();
    if who.is_empty() {
        return Html::default();
    }
    html! { <p class="summary">{ t!("source.elsewhere", who = who.join(", ")) }</p> }
}

fn legend() -> Html {
    let entry = |class: &'static str, key: &'static str| {
        let class = classes!("pin", class);
        html! { <li><span {class} aria-hidden="true" />{ t!(key) }</li> }
    };
    html! {
        <ul class="legend">
            { entry("next", "source.is_next") }
            { entry("waits", "source.waits") }
            { entry("was", "source.was") }
        </ul>
    }
}

/// An actor at a line.
#[derive(Clone, PartialEq)]
struct Pin {
    actor: ActorId,
    text: String,
    title: String,
    /// It was here and went on.
    was: bool,
    waits: bool,
}

/// An actor's name in one or two letters.
fn tag(names: &Names, actor: ActorId) -> String {
    let label = names.actor(actor);
    let all_alike = names.actors.iter().all(|other| other.name == label.name);
    let initial = label.name.chars().next().filter(|_| !all_alike);
    initial.map(String::from).unwrap_or_default() + &label.idx.to_string()
}

fn pin(props: &Props, actor: ActorId, was: bool) -> Pin {
    let Props { names, frame, .. } = props;
    let name = words::actor(names, actor);
    let title = if was {
        t!("source.took", who = name).into_owned()
    } else {
        format!("{name} {}", words::outlook(props.values.lesson(), names, &frame.scene, actor))
    };
    let text = tag(names, actor);
    let activity = frame.scene.actors.get(actor.idx()).map(|actor| actor.activity);
    let waits = !was && matches!(activity, Some(Activity::Blocked(_) | Activity::Sleeping(_)));
    Pin { actor, text, title: words::sentence(&title), was, waits }
}

/// A line for each of the listing, with everybody who is there.
fn rows<'a>(
    listing: &'a Listing,
    tongue: Tongue,
    pins: &'a [(u32, Pin)],
    [next, took]: [Option<u32>; 2],
    unreached: &'a [RangeInclusive<u32>],
) -> impl Iterator<Item = Html> + 'a {
    let mut open = None;
    listing.lines.iter().map(move |line| {
        let begins_open = open;
        pieces(&line.text, tongue, &mut open);
        let here = pins.iter().filter(|(number, _)| *number == line.number);
        let pins: Vec<Pin> = here.map(|(_, pin)| pin.clone()).collect();
        let (next, took) = (next == Some(line.number), took == Some(line.number));
        let unreached = unreached.iter().any(|lines| lines.contains(&line.number));
        html! {
            <Row key={line.number} line={line.clone()} {tongue} open={begins_open} {pins} {next} {took}
                {unreached} />
        }
    })
}

/// Code that may go on below before each dot, when it does not fit; a range stays whole.
fn breakable(code: &str) -> Html {
    let is_range = |at: usize| code[..at].ends_with('.') || code[at + 1..].starts_with('.');
    let dots = code.match_indices('.').map(|(at, _)| at).filter(|at| !is_range(*at));
    let begins: Vec<usize> = [0].into_iter().chain(dots).collect();
    let ends = begins.iter().skip(1).copied().chain([code.len()]);
    let parts = begins.iter().zip(ends).map(|(begin, end)| code[*begin..end].to_owned());
    html! { <>{ for parts.enumerate().map(|(idx, part)| html! { <>if idx > 0 { <wbr /> }{ part }</> }) }</> }
}

/// One line. Drawn anew only when it has changed.
#[derive(Properties, PartialEq)]
struct RowProps {
    line: Line,
    tongue: Tongue,
    /// The quote of a string that it begins in.
    open: Option<&'static str>,
    pins: Vec<Pin>,
    /// Whether whoever is followed goes on here.
    next: bool,
    /// Whether the step shown was taken here.
    took: bool,
    /// Whether no execution came here, and one wants to see that.
    unreached: bool,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let RowProps { line, tongue, pins, next, took, unreached, .. } = props;
    let text = &line.text;
    // What does not fit goes on below, behind its own beginning.
    let indent = text.len() - text.trim_start().len();
    let said = pieces(text, *tongue, &mut { props.open }).into_iter().map(|(ink, piece)| {
        let class = match ink {
            Ink::Plain => return breakable(piece),
            Ink::Comment => "c",
            Ink::Text => "s",
            Ink::Keyword => "k",
        };
        html! { <span {class}>{ piece.to_owned() }</span> }
    });
    let pins = pins.iter().map(|pin| {
        let class = classes!("pin", pin.was.then_some("was"), pin.waits.then_some("waits"));
        html! {
            <span key={format!("{}{}", pin.actor.0, pin.was)} {class} title={pin.title.clone()}
                role="img" aria-label={pin.title.clone()}
                style={format!("--hue:{}", u32::from(pin.actor.0) * 137 + 40)}>{ &pin.text }</span>
        }
    });
    let class = classes!(
        next.then_some("next-line"),
        took.then_some("took-line"),
        unreached.then_some("unreached")
    );
    html! {
        <li {class} aria-current={next.then_some("step")}>
            <span class="n" aria-hidden="true">{ line.number }</span>
            <code style={format!("--indent:{indent}ch")}>{ for said }</code>
            <span class="pins">{ for pins }</span>
        </li>
    }
}
