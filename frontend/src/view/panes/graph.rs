//! The wait-for graph as it forms: who waits for what, what is held by whom, and the cycle.

use std::rc::Rc;

use engine::log::Names;
use rust_i18n::t;
use yew::prelude::*;

use crate::intent::Language;
use crate::layout::{Graph, Node, Wire};
use crate::recording::Frame;
use crate::words;

/// What the graph is of.
#[derive(Properties, PartialEq)]
pub struct GraphProps {
    /// The picture.
    pub frame: Rc<Frame>,
    /// The names in it.
    pub names: Rc<Names>,
    /// The language of its words.
    pub language: Language,
}

/// Actors and the objects they wait for, with the cycle told in words.
#[component]
pub fn GraphPane(props: &GraphProps) -> Html {
    let GraphProps { frame, names, .. } = props;
    let waits = frame.scene.waits();
    let graph = Graph::new(&waits, &frame.scene.holdings);
    let has_cycle = !waits.cycle.is_empty();
    let intro = match (graph.nodes.is_empty(), has_cycle) {
        (true, _) => t!("graph.nobody"),
        (_, true) => t!("graph.cycle"),
        _ => t!("graph.open"),
    };
    let edges = graph.edges.iter().filter_map(|edge| {
        let (from, to) = (graph.rect(edge.from)?, graph.rect(edge.to)?);
        let waits = matches!(edge.from, Node::Actor(_));
        let class = classes!(
            "edge",
            if waits { "waits" } else { "held" },
            edge.in_cycle.then_some("cycle"),
        );
        let tip = if edge.in_cycle { "url(#graph-cycle)" } else { "url(#graph-tip)" };
        Some(html! { <path {class} d={Wire::direct(from, to).path()} marker-end={tip} /> })
    });
    let in_cycle = |node: Node| {
        graph.edges.iter().any(|edge| edge.in_cycle && (edge.from == node || edge.to == node))
    };
    let nodes = graph.nodes.iter().map(|(node, rect)| {
        let (text, shape) = match *node {
            Node::Actor(actor) => (words::actor_caption(names, actor), "is-actor"),
            Node::Object(object) => (words::awaited(names, object), "is-object"),
        };
        let class = classes!("node", shape, in_cycle(*node).then_some("cycle"));
        let radius = if shape == "is-actor" { "15" } else { "4" };
        let at = rect.middle();
        html! {
            <g key={format!("{node:?}")} {class}
                style={format!("transform:translate({:.1}px,{:.1}px)", at.x, at.y)}>
                <rect x={(-rect.w / 2.0).to_string()} y={(-rect.h / 2.0).to_string()}
                    width={rect.w.to_string()} height={rect.h.to_string()} rx={radius} />
                <text y="4.5">{ short(&text) }</text>
            </g>
        }
    });
    let lines = words::cycle(names, &waits).into_iter().map(|line| html! { <li>{ line }</li> });
    let list_class = has_cycle.then_some("cycle");
    html! {
        <div class="graph">
            <p class={classes!("summary", list_class)}>
                if has_cycle { <span aria-hidden="true">{ "↻ " }</span> }
                { intro }
            </p>
            if !graph.nodes.is_empty() {
                <svg viewBox={format!("-4 -6 {} {:.0}", graph.w + 8.0, graph.h + 12.0)} role="img"
                    aria-label={t!("graph.label")}>
                    <defs>{ tip("graph-tip", "") }{ tip("graph-cycle", "cycle") }</defs>
                    { for edges }
                    { for nodes }
                </svg>
                <ul>{ for lines }</ul>
            }
        </div>
    }
}

/// What fits into a node.
fn short(text: &str) -> String {
    // Chinese letters are about twice as wide.
    let width = |letter: char| if letter.is_ascii() { 1 } else { 2 };
    let mut room = 15;
    let fits = |letter: &char| {
        room -= width(*letter);
        room >= 0
    };
    let shown: String = text.chars().take_while(fits).collect();
    if shown.len() == text.len() { shown } else { shown + "…" }
}

fn tip(id: &'static str, class: &'static str) -> Html {
    html! {
        <marker {id} class={classes!("graph-tip", class)} viewBox="0 0 10 10" refX="9" refY="5"
            markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0 0L10 5L0 10z" />
        </marker>
    }
}
