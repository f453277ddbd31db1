//! The executions that were looked at, as a tree: where two actors could have gone, it branches.

use super::Outcome;
use crate::log::{Log, Turn};

/// Some executions as a tree of their turns. What many begin with is in it once; turns after which
/// all of them go on alike are one branch.
///
/// It holds the turns of every execution that it was given: how many that may be is for others to say.
///
/// ```
/// use engine::lessons::{Check, Plan, Scenario, Tree};
///
/// let scenario: Scenario = "lost-update?actors=2&rounds=1".parse().unwrap();
/// let mut check = Check::new(&scenario, Plan::Classes, 1_000);
/// let mut tree = Tree::default();
/// while check.next_shown(&mut |outcome, run, _| tree.add(outcome, &run.log())) {}
/// let root = tree.branch(0);
/// assert_eq!((root.turns.len(), root.ways.len()), (0, 2), "either can go first");
/// assert_eq!((root.n_executions, root.n_bad), (4, 2));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    executions: Vec<(Vec<Turn>, Outcome)>,
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    /// One of the executions that go through it.
    execution: usize,
    /// From which of its turns to which.
    from: usize,
    to: usize,
    parent: Option<usize>,
    ways: Vec<usize>,
    n_executions: usize,
    n_bad: usize,
}

/// Turns after which there is a choice, or the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch<'a> {
    /// How many turns come before it.
    pub from: usize,
    /// The turns themselves. None at the root, where the first one is a choice.
    pub turns: &'a [Turn],
    /// The branch before it.
    pub parent: Option<usize>,
    /// The branches after it, in the order in which they were found.
    pub ways: &'a [usize],
    /// What came out, where it is the last one.
    pub outcome: Option<&'a Outcome>,
    /// How many executions go through it.
    pub n_executions: usize,
    /// How many of them end badly.
    pub n_bad: usize,
}

impl Tree {
    /// How many executions are in it.
    pub fn n_executions(&self) -> usize {
        self.executions.len()
    }

    /// How many branches there are. Each has a number below that; the root's is 0.
    pub fn n_branches(&self) -> usize {
        self.nodes.len()
    }

    /// The branch with this number.
    ///
    /// # Panics
    /// When there is none.
    pub fn branch(&self, number: usize) -> Branch<'_> {
        let Node { execution, from, to, parent, ref ways, n_executions, n_bad } =
            self.nodes[number];
        let (turns, outcome) = &self.executions[execution];
        let outcome = ways.is_empty().then_some(outcome);
        let turns = &turns[from..to];
        Branch { from, turns, parent, ways, outcome, n_executions, n_bad }
    }

    /// The first execution that goes through this branch, with what came out of it.
    ///
    /// # Panics
    /// When there is no such branch.
    pub fn execution(&self, number: usize) -> (&[Turn], &Outcome) {
        let (turns, outcome) = &self.executions[self.nodes[number].execution];
        (turns, outcome)
    }

    /// Takes in an execution with what came out of it, unless it knows it already.
    pub fn add(&mut self, outcome: &Outcome, log: &Log) {
        let turns: Vec<Turn> = Turn::all(&log.events).collect();
        let execution = self.executions.len();
        let (path, common) = self.follow(turns.iter().copied());
        let Some(&last) = path.last() else {
            self.nodes.push(Node::new(execution, 0..turns.len(), None));
            self.count(&[0], outcome);
            self.executions.push((turns, outcome.clone()));
            return;
        };
        if common == turns.len() {
            return;
        }
        if common < self.nodes[last].to {
            self.part(last, common);
        }
        let new = self.nodes.len();
        self.nodes.push(Node::new(execution, common..turns.len(), Some(last)));
        self.nodes[last].ways.push(new);
        self.count(&[path, vec![new]].concat(), outcome);
        self.executions.push((turns, outcome.clone()));
    }

    /// The branches through which these turns lead, from the root to the last one, and how many turns
    /// that is.
    pub fn follow(&self, turns: impl IntoIterator<Item = Turn>) -> (Vec<usize>, usize) {
        let (mut path, mut n) = (Vec::new(), 0);
        path.extend(self.nodes.first().map(|_| 0));
        for turn in turns {
            let Some(&last) = path.last() else { break };
            let is_next = |number: &usize| {
                let Node { execution, to, .. } = self.nodes[*number];
                n < to && self.executions[execution].0[n].actor == turn.actor
            };
            let ways = || self.nodes[last].ways.iter().copied();
            match [last].into_iter().chain(ways()).find(is_next) {
                Some(next) if next != last => path.push(next),
                Some(_) => {}
                None => break,
            }
            n += 1;
        }
        (path, n)
    }

    /// Makes two branches of one: what comes after so many turns becomes a branch of its own.
    fn part(&mut self, number: usize, at: usize) {
        let new = self.nodes.len();
        let node = &mut self.nodes[number];
        let ways = std::mem::replace(&mut node.ways, vec![new]);
        let rest = Node { from: at, parent: Some(number), ways, ..node.clone() };
        node.to = at;
        for &way in &rest.ways {
            self.nodes[way].parent = Some(new);
        }
        self.nodes.push(rest);
    }

    fn count(&mut self, path: &[usize], outcome: &Outcome) {
        for &number in path {
            self.nodes[number].n_executions += 1;
            self.nodes[number].n_bad += usize::from(outcome.is_bad());
        }
    }
}

impl Node {
    fn new(execution: usize, turns: std::ops::Range<usize>, parent: Option<usize>) -> Self {
        let (from, to, ways) = (turns.start, turns.end, Vec::new());
        Self { execution, from, to, parent, ways, n_executions: 0, n_bad: 0 }
    }
}
