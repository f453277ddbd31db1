//! Where a run takes place: the model, computed a little in each frame, or threads, listened to.
//!
//! The stage only ever lets its recording grow; what is shown of it is the player's business.

use engine::lessons::{Scenario, Verdict};
use engine::log::Ending;
use engine::model::{self, Replay};

use crate::bridge;
use crate::recording::Recording;

/// After how many turns a run of the model is cut off.
pub const MAX_TURNS: u64 = 200_000;

/// How many turns are computed before the clock is looked at.
const TURNS_AT_A_TIME: u64 = 250;

/// How long a frame may compute, in milliseconds.
const BUDGET_MS: f64 = 5.0;

enum Source {
    Model { run: Box<model::Run>, scheduler: Box<Replay> },
    Threads(bridge::Run),
    Over,
}

/// A run and its recording.
pub struct Stage {
    scenario: Scenario,
    source: Source,
    recording: Recording,
    /// What the run came to, once it has ended.
    verdict: Verdict,
    outcome: Vec<String>,
}

impl Stage {
    /// The scenario in the model, at its first step.
    pub fn model(scenario: &Scenario) -> Self {
        let config = model::Config { max_turns: MAX_TURNS, ..model::Config::default() };
        let source = Source::Model {
            run: Box::new(scenario.run(config)),
            scheduler: Box::new(scenario.scheduler()),
        };
        let mut stage = Self::of(scenario, source, true);
        stage.grow();
        stage
    }

    /// The scenario's program on real threads, which begin at once.
    pub fn threads(scenario: &Scenario) -> Self {
        let source = Source::Threads(bridge::Run::start(&scenario.values, scenario.seed));
        Self::of(scenario, source, false)
    }

    /// An empty one, until threads can be had.
    pub fn waiting(scenario: &Scenario) -> Self {
        Self::of(scenario, Source::Over, false)
    }

    fn of(scenario: &Scenario, source: Source, by_turn: bool) -> Self {
        Self {
            scenario: scenario.clone(),
            source,
            recording: Recording::new(scenario, by_turn),
            verdict: Verdict::Open,
            outcome: Vec::new(),
        }
    }

    /// Whether what must hold did, once the run has ended.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// What came out of the run, line by line, once it has ended.
    pub fn outcome(&self) -> &[String] {
        &self.outcome
    }

    /// What is known of the run.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Whether more may come.
    pub fn is_growing(&self) -> bool {
        !matches!(self.source, Source::Over)
    }

    /// Whether threads are at work.
    pub fn is_live(&self) -> bool {
        matches!(self.source, Source::Threads(_))
    }

    /// Makes the threads give up.
    pub fn stop(&self) {
        if let Source::Threads(run) = &self.source {
            run.stop();
        }
    }

    /// Computes or listens for a moment.
    pub fn grow(&mut self) {
        let ending = match &mut self.source {
            Source::Model { run, scheduler } => {
                let ending = compute(run, scheduler);
                self.recording.follow(&run.log());
                ending
            }
            Source::Threads(run) => {
                let ending = run.look().cloned();
                self.recording.follow(run.log());
                ending
            }
            Source::Over => None,
        };
        if let Some(ending) = ending {
            let (lesson, log) = (self.scenario.lesson(), self.recording.log());
            self.verdict = lesson.verdict(&self.scenario.values, log, &ending);
            self.outcome = (lesson.outcome)(lesson, log);
            self.recording.end(ending);
            self.source = Source::Over;
        }
    }
}

fn compute(run: &mut model::Run, scheduler: &mut Replay) -> Option<Ending> {
    let start = bridge::now_ms();
    while bridge::now_ms() - start < BUDGET_MS {
        let turns_before = run.n_turns();
        let ending = run.advance(scheduler, TURNS_AT_A_TIME);
        let went_on = run.n_turns() - turns_before == TURNS_AT_A_TIME;
        if ending != Ending::Paused || !went_on {
            return Some(ending);
        }
    }
    None
}
