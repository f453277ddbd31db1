//! Everything that can come out of the present lesson: looked at a little in each frame, beside the
//! stage, or by somebody else, of whom the frames only ask what was found. The clock comes from outside.

use std::ops::RangeInclusive;
use std::rc::Rc;
use std::sync::Arc;

use engine::lessons::{
    Census, Check, Decisive, End, Errand, Fate, Finding, Found, Lesson, Outcome, Plan, Scenario,
    Simplest, Tree,
};
use engine::log::Log;
use engine::model::{Config, Time};
use engine::world::ActorId;

/// After how many turns an execution is given up.
pub const MAX_TURNS: u64 = 1_000;

/// How many executions may be spent on finding a simpler way to an outcome.
const SIMPLEST_LIMIT: u64 = 5_000;

/// How many executions may be spent on when an execution was decided.
const DECISIVE_LIMIT: u64 = 20_000;

/// In how many places one may look to count the interleavings: of all classes, and of one, which must not
/// take longer than a frame.
const CENSUS_LIMIT: [u64; 2] = [2_000_000, 50_000];

/// How many executions are kept to be drawn as a tree; beyond them only the first with each outcome, as
/// long as it is shown.
pub const TREE_LIMIT: usize = 300;

/// How long a frame may compute, in milliseconds.
const BUDGET_MS: f64 = 6.0;

/// What is longer than any frame, in milliseconds: the page was hidden.
const PAUSE_MS: f64 = 100.0;

/// After how many executions, and after how many outcomes, it rests until somebody wants more: a page
/// that was forgotten shall not fill the memory.
const REST: (u64, usize) = (2_000_000, 20_000);

/// How many executions each of the others is sent to look at. When they come back they are sent again
/// in the next frame; a page that is hidden has none.
const ERRAND: u64 = 200_000;

/// How many outcomes are shown.
const N_SHOWN: usize = 40;

/// An exploration of a scenario, whatever its schedule.
pub struct Exploration {
    scenario: Scenario,
    check: Check,
    /// Where others look at executions in the place of this thread.
    errand: Option<Arc<Errand>>,
    /// Whether what they found together had to be given up once: from then on there is only one.
    is_for_one: bool,
    /// How many of them have found something to do, and how many executions there may be, as far as was
    /// known when somebody asked.
    n_at_work: usize,
    n_estimated: Option<u64>,
    n_outcomes: usize,
    /// How many executions were looked at in how many milliseconds, as far as that was measured.
    pace: (u64, f64),
    /// When it computed last; nothing while it rests.
    last_ms: Option<f64>,
    rests: (u64, usize),
    /// Every interleaving, once there are no more classes.
    census: Option<Census>,
    tree: Rc<Tree>,
    sought: Option<(Outcome, Simplest)>,
    /// What somebody looked at last.
    seen: Option<Seen>,
}

/// An execution that somebody looks at.
struct Seen {
    outcome: Outcome,
    schedule: Scenario,
    n_preemptions: Option<usize>,
    fate: Option<Fate>,
    /// The search for its fate, until that is known.
    decisive: Option<Decisive>,
}

/// What an exploration has found, as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explored {
    /// How many executions were looked at.
    pub n_executions: u64,
    /// How many in a second, once that is known.
    pub per_second: Option<u64>,
    /// How many there may be, as long as that is more.
    pub n_estimated: Option<u64>,
    /// How many others look at them in the place of the page's thread.
    pub n_at_work: usize,
    /// Whether there are no others.
    pub is_exhausted: bool,
    /// Whether one of them had not ended when it was given up.
    pub is_cut_off: bool,
    /// How many outcomes there are.
    pub n_outcomes: usize,
    /// How many of them should not be.
    pub n_bad: usize,
    /// The first of them, the bad before all others.
    pub groups: Vec<Group>,
    /// What was seen beside them, and in how many executions.
    pub findings: Vec<(Finding, u64)>,
    /// Which lines of the lesson's source none of them came to; see [`Check::unreached`].
    pub unreached: Vec<RangeInclusive<u32>>,
    /// How many interleavings there are, where they were counted.
    pub n_interleavings: Option<u128>,
    /// How many preemptions the execution has that the player holds, if they are the fewest.
    pub n_preemptions: Option<usize>,
    /// When it was decided that it ends badly.
    pub fate: Option<Fate>,
    /// Whether that is being looked for.
    pub ponders: bool,
}

/// An outcome with what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What came out.
    pub outcome: Outcome,
    /// In how many executions.
    pub n_executions: u64,
    /// In how many of all interleavings, where they were counted.
    pub n_interleavings: Option<u128>,
    /// Whether the simplest way to it is being looked for.
    pub is_sought: bool,
    /// Whether the player holds that.
    pub is_seen: bool,
}

impl Exploration {
    /// Nothing is explored yet. Sleeps and timeouts end at any moment in it.
    pub fn new(scenario: &Scenario) -> Self {
        Self::of(Scenario { time: Time::Free, ..scenario.clone() })
    }

    /// The same where time passes as the scenario has it.
    pub fn of(scenario: Scenario) -> Self {
        let scenario = Scenario { picks: Vec::new(), ..scenario };
        let check = Check::new(&scenario, Plan::Classes, MAX_TURNS);
        Self {
            scenario,
            check,
            errand: None,
            is_for_one: false,
            n_at_work: 0,
            n_estimated: None,
            n_outcomes: 0,
            pace: (0, 0.0),
            last_ms: None,
            rests: REST,
            census: None,
            tree: Rc::default(),
            sought: None,
            seen: None,
        }
    }

    /// Whether it is one of this scenario.
    pub fn is_of(&self, scenario: &Scenario) -> bool {
        let what = |it: &Scenario| (it.values.clone(), it.grain, it.spurious, it.seed);
        what(&self.scenario) == what(scenario)
    }

    /// Of which lesson.
    pub fn lesson(&self) -> &'static Lesson {
        self.scenario.lesson()
    }

    /// Looks at executions for a moment, or at what others have found; `false` when it rests or there
    /// are no more.
    pub fn grow(&mut self, now_ms: impl Fn() -> f64) -> bool {
        let (start_ms, n_before) = (now_ms(), self.check.n_executions());
        let was_out = self.collect();
        // What others do not look at is left for this thread.
        let mut goes_on = self.slice(start_ms, &now_ms) || was_out;
        let end_ms = now_ms();
        if self.check.n_executions() >= self.rests.0 {
            self.rests.0 += REST.0;
            goes_on = false;
        }
        self.n_outcomes = self.check.outcomes().count();
        if self.n_outcomes >= self.rests.1 {
            self.rests.1 += REST.1;
            goes_on = false;
        }
        let passed_ms = end_ms - self.last_ms.unwrap_or(start_ms);
        // While a page is hidden, it does nothing itself, and others come back at some time.
        let is_measured = self.is_out() || !was_out || passed_ms < PAUSE_MS;
        if self.census.is_none() && is_measured {
            self.pace.0 += self.check.n_executions().saturating_sub(n_before);
            self.pace.1 += if was_out { passed_ms } else { passed_ms.min(PAUSE_MS) };
        }
        self.last_ms = Some(end_ms);
        if !goes_on {
            self.rest();
        }
        goes_on
    }

    /// Looks at executions for as long as a frame may compute; `false` when there are no more.
    fn slice(&mut self, start_ms: f64, now_ms: impl Fn() -> f64) -> bool {
        // An execution takes about as long as this question, or far longer.
        while self.check.n_executions() < self.rests.0 && now_ms() - start_ms < BUDGET_MS {
            if !self.look() {
                return false;
            }
        }
        true
    }

    /// What others, of whom there are so many, can do in the place of the next slices, for each who shall
    /// do it: for nobody, unless there is so much to look at that they had better.
    pub fn send(&mut self, n_others: usize) -> Vec<Arc<Errand>> {
        let n = if self.is_for_one { n_others.min(1) } else { n_others };
        let is_long = self.tree.n_executions() >= TREE_LIMIT && !self.check.is_done();
        if n == 0 || !is_long || self.is_out() {
            return Vec::new();
        }
        let limit = self.rests.0.min(self.check.n_executions() + ERRAND * n as u64);
        let errand = Arc::new(self.check.send(limit));
        self.errand = Some(errand.clone());
        vec![errand; n]
    }

    /// Whether others look at executions, or have not come back yet.
    pub fn is_out(&self) -> bool {
        self.errand.is_some()
    }

    /// Takes over what others have found; `false` when there are none.
    pub fn collect(&mut self) -> bool {
        let Some(errand) = self.errand.take() else { return false };
        let (scenario, tree) = (&self.scenario, &mut self.tree);
        let show = &mut |outcome: &Outcome, found: &Found| {
            if tree.n_executions() < TREE_LIMIT + N_SHOWN {
                Rc::make_mut(tree).add(outcome, &replay(scenario, &found.order));
            }
        };
        self.n_estimated = errand.n_estimated().or(self.n_estimated);
        // Whoever worked on it has let go of it when it is over.
        match Arc::try_unwrap(errand) {
            Ok(errand) => {
                self.n_at_work = errand.n_at_work();
                if !self.check.take_back(errand, show) {
                    (self.is_for_one, self.tree) = (true, Rc::default());
                }
            }
            Err(errand) => {
                self.n_at_work = errand.n_at_work().max(self.n_at_work);
                self.check.collect(&errand, show);
                self.errand = Some(errand);
            }
        }
        true
    }

    /// Looks at the next execution, or, when all are known, counts the interleavings of the next class.
    fn look(&mut self) -> bool {
        if let Some(census) = &mut self.census {
            return census.next();
        }
        let tree = &mut self.tree;
        let goes_on = self.check.next_shown(&mut |outcome, run, is_new| {
            let most = if is_new { TREE_LIMIT + N_SHOWN } else { TREE_LIMIT };
            if tree.n_executions() < most {
                Rc::make_mut(tree).add(outcome, &run.log());
            }
        });
        if !goes_on && self.check.is_exhausted() {
            self.census = Some(self.check.census(CENSUS_LIMIT[0], CENSUS_LIMIT[1]));
            return true;
        }
        goes_on
    }

    /// It rests, once others have come back.
    pub fn rest(&mut self) {
        self.last_ms = None;
        if let Some(errand) = &self.errand {
            errand.stop();
        }
    }

    /// Begins to look for the simplest way to an outcome.
    pub fn seek(&mut self, outcome: Outcome) {
        self.rest();
        let simplest = self.check.simplify(&outcome, SIMPLEST_LIMIT);
        self.sought = simplest.map(|simplest| (outcome, simplest));
    }

    /// Whether a way to an outcome is looked for.
    pub fn seeks(&self) -> bool {
        self.sought.is_some()
    }

    /// Looks for it for a moment. Gives its schedule when it is found, and the step to look at: the
    /// last one, where the run would go on beyond it.
    pub fn find(&mut self, now_ms: impl Fn() -> f64) -> Option<(Scenario, usize)> {
        let (_, simplest) = self.sought.as_mut()?;
        let start_ms = now_ms();
        while simplest.next() {
            if now_ms() - start_ms >= BUDGET_MS {
                return None;
            }
        }
        let (outcome, simplest) = self.sought.take()?;
        let step = match outcome.end {
            End::TurnLimit | End::Livelock => simplest.order().len(),
            _ => usize::MAX,
        };
        let scenario = self.see(outcome, simplest.order(), simplest.n_preemptions())?;
        Some((scenario, step))
    }

    /// Some of the executions, as a tree.
    pub fn tree(&self) -> &Rc<Tree> {
        &self.tree
    }

    /// The schedule of an execution that goes through this branch of the tree.
    pub fn visit(&mut self, branch: usize) -> Option<Scenario> {
        self.rest();
        let (turns, outcome) = self.tree.execution(branch);
        let order: Vec<ActorId> = turns.iter().map(|turn| turn.actor).collect();
        self.see(outcome.clone(), &order, None)
    }

    /// The schedule of an execution in which this can be seen, and the step at which it is.
    pub fn look_at(&mut self, finding: Finding) -> Option<(Scenario, usize)> {
        self.rest();
        let (_, found) = self.check.findings().find(|(other, _)| *other == finding)?;
        let schedule = self.check.schedule(&found.order)?;
        let step = finding.step_in(&schedule, &found.order);
        Some((schedule, step))
    }

    /// Somebody looks at this execution.
    fn see(
        &mut self,
        outcome: Outcome,
        order: &[ActorId],
        n_preemptions: Option<usize>,
    ) -> Option<Scenario> {
        let schedule = self.check.schedule(order)?;
        let decisive = outcome.is_bad().then(|| self.check.decisive(order, DECISIVE_LIMIT));
        let seen = Seen { outcome, schedule, n_preemptions, fate: None, decisive };
        Some(self.seen.insert(seen).schedule.clone())
    }

    /// Whether it is looked for when that was decided.
    pub fn ponders(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.decisive.is_some())
    }

    /// Looks for it for a moment.
    pub fn ponder(&mut self, now_ms: impl Fn() -> f64) {
        let Some(seen) = &mut self.seen else { return };
        let Some(decisive) = &mut seen.decisive else { return };
        let start_ms = now_ms();
        while decisive.next() {
            if now_ms() - start_ms >= BUDGET_MS {
                return;
            }
        }
        seen.fate = Some(decisive.fate());
        seen.decisive = None;
    }

    /// How many executions were looked at.
    pub fn n_executions(&self) -> u64 {
        self.check.n_executions()
    }

    /// Whether there are no others.
    pub fn is_exhausted(&self) -> bool {
        self.check.is_exhausted()
    }

    /// What should not come out but does, each with the turns of the shortest execution that has it.
    pub fn bad(&self) -> impl Iterator<Item = (&Outcome, usize)> {
        let bad = self.check.outcomes().take_while(|(outcome, _)| outcome.is_bad());
        bad.map(|(outcome, found)| (outcome, found.order.len()))
    }

    /// What was found so far. `now` is the scenario that the player holds.
    pub fn explored(&self, now: &Scenario) -> Explored {
        let seen = self.seen.as_ref().filter(|seen| seen.schedule == *now);
        let census = self.census.as_ref();
        let group = |(outcome, found): (&Outcome, &Found)| Group {
            outcome: outcome.clone(),
            n_executions: found.n_executions,
            n_interleavings: census.and_then(|census| census.n_of(outcome)),
            is_sought: self.sought.as_ref().is_some_and(|(sought, _)| sought == outcome),
            is_seen: seen.is_some_and(|seen| seen.outcome == *outcome),
        };
        let findings = self.check.findings().map(|(finding, found)| (finding, found.n_executions));
        let n_executions = self.check.n_executions();
        let (n_measured, elapsed_ms) = self.pace;
        let n_estimated = self.check.n_estimated().or(self.n_estimated);
        // Less than this is no measurement.
        let is_measured = elapsed_ms >= 100.0;
        Explored {
            n_executions,
            per_second: is_measured.then(|| (n_measured as f64 / elapsed_ms * 1000.0) as u64),
            // An estimate that has been overtaken says nothing.
            n_estimated: n_estimated
                .filter(|estimated| *estimated > n_executions && !self.check.is_done()),
            n_at_work: if self.is_out() { self.n_at_work } else { 0 },
            is_exhausted: self.check.is_done(),
            is_cut_off: self.check.outcomes().any(|(outcome, _)| outcome.end == End::TurnLimit),
            n_outcomes: self.n_outcomes,
            n_bad: self.check.outcomes().take_while(|(outcome, _)| outcome.is_bad()).count(),
            groups: self.check.outcomes().take(N_SHOWN).map(group).collect(),
            findings: findings.take(N_SHOWN).collect(),
            unreached: self.check.unreached(),
            n_interleavings: census.and_then(Census::n_all),
            n_preemptions: seen.and_then(|seen| seen.n_preemptions),
            fate: seen.and_then(|seen| seen.fate),
            ponders: seen.is_some_and(|seen| seen.decisive.is_some()),
        }
    }
}

/// Nobody wants to know any more.
impl Drop for Exploration {
    fn drop(&mut self) {
        self.rest();
    }
}

/// What happens when the turns of an execution are taken in this order.
fn replay(scenario: &Scenario, order: &[ActorId]) -> Log {
    let mut run = scenario.run(Config { explored: true, ..Config::default() });
    for &actor in order {
        // It was an execution of this scenario before.
        let _ = run.turn(actor);
    }
    run.into_log()
}
