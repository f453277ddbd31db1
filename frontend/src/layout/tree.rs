//! Where the branches of the interleavings' tree are: time goes to the right, and each line is one
//! execution, or several behind a branch that is closed.

use engine::lessons::Tree;
use engine::world::ActorId;

use super::{Point, Rect};

/// How high a line is.
const ROW: f64 = 2.0;
/// How high the mark of a turn is.
const TALL: f64 = 1.5;
/// How wide the mark of a turn is, beside its letters, and how wide a letter is.
const PAD: f64 = 0.8;
const LETTER: f64 = 0.62;
/// Between two marks.
const GAP: f64 = 0.2;
/// The root's dot, and the button of a branch that has ways.
const KNOT: f64 = 1.4;
/// From one branch to the next.
const STEP: f64 = 1.0;
/// The room for what came out.
const LABEL: f64 = 15.0;
/// How many marks of a branch are drawn; where there are more, those in the middle are not.
const MOST_MARKS: usize = 7;
/// How many lines are open at first.
const FIRST_ROWS: usize = 16;

/// Turns that one actor takes one after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Who; nobody, where it stands for turns of several that are not drawn.
    pub actor: Option<ActorId>,
    /// How many turns.
    pub n: usize,
    /// How many turns there are up to its end, from the beginning of the execution.
    pub to: usize,
    /// Where it begins, from the beginning of the branch.
    pub x: f64,
    /// How wide it is.
    pub w: f64,
}

/// A branch that is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Bough {
    /// Its number in the tree.
    pub number: usize,
    /// Where its turns are, with the button behind them.
    pub rect: Rect,
    /// How many branches lead to it, with itself.
    pub level: usize,
    /// Which of the ways it is, from 1, and of how many.
    pub place: [usize; 2],
    /// Whether its ways are seen; nothing where it has none.
    pub is_open: Option<bool>,
    /// Its turns.
    pub marks: Vec<Mark>,
    /// Where the one that it grows from ends.
    pub from: Option<Point>,
}

/// The tree, laid out, in units of the letter size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Boughs {
    /// What is seen of it, each before those that grow from it.
    pub all: Vec<Bough>,
    /// How wide it is.
    pub w: f64,
    /// How high.
    pub h: f64,
}

impl Boughs {
    /// The tree; by number, which branches are open. `n_letters` says how long the name of an actor is.
    pub fn new(tree: &Tree, open: &[bool], n_letters: &dyn Fn(ActorId) -> usize) -> Self {
        let mut boughs = Self::default();
        if tree.n_branches() > 0 {
            let root = Place { number: 0, level: 1, place: [1, 1], from: None };
            boughs.h = boughs.grow(tree, open, n_letters, root, 0.0);
        }
        boughs
    }

    /// Adds a branch and what grows from it, from this height on. Gives the height below it.
    fn grow(
        &mut self,
        tree: &Tree,
        open: &[bool],
        n_letters: &dyn Fn(ActorId) -> usize,
        at: Place,
        y: f64,
    ) -> f64 {
        let branch = tree.branch(at.number);
        let is_open = (!branch.ways.is_empty()).then(|| open[at.number]);
        let start = if at.from.is_none() { KNOT } else { 0.0 };
        let actors: Vec<ActorId> = branch.turns.iter().map(|turn| turn.actor).collect();
        let (marks, mut w) = marks(&actors, branch.from, start, n_letters);
        if is_open.is_some() {
            w += KNOT;
        }
        let x = at.from.map_or(0.0, |from| from.x + STEP);
        let rect = Rect { x, y: y + (ROW - TALL) / 2.0, w, h: TALL };
        let end = Point { x: x + w, y: y + ROW / 2.0 };
        let Place { number, level, place, from } = at;
        self.all.push(Bough { number, rect, level, place, is_open, marks, from });
        if is_open != Some(true) {
            self.w = self.w.max(end.x + LABEL);
            return y + ROW;
        }
        let n = branch.ways.len();
        branch.ways.iter().zip(1..).fold(y, |y, (&number, nth)| {
            let way = Place { number, level: level + 1, place: [nth, n], from: Some(end) };
            self.grow(tree, open, n_letters, way, y)
        })
    }
}

/// Where a branch is in the tree.
struct Place {
    number: usize,
    level: usize,
    place: [usize; 2],
    from: Option<Point>,
}

/// The marks of these turns, and where they end.
fn marks(
    actors: &[ActorId],
    n_before: usize,
    start: f64,
    n_letters: &dyn Fn(ActorId) -> usize,
) -> (Vec<Mark>, f64) {
    let mut marks: Vec<Mark> = Vec::new();
    for (&actor, to) in actors.iter().zip(n_before + 1..) {
        match marks.last_mut().filter(|mark| mark.actor == Some(actor)) {
            Some(mark) => (mark.n, mark.to) = (mark.n + 1, to),
            None => marks.push(Mark { actor: Some(actor), n: 1, to, x: 0.0, w: 0.0 }),
        }
    }
    while marks.len() > MOST_MARKS {
        let more = marks.remove(MOST_MARKS / 2);
        let mark = &mut marks[MOST_MARKS / 2];
        (mark.actor, mark.n) = (None, mark.n + more.n);
    }
    let mut x = start;
    for mark in &mut marks {
        let n_digits = mark.n.checked_ilog10().map_or(1, |n| n as usize + 1);
        let letters = match mark.actor {
            Some(actor) if mark.n == 1 => n_letters(actor),
            Some(actor) => n_letters(actor) + 2 + n_digits,
            None => 2 + n_digits,
        };
        (mark.x, mark.w) = (x, PAD + LETTER * letters as f64);
        x += mark.w + GAP;
    }
    (marks, x)
}

/// Which branches are open at first: those next to the root, as long as one can still see all of it.
pub fn open_at_first(tree: &Tree) -> Vec<bool> {
    let mut open = vec![false; tree.n_branches()];
    let (mut level, mut n_rows) = (vec![0], 1);
    while !level.is_empty() {
        let mut next = Vec::new();
        for number in level {
            let ways = tree.branch(number).ways;
            if n_rows + ways.len() <= FIRST_ROWS + 1 || number == 0 {
                open[number] = !ways.is_empty();
                n_rows += ways.len().saturating_sub(1);
                next.extend(ways);
            }
        }
        level = next;
    }
    open
}
