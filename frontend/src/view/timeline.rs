//! Every actor's states over the whole run: one canvas, and a slider over it to go to a step.

use std::rc::Rc;

use engine::log::Names;
use engine::world::ActorId;
use rust_i18n::t;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlInputElement};
use yew::prelude::*;

use crate::intent::{Action, Language, Play};
use crate::recording::{Recording, Segment, Tone};
use crate::words;

use super::observe::use_size;

/// The whole run as lanes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lanes {
    lanes: Vec<Vec<Segment>>,
    /// The stop, or the time in nanoseconds, at the right edge.
    end: f64,
    /// Whether the axis is time, as in a real run; else it is steps.
    by_time: bool,
}

impl Lanes {
    /// The lanes of a recording as it is now.
    pub fn of(recording: &Recording) -> Self {
        let by_time = !recording.is_model();
        let last = recording.last_stop();
        let end = if by_time { recording.time_ns(last) as f64 } else { last as f64 };
        Self { lanes: recording.lanes().to_vec(), end: end.max(1.0), by_time }
    }

    fn start_of(&self, segment: &Segment) -> f64 {
        // What is seen at a stop of the model happened on the way there from the one before.
        let stop = || segment.from.saturating_sub(1) as f64;
        let at = if self.by_time { segment.from_ns as f64 } else { stop() };
        (at / self.end).min(1.0)
    }
}

/// Where the player stands in it.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The whole run.
    pub lanes: Rc<Lanes>,
    /// Whose lanes they are.
    pub names: Rc<Names>,
    /// The step it shows.
    pub step: usize,
    /// The last step there is.
    pub last: usize,
    /// How far along the axis the step is, from 0 to 1.
    pub progress: f64,
    /// The step that decided how the run ends, if that is known.
    pub decisive: Option<usize>,
    /// The step in words.
    pub words: String,
    /// Whether the colours it takes are the dark ones.
    pub dark: bool,
    /// Something was done.
    pub on: Callback<Action>,
    /// A place on the axis was chosen, from 0 to 1.
    pub on_seek: Callback<f64>,
    /// The language of its words.
    pub language: Language,
}

/// The lanes, the play head, and the slider.
#[component]
pub fn Timeline(props: &Props) -> Html {
    let canvas = use_node_ref();
    let (width, _) = use_size(canvas.clone());
    {
        let canvas = canvas.clone();
        let depends = (props.lanes.clone(), width, props.dark);
        use_effect_with(depends, move |(lanes, _, _)| {
            if let Some(canvas) = canvas.cast::<HtmlCanvasElement>() {
                // A canvas without a context (lost, or too large) stays as it is.
                let _ = draw(&canvas, lanes);
            }
        });
    }
    let seek = {
        let on_seek = props.on_seek.clone();
        move |event: PointerEvent| {
            // Along the axis, not along the steps, so that the head is where the pointer is.
            if event.buttons() & 1 == 1 {
                event.prevent_default();
                let target: HtmlInputElement = event.target_unchecked_into();
                let _ = target.focus();
                let bounds = target.get_bounding_client_rect();
                let at = (f64::from(event.client_x()) - bounds.left()) / bounds.width().max(1.0);
                on_seek.emit(at.clamp(0.0, 1.0));
            }
        }
    };
    let oninput = props.on.reform(|event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Action::Play(Play::To(input.value_as_number().max(0.0) as usize))
    });
    // How much of the axis a step takes.
    let share = 100.0 / props.lanes.end;
    let rows = props.lanes.lanes.len();
    let name = |idx: usize| words::initials(&props.names, ActorId(idx as u16));
    let height = (rows * 22).clamp(66, 176);
    html! {
        <div class="timeline" style={format!("--height:{height}px")}>
            if rows <= 12 {
                <ol class="lane-names" aria-hidden="true">
                    { for (0..rows).map(|idx| html! { <li key={idx}>{ name(idx) }</li> }) }
                </ol>
            }
            <div class="lanes">
                <canvas ref={canvas} aria-hidden="true" />
                if let Some(step) = props.decisive {
                    <div class="decisive" role="img" aria-label={t!("explore.fate.mark", n = step)}
                        style={format!("left:{:.3}%;width:{share:.3}%", share * (step - 1) as f64)} />
                }
                <div class="head" style={format!("left:{:.3}%", props.progress * 100.0)} />
                <input type="range" min="0" max={props.last.to_string()} step="1"
                    value={props.step.to_string()} aria-label={t!("play.timeline")}
                    aria-valuetext={props.words.clone()} {oninput}
                    onpointerdown={seek.clone()} onpointermove={seek} />
            </div>
        </div>
    }
}

fn draw(canvas: &HtmlCanvasElement, lanes: &Lanes) -> Result<(), JsValue> {
    let window = gloo::utils::window();
    let density = window.device_pixel_ratio();
    let bounds = canvas.get_bounding_client_rect();
    let (width, height) = (bounds.width() * density, bounds.height() * density);
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let Some(context) = canvas.get_context("2d")? else { return Ok(()) };
    let context: CanvasRenderingContext2d = context.unchecked_into();
    let styles = window.get_computed_style(canvas)?.ok_or("a canvas on the page has a style")?;
    let colour = |name: &str| styles.get_property_value(name);
    let row = height / lanes.lanes.len().max(1) as f64;
    let gap = if row > 8.0 * density { 3.0 * density } else { 0.0 };
    let ink = colour("--ink")?;
    // How much goes on is the height of the bar: a shape beside the colour.
    let tones = [
        (Tone::Calm, colour("--thinking")?, 0.34),
        (Tone::Wants, colour("--hungry")?, 0.62),
        (Tone::Busy, colour("--eating")?, 1.0),
        (Tone::Over, colour("--done")?, 0.12),
        (Tone::Asleep, colour("--thinking")?, 0.16),
    ];
    for (at, lane) in lanes.lanes.iter().enumerate() {
        let top = row * at as f64 + gap / 2.0;
        let mut drawn_to = 0.0;
        for (idx, segment) in lane.iter().enumerate() {
            let from = lanes.start_of(segment) * width;
            let to = lane.get(idx + 1).map_or(width, |next| lanes.start_of(next) * width);
            // What is too short to be seen: only the first of it in every half of a point.
            if to - from < 0.5 * density && to < drawn_to {
                continue;
            }
            let Some((_, colour, share)) = tones.iter().find(|(tone, ..)| *tone == segment.tone)
            else {
                continue;
            };
            let tall = (row - gap) * share;
            let wide = (to - from).max(density * 0.5);
            drawn_to = from + wide;
            context.set_fill_style_str(colour);
            context.fill_rect(from, top + (row - gap) - tall, wide, tall);
            if segment.waits && row > 5.0 * density {
                context.set_fill_style_str(&ink);
                context.fill_rect(from, top + (row - gap) - tall, wide.max(1.0), density * 1.5);
            }
        }
    }
    Ok(())
}
