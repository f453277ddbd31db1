//! Who could go next.

use std::rc::Rc;

use engine::lessons::{Lesson, Picture};
use engine::log::{Activity, Names};
use engine::philosophers::Phase;
use engine::world::ActorId;
use rust_i18n::t;
use yew::prelude::*;

use crate::intent::Language;
use crate::recording::Frame;
use crate::view::objects::class_of;
use crate::words;

/// What is known of everybody's next step.
#[derive(Properties, PartialEq)]
pub struct NextProps {
    /// The picture.
    pub frame: Rc<Frame>,
    /// The lesson.
    pub lesson: &'static Lesson,
    /// The names in it.
    pub names: Rc<Names>,
    /// Whether a choice can be made: the run is one of the model.
    pub can_pick: bool,
    /// Whether the run is over at this step.
    pub ended: bool,
    /// How many choices led here.
    pub n_picks: usize,
    /// Somebody was chosen.
    pub on_pick: Callback<ActorId>,
    /// No choices any more.
    pub on_forget: Callback<()>,
    /// The language of its words.
    pub language: Language,
}

/// Everybody, with what they are about to do or why they cannot.
#[component]
pub fn NextPane(props: &NextProps) -> Html {
    let NextProps { frame, lesson, names, .. } = props;
    let scene = &frame.scene;
    let may_pick = props.can_pick && !props.ended;
    let actors = scene.actors.iter().enumerate().map(|(idx, actor)| {
        let id = ActorId(idx as u16);
        let name = words::actor_caption(names, id);
        let outlook = words::outlook(lesson, names, scene, id);
        let ready = actor.activity == Activity::Ready;
        let look = match lesson.picture {
            Picture::Table => Phase::NAMES[Phase::from_number(actor.phase) as usize],
            Picture::Objects => class_of(actor.activity, frame.traces.ran == Some(id)),
        };
        let on_pick = may_pick.then(|| props.on_pick.clone());
        html! { <Row key={idx} {id} {name} {outlook} {look} {ready} {on_pick} /> }
    });
    let someone_sleeps =
        scene.actors.iter().any(|actor| matches!(actor.activity, Activity::Sleeping(_)));
    let on_pick = props.on_pick.clone();
    let intro = match (props.can_pick, props.ended) {
        (false, _) => t!("threads.recorded"),
        (true, true) => t!("next.ended"),
        (true, false) => t!("next.intro"),
    };
    html! {
        <div class="next">
            <p class="summary">{ intro }</p>
            if props.n_picks > 0 && props.can_pick {
                <p class="picked">
                    { t!("next.picked", n = props.n_picks) }
                    <button onclick={props.on_forget.reform(|_: MouseEvent| ())}>{ t!("next.forget") }</button>
                </p>
            }
            <ul>{ for actors }</ul>
            if may_pick && someone_sleeps {
                <button class="time" onclick={move |_| on_pick.emit(ActorId::CLOCK)}>
                    { t!("next.clock") }
                </button>
            }
        </div>
    }
}

/// One of them. Drawn anew only when it has changed, for there may be a hundred.
#[derive(Properties, PartialEq)]
struct RowProps {
    id: ActorId,
    name: String,
    outlook: String,
    /// The style sheet's name for how it is.
    look: &'static str,
    ready: bool,
    /// Where a choice can be made.
    on_pick: Option<Callback<ActorId>>,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let RowProps { id, name, outlook, look, ready, on_pick } = props;
    let class = classes!(*look, (!ready).then_some("stuck"));
    let id = *id;
    html! {
        <li {class}>
            <span class="dot" aria-hidden="true" />
            <span class="who">{ name }</span>
            <span class="outlook">{ outlook }</span>
            if let Some(on_pick) = on_pick.clone() {
                <button disabled={!ready} aria-label={t!("next.go_who", who = name)}
                    onclick={move |_| on_pick.emit(id)}>{ t!("next.go") }</button>
            }
        </li>
    }
}
