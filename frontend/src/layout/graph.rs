//! Where the nodes of the wait-for graph are: a cycle on a circle, everything else in two columns.

use std::f64::consts::{PI, TAU};

use engine::log::{Deadlock, Holdings, Link};
use engine::world::{ActorId, ObjectId};

use super::Rect;

/// The width of the drawing.
const WIDTH: f64 = 300.0;
/// The size of a node.
const NODE: (f64, f64) = (104.0, 30.0);
/// From one node of a column to the next.
const STEP: f64 = 46.0;

/// Someone who waits or is waited for, or something that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// An actor.
    Actor(ActorId),
    /// An object.
    Object(ObjectId),
}

/// An arrow: who waits for what, or what is held by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// From whom, or from what.
    pub from: Node,
    /// To what, or to whom.
    pub to: Node,
    /// Whether it is a part of the cycle.
    pub in_cycle: bool,
}

/// The graph, laid out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// The nodes and where they are.
    pub nodes: Vec<(Node, Rect)>,
    /// The arrows.
    pub edges: Vec<Edge>,
    /// How wide the drawing is.
    pub w: f64,
    /// How high the drawing is.
    pub h: f64,
}

impl Graph {
    /// The graph of those who wait, of what they wait for and of those who hold it.
    pub fn new(waits: &Deadlock, holdings: &Holdings) -> Self {
        let mut edges: Vec<Edge> = Vec::new();
        let add = |edges: &mut Vec<Edge>, from, to, in_cycle| {
            let same = edges.iter_mut().find(|edge| (edge.from, edge.to) == (from, to));
            match same {
                Some(edge) => edge.in_cycle |= in_cycle,
                None => edges.push(Edge { from, to, in_cycle }),
            }
        };
        for link in &waits.blocked {
            let in_cycle = waits.cycle.contains(link);
            let (actor, object) = (Node::Actor(link.actor), Node::Object(link.object));
            // One arrow of the cycle goes to the object, of which only one holder need be in it.
            let to_object = waits.cycle.iter().any(|other| same_wait(other, link));
            add(&mut edges, actor, object, to_object);
            for holder in holdings.holders(link.object) {
                let closes = in_cycle && link.holder == Some(*holder);
                add(&mut edges, object, Node::Actor(*holder), closes);
            }
        }
        let ring: Vec<Node> = waits
            .cycle
            .iter()
            .flat_map(|link| [Node::Actor(link.actor), Node::Object(link.object)])
            .collect();
        let (mut actors, mut objects) = (Vec::new(), Vec::new());
        for node in edges.iter().flat_map(|edge| [edge.from, edge.to]) {
            let column = if matches!(node, Node::Actor(_)) { &mut actors } else { &mut objects };
            if !ring.contains(&node) && !column.contains(&node) {
                column.push(node);
            }
        }
        let (mut nodes, below) = on_ring(&ring);
        let n_rows = actors.len().max(objects.len());
        for (column, x) in [(&actors, 0.0), (&objects, WIDTH - NODE.0)] {
            // The shorter column stands in the middle of the longer one.
            let top = below + (n_rows - column.len()) as f64 * STEP / 2.0;
            let place = |idx: usize| Rect { x, y: top + idx as f64 * STEP, w: NODE.0, h: NODE.1 };
            nodes.extend(column.iter().enumerate().map(|(idx, node)| (*node, place(idx))));
        }
        let bottom = nodes.iter().map(|(_, rect)| rect.y + rect.h).fold(0.0, f64::max);
        Self { nodes, edges, w: WIDTH, h: bottom }
    }

    /// Where a node is.
    pub fn rect(&self, node: Node) -> Option<Rect> {
        self.nodes.iter().find(|(other, _)| *other == node).map(|(_, rect)| *rect)
    }
}

fn same_wait(a: &Link, b: &Link) -> bool {
    (a.actor, a.object) == (b.actor, b.object)
}

/// The nodes of the cycle, clockwise from the top, and where there is room below them.
fn on_ring(ring: &[Node]) -> (Vec<(Node, Rect)>, f64) {
    if ring.is_empty() {
        return (Vec::new(), 0.0);
    }
    let n = ring.len() as f64;
    let (rx, ry) = ((WIDTH - NODE.0) / 2.0, (n * 17.0).clamp(70.0, 240.0));
    let place = |idx: usize| {
        let angle = idx as f64 * TAU / n - PI / 2.0;
        // With few nodes a circle leaves too little room beside them.
        let (x, y) = (WIDTH / 2.0 + rx * angle.cos(), ry + ry * angle.sin());
        Rect { x: x - NODE.0 / 2.0, y, w: NODE.0, h: NODE.1 }
    };
    let nodes = ring.iter().enumerate().map(|(idx, node)| (*node, place(idx))).collect();
    (nodes, 2.0 * ry + NODE.1 + STEP - NODE.1)
}
