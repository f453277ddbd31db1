//! Checking a lesson: everything that can come out of it, and a short way to each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::RangeInclusive;

use super::findings::{Finding, Findings, goes_round};
use super::reached::Reached;
use super::{Decisive, Picture, Scenario, Verdict};
use crate::explore::{Estimate, Every, InStep, Piece, Reduced, Sampled, Search, States};
use crate::log::Ending;
use crate::model::{Config, Pct, Random, Run};
use crate::world::{ActorId, Failure};

/// Which executions are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// One of each class of those that nobody can tell apart.
    Classes,
    /// All states, of which a store of so many bytes remembers as many as it can. It finds every way to
    /// end, but where an outcome depends on how it came to that (who waited longer), not all of them.
    States(usize),
    /// Every interleaving.
    Every,
    /// Every interleaving with at most so many preemptions.
    Bounded(usize),
    /// Random ones, for as long as one likes.
    Random,
    /// Those of random priorities, for as long as one likes.
    Pct,
    /// Those in which everybody takes a turn in each round, in an order that stays: where actors get
    /// into each other's way for ever.
    InStep,
}

/// How an execution ended, without the names of those who were in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// A claim of the program does not hold.
    Assertion(&'static str),
    /// A primitive was used against its rules.
    Misuse(&'static str),
    /// Some wait for each other.
    Deadlock,
    /// Some wait for what nobody will give.
    LostWakeup,
    /// They go round in circles, by the same turns again and again, and nobody gets any further.
    Livelock,
    /// It had not ended after as many turns as it may take.
    TurnLimit,
    /// Every actor came to its end.
    Finished,
}

impl End {
    /// The kind of this ending.
    pub fn of(ending: &Ending) -> Self {
        match ending {
            Ending::Finished => Self::Finished,
            Ending::Deadlock(deadlock) if deadlock.cycle.is_empty() => Self::LostWakeup,
            Ending::Deadlock(_) => Self::Deadlock,
            Ending::Failed { failure: Failure::Assertion(claim), .. } => Self::Assertion(claim),
            Ending::Failed { failure: Failure::Misuse(rule), .. } => Self::Misuse(rule),
            Ending::TurnLimit | Ending::Paused | Ending::Stopped => Self::TurnLimit,
        }
    }
}

/// What came out of an execution. Those that should not be come first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Outcome {
    /// Whether what the lesson promises held; `None` when it did not come to that.
    pub held: Option<bool>,
    /// How it ended.
    pub end: End,
    /// What it printed, when it came to its end.
    pub lines: Vec<String>,
}

impl Outcome {
    /// What came out of a run of this scenario that has ended.
    pub fn of(scenario: &Scenario, run: &Run) -> Self {
        let (ending, log) = (run.ending().unwrap_or(&Ending::Paused), run.log());
        let lesson = scenario.lesson();
        let end = match ending {
            Ending::TurnLimit if goes_round(&log) => End::Livelock,
            ending => End::of(ending),
        };
        let held = match lesson.verdict(&scenario.values, &log, ending) {
            Verdict::Holds => Some(true),
            Verdict::Broken { .. } => Some(false),
            Verdict::Open => (end == End::Livelock).then_some(false),
        };
        let lines = match ending {
            // Of the philosophers' lists there is one for each order of meals.
            Ending::Finished if lesson.picture != Picture::Table => (lesson.outcome)(lesson, &log),
            _ => Vec::new(),
        };
        Self { held, end, lines }
    }

    /// Whether it was given up at the limit of turns, behind which there may be others.
    fn is_given_up(&self) -> bool {
        matches!(self.end, End::TurnLimit | End::Livelock)
    }

    /// Whether it should not be.
    pub fn is_bad(&self) -> bool {
        self.held == Some(false)
    }
}

/// An outcome, how often it came, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How many of the executions had it.
    pub n_executions: u64,
    /// Who took the turns of the shortest of them.
    pub order: Vec<ActorId>,
}

/// How far a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many executions were looked at.
    pub n_executions: u64,
    /// How many there may be, as far as one can tell from some that were drawn at random; `None` as
    /// long as nothing is known.
    pub n_estimated: Option<u64>,
    /// How many outcomes there are so far.
    pub n_outcomes: usize,
    /// How many of them should not be.
    pub n_bad: usize,
}

/// The outcomes of a scenario, as far as they are known. It can be left and taken up again at any
/// time.
///
/// ```
/// use engine::lessons::{Check, Plan, Scenario};
///
/// let scenario: Scenario = "lost-update?actors=2&rounds=1".parse().unwrap();
/// let mut check = Check::new(&scenario, Plan::Every, 1_000);
/// while check.next() {}
/// let found = |line: &str| {
///     let mut all = check.outcomes().filter(|(outcome, _)| outcome.lines == [line]);
///     all.next().unwrap().1.n_executions
/// };
/// assert_eq!((found("x = 2"), found("x = 1"), check.n_executions()), (2, 4, 6));
/// ```
pub struct Check {
    pub(super) scenario: Scenario,
    pub(super) max_turns: u64,
    pub(super) run: Run,
    /// What is left to look at: the search, or pieces of it.
    pub(super) pieces: Vec<Piece>,
    pub(super) tally: Tally,
    /// How many classes there may be, where they are what is looked at.
    pub(super) estimate: Option<Estimate>,
    /// Executions in step, for where some have no end: who livelocks mostly does so in step.
    in_step: Option<Box<Self>>,
    /// Whether what is left to look at was given away.
    pub(super) is_out: bool,
}

/// Beside how many of the first executions one is drawn for the estimate, so that something is known
/// soon, and after how many another one.
const DRAW_FIRST: u64 = 64;
const DRAW_EVERY: u64 = 256;

impl Check {
    /// Nothing is looked at yet. An execution is given up after `max_turns`. The policy and the picks
    /// of the scenario do not matter.
    pub fn new(scenario: &Scenario, plan: Plan, max_turns: u64) -> Self {
        let search: Piece = match plan {
            Plan::Classes => Box::new(Reduced::new()),
            Plan::States(n_bytes) => Box::new(States::within(n_bytes)),
            Plan::Every => Box::new(Every::new()),
            Plan::Bounded(max_preemptions) => Box::new(Every::bounded(max_preemptions)),
            Plan::Random => {
                Box::new(Sampled::new(scenario.seed, |seed| Box::new(Random::new(seed))))
            }
            Plan::Pct => {
                Box::new(Sampled::new(scenario.seed, |seed| Box::new(Pct::new(seed, 3, 100))))
            }
            Plan::InStep => Box::new(InStep::new()),
        };
        let estimate = (plan == Plan::Classes).then(Estimate::default);
        let in_step = || Box::new(Self::new(scenario, Plan::InStep, max_turns).counting());
        let in_step = matches!(plan, Plan::Classes | Plan::States(_)).then(in_step);
        Self { estimate, in_step, ..Self::searching(scenario, search, max_turns) }
    }

    fn searching(scenario: &Scenario, search: Piece, max_turns: u64) -> Self {
        let run = start(scenario, max_turns, search.looks_at_touches());
        let (scenario, pieces, tally) = (scenario.clone(), vec![search], Tally::default());
        let (estimate, in_step, is_out) = (None, None, false);
        Self { scenario, max_turns, run, pieces, tally, estimate, in_step, is_out }
    }

    /// A check of what can follow after these turns.
    pub(super) fn after(&self, given: &[ActorId]) -> Self {
        let search = Box::new(Reduced::after(given.to_vec()));
        Self::searching(&self.scenario, search, self.max_turns).counting()
    }

    /// The same for whoever wants to know nothing but what comes out.
    fn counting(mut self) -> Self {
        self.tally.counts_only = true;
        self
    }

    /// Looks at the next execution; `false` when there is none left.
    #[expect(clippy::should_implement_trait, reason = "what it finds is asked for elsewhere")]
    pub fn next(&mut self) -> bool {
        self.next_shown(&mut |_, _, _| ())
    }

    /// The same, and shows it: what came out, the run at its end, and whether nothing like that came out
    /// before.
    pub fn next_shown(&mut self, show: &mut dyn FnMut(&Outcome, &Run, bool)) -> bool {
        if self.looks_in_step() {
            return true;
        }
        if let Some(estimate) = &mut self.estimate {
            draw(estimate, self.tally.n_executions, &mut self.run);
        }
        while let Some(search) = self.pieces.last_mut() {
            let found = search.next(&mut self.run);
            if !search.is_sure() {
                self.begin_again();
            } else if found && self.run.ending().is_none() {
                self.tally.n_executions += 1;
                return true;
            } else if found {
                let outcome = Outcome::of(&self.scenario, &self.run);
                show(&outcome, &self.run, !self.tally.outcomes.contains_key(&outcome));
                self.tally.note(outcome, &self.run, || search.order());
                return true;
            } else {
                self.pieces.pop();
            }
        }
        false
    }

    /// Forgets what pieces of the search have found, which are not sure, and begins with the whole of it.
    pub(super) fn begin_again(&mut self) {
        self.pieces = vec![Box::new(Reduced::new())];
        self.tally = Tally::default();
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.tally.progress(self.n_estimated())
    }

    /// How many executions there may be; `None` as long as nothing is known here.
    pub fn n_estimated(&self) -> Option<u64> {
        self.estimate.as_ref()?.n_executions()
    }

    /// Looks at an execution in step, where some have no end; `false` when that is done with.
    pub(super) fn looks_in_step(&mut self) -> bool {
        let endless = Outcome { held: None, end: End::TurnLimit, lines: Vec::new() };
        let Some(in_step) = &mut self.in_step else { return false };
        let is_found = in_step.outcomes().any(|(outcome, _)| outcome.end == End::Livelock);
        self.tally.outcomes.contains_key(&endless) && !is_found && in_step.next()
    }

    /// What came out so far, the bad first.
    pub fn outcomes(&self) -> impl Iterator<Item = (&Outcome, &Found)> {
        let all = &self.tally.outcomes;
        let is_bad = |bad: bool| all.iter().filter(move |(outcome, _)| outcome.is_bad() == bad);
        is_bad(true).chain(is_bad(false))
    }

    /// What was seen in them beside the outcomes, the bad first.
    pub fn findings(&self) -> impl Iterator<Item = (Finding, &Found)> {
        let in_step = self.in_step.iter().flat_map(|check| check.outcomes());
        let livelock = in_step.filter(|(outcome, _)| outcome.end == End::Livelock).take(1);
        livelock.map(|(_, found)| (Finding::Livelock, found)).chain(self.tally.findings.all())
    }

    /// Which lines of the lesson's source no execution came to: of each stretch of them the first and
    /// the last. None, as long as there may be other executions.
    ///
    /// ```
    /// use engine::lessons::{Check, Plan, Scenario};
    ///
    /// let scenario: Scenario = "lost-update?variant=plain&actors=2&rounds=1".parse().unwrap();
    /// let mut check = Check::new(&scenario, Plan::Classes, 1_000);
    /// while check.next() {}
    /// assert_eq!(check.unreached().len(), 1, "what the other variant does");
    /// ```
    pub fn unreached(&self) -> Vec<RangeInclusive<u32>> {
        let is_known = self.is_exhausted() && !self.tally.counts_only;
        let reached = is_known.then_some(&self.tally.reached);
        reached.map_or(Vec::new(), |reached| reached.others(self.scenario.lesson()))
    }

    /// How many executions were looked at.
    pub fn n_executions(&self) -> u64 {
        self.tally.n_executions
    }

    /// Whether there is nothing left to look at.
    pub fn is_done(&self) -> bool {
        self.pieces.is_empty() && !self.is_out
    }

    /// Whether there are no others: nothing is left, and nothing was given up at the limit of turns,
    /// behind which there may be more.
    pub fn is_exhausted(&self) -> bool {
        self.is_done() && !self.tally.outcomes.keys().any(Outcome::is_given_up)
    }

    /// The search for the turn that decided that an execution ends badly: one that took the turns in this
    /// order. It looks at no more than `limit` executions.
    pub fn decisive(&self, order: &[ActorId], limit: u64) -> Decisive {
        Decisive::new(self, order, limit)
    }

    /// In how many of all interleavings each outcome comes, to be counted at leisure. It looks in up to
    /// `limit` places of all classes together, and up to `most` of one; see [`Class::n_interleavings`].
    ///
    /// [`Class::n_interleavings`]: crate::explore::Class::n_interleavings
    ///
    /// ```
    /// use engine::lessons::{Check, Plan, Scenario};
    ///
    /// let scenario: Scenario = "lost-update?actors=3&rounds=2".parse().unwrap();
    /// let mut check = Check::new(&scenario, Plan::Classes, 1_000);
    /// while check.next() {}
    /// let mut census = check.census(1_000_000, 1_000);
    /// while census.next() {}
    /// let n_of = |line: &str| {
    ///     let mut all = check.outcomes().filter(|(outcome, _)| outcome.lines == [line]);
    ///     census.n_of(all.next().unwrap().0).unwrap()
    /// };
    /// assert_eq!((n_of("x = 6"), n_of("x = 2"), census.n_all()), (90, 10_428, Some(34_650)));
    /// ```
    pub fn census(&self, limit: u64, most: u64) -> Census {
        Census {
            scenario: self.scenario.clone(),
            run: start(&self.scenario, self.max_turns, true),
            classes: Reduced::new(),
            counts: BTreeMap::new(),
            n_left: limit,
            most,
            is_done: false,
        }
    }

    /// An execution with this outcome that has as few preemptions as there can be, and among those as
    /// few turns; or the shortest one that is known, where `limit` executions are not enough to find
    /// one.
    pub fn simplest(&self, outcome: &Outcome, limit: u64) -> Option<Simplest> {
        let mut simplest = self.simplify(outcome, limit)?;
        while simplest.next() {}
        Some(simplest)
    }

    /// The search behind [`Check::simplest`], to be gone through at leisure; `None` when nothing is
    /// known to have come to this.
    pub fn simplify(&self, outcome: &Outcome, limit: u64) -> Option<Simplest> {
        Some(Simplest {
            outcome: outcome.clone(),
            order: self.tally.outcomes.get(outcome)?.order.clone(),
            bounded: self.bounded(0),
            n_preemptions: 0,
            is_found: false,
            n_left: limit,
        })
    }

    /// A check of the same with few preemptions.
    fn bounded(&self, n_preemptions: usize) -> Self {
        Self::new(&self.scenario, Plan::Bounded(n_preemptions), self.max_turns).counting()
    }

    /// The scenario in which the turns are taken in this order, with as few picks as a policy allows.
    pub fn schedule(&self, order: &[ActorId]) -> Option<Scenario> {
        let policies = super::Policy::ALL.into_iter();
        let scenarios = policies.filter_map(|policy| {
            Scenario { policy, ..self.scenario.clone() }.following(order).ok()
        });
        scenarios.min_by_key(|scenario| scenario.picks.len())
    }
}

/// A run of the scenario that is explored.
pub(super) fn start(scenario: &Scenario, max_turns: u64, looks_at_touches: bool) -> Run {
    let mut run = scenario.run(Config { max_turns, explored: true, ..Config::default() });
    run.watch(looks_at_touches);
    run
}

/// Draws another execution where it is time for it.
pub(super) fn draw(estimate: &mut Estimate, n_executions: u64, run: &mut Run) {
    if estimate.n_steps() < n_executions.min(DRAW_FIRST) + n_executions / DRAW_EVERY {
        estimate.step(run);
    }
}

/// What came out of some executions.
#[derive(Default)]
pub(super) struct Tally {
    pub outcomes: BTreeMap<Outcome, Found>,
    findings: Findings,
    reached: Reached,
    /// Whether nobody asks for these two.
    counts_only: bool,
    pub n_executions: u64,
}

impl Tally {
    /// Takes note of a run that has ended like this.
    pub fn note(&mut self, outcome: Outcome, run: &Run, order: impl Fn() -> Vec<ActorId>) {
        self.n_executions += 1;
        if !self.counts_only {
            self.findings.look(run, &order);
            self.reached.look(run.log().names.places());
        }
        Found::note(self.outcomes.entry(outcome), run, order);
    }

    /// Takes over what came out of others.
    pub fn merge(&mut self, other: Self) {
        self.n_executions += other.n_executions;
        self.findings.merge(other.findings);
        self.reached.merge(other.reached);
        for (outcome, found) in other.outcomes {
            found.merge_into(self.outcomes.entry(outcome));
        }
    }

    pub fn progress(&self, n_estimated: Option<u64>) -> Progress {
        let n_bad = self.outcomes.keys().filter(|outcome| outcome.is_bad()).count();
        let (n_executions, n_outcomes) = (self.n_executions, self.outcomes.len());
        Progress { n_executions, n_estimated, n_outcomes, n_bad }
    }
}

impl Found {
    /// Takes note of one more execution.
    pub(super) fn note<K: Ord>(entry: Entry<K, Self>, run: &Run, order: impl Fn() -> Vec<ActorId>) {
        match entry {
            Entry::Vacant(entry) => _ = entry.insert(Self { n_executions: 1, order: order() }),
            Entry::Occupied(mut entry) => entry.get_mut().add(run, order),
        }
    }

    /// Adds one more execution.
    pub(super) fn add(&mut self, run: &Run, order: impl Fn() -> Vec<ActorId>) {
        self.n_executions += 1;
        if run.n_turns() <= self.order.len() as u64 {
            self.shorten(order());
        }
    }

    /// Adds these executions to others like them.
    pub(super) fn merge_into<K: Ord>(self, entry: Entry<K, Self>) {
        match entry {
            Entry::Vacant(entry) => _ = entry.insert(self),
            Entry::Occupied(mut entry) => entry.get_mut().merge(self),
        }
    }

    /// Adds other executions.
    pub(super) fn merge(&mut self, other: Self) {
        self.n_executions += other.n_executions;
        self.shorten(other.order);
    }

    /// Of two of the same length it keeps the first by the actors' numbers, whoever came first.
    fn shorten(&mut self, order: Vec<ActorId>) {
        if (order.len(), &order) < (self.order.len(), &self.order) {
            self.order = order;
        }
    }
}

/// The way to the simplest execution with an outcome. It can be left and taken up again at any time.
pub struct Simplest {
    outcome: Outcome,
    /// The best that is known.
    order: Vec<ActorId>,
    bounded: Check,
    n_preemptions: usize,
    is_found: bool,
    n_left: u64,
}

impl Simplest {
    /// Looks at the next execution; `false` when there is nothing more to look for.
    #[expect(clippy::should_implement_trait, reason = "what it finds is asked for elsewhere")]
    pub fn next(&mut self) -> bool {
        if self.is_found {
            return false;
        }
        if self.n_left > 0 && self.bounded.next() {
            self.n_left -= 1;
            return true;
        }
        if let Some(found) = self.bounded.tally.outcomes.get(&self.outcome) {
            (self.order, self.is_found) = (found.order.clone(), true);
            return false;
        }
        if self.n_left == 0 || self.n_preemptions >= self.order.len() {
            return false;
        }
        self.n_preemptions += 1;
        self.bounded = self.bounded.bounded(self.n_preemptions);
        true
    }

    /// Who takes the turns in the best that is known.
    pub fn order(&self) -> &[ActorId] {
        &self.order
    }

    /// How many preemptions it has, if they are the fewest.
    pub fn n_preemptions(&self) -> Option<usize> {
        self.is_found.then_some(self.n_preemptions)
    }

    /// Its schedule.
    pub fn schedule(&self) -> Option<Scenario> {
        self.bounded.schedule(&self.order)
    }
}

/// A count of all interleavings, where they are not too many: those of each class have one outcome. It can
/// be left and taken up again at any time.
pub struct Census {
    scenario: Scenario,
    run: Run,
    classes: Reduced,
    counts: BTreeMap<Outcome, u128>,
    /// In how many places one may look, in all classes that are left and in one.
    n_left: u64,
    most: u64,
    is_done: bool,
}

impl Census {
    /// Counts those of the next class; `false` when there is none left, or it is too much to count.
    #[expect(clippy::should_implement_trait, reason = "what it finds is asked for elsewhere")]
    pub fn next(&mut self) -> bool {
        if self.n_left == 0 || self.is_done {
            return false;
        }
        self.is_done = !self.classes.next(&mut self.run);
        if self.is_done {
            return false;
        }
        let is_counted = self.count().is_some();
        if !is_counted {
            self.n_left = 0;
        }
        is_counted
    }

    /// Counts the interleavings that are of one class with the present execution; of one that was given
    /// up nobody knows how many there are.
    fn count(&mut self) -> Option<()> {
        let outcome = Outcome::of(&self.scenario, &self.run);
        if outcome.is_given_up() {
            return None;
        }
        let limit = self.n_left.min(self.most);
        let mut n_left = limit;
        let n = self.classes.n_interleavings(&mut n_left)?;
        self.n_left -= limit - n_left;
        let count = self.counts.entry(outcome).or_default();
        *count = count.checked_add(n)?;
        Some(())
    }

    /// How many interleavings there are, if all were counted.
    pub fn n_all(&self) -> Option<u128> {
        let mut counts = self.counts.values();
        counts.try_fold(0_u128, |all, n| all.checked_add(*n)).filter(|_| self.is_done)
    }

    /// How many of them have this outcome, if all were counted.
    pub fn n_of(&self, outcome: &Outcome) -> Option<u128> {
        self.is_done.then(|| self.counts.get(outcome).copied().unwrap_or(0))
    }
}
