//! The page's part in exploring: what comes out of the lesson is looked for beside the run.

use std::rc::Rc;
use std::sync::Arc;

use engine::lessons::{Errand, Fate, Lesson};
use engine::model::Time;
use yew::prelude::*;

use super::{App, COUNTS_EVERY_MS, show_player};
use crate::exploration::Exploration;
use crate::intent::{Action, Intent, Play, Set, Tab};
use crate::view::Here;
use crate::{bridge, rest};

impl App {
    /// Brings the exploration in line with the intent, which was one of lesson `before`.
    pub(super) fn explore(&mut self, before: &Lesson) {
        let Intent { scenario, explores, sought, tab, .. } = &mut self.intent;
        if self.exploration.as_ref().is_some_and(|exploration| !exploration.is_of(scenario)) {
            // Whoever is looking at what came out sees at once what comes out now.
            *explores = scenario.lesson() == before && *tab == Tab::Explore;
            self.exploration = None;
        }
        if *explores && self.exploration.is_none() {
            self.exploration = Some(Exploration::new(scenario));
        }
        if let (Some(exploration), Some(outcome)) = (&mut self.exploration, sought.take()) {
            exploration.seek(outcome);
        } else if let (Some(exploration), false) = (&mut self.exploration, *explores) {
            exploration.rest();
        }
        self.explored_at_ms = None;
    }

    /// Whether there is something to look for.
    pub(super) fn explores(&self) -> bool {
        let searches = |it: &Exploration| it.seeks() || it.ponders();
        self.counts() || self.exploration.as_ref().is_some_and(searches)
    }

    /// Whether executions are looked at, by this thread or by others.
    pub(super) fn counts(&self) -> bool {
        self.intent.explores || self.exploration.as_ref().is_some_and(Exploration::is_out)
    }

    /// Looks for the way to an outcome, for the step that decided, or for outcomes.
    pub(super) fn look_around(&mut self, ctx: &Context<Self>) {
        // One thing in a frame.
        if self.tries() {
            return self.find_out(ctx);
        }
        if !self.explores() {
            return;
        }
        let Some(exploration) = &mut self.exploration else { return };
        if exploration.seeks() {
            if let Some((scenario, step)) = exploration.find(bridge::now_ms) {
                self.act(ctx, Action::Set(Set::Found(Box::new(scenario), step)));
                show_player();
            }
        } else if exploration.ponders() {
            exploration.ponder(bridge::now_ms);
        } else if self.intent.explores {
            self.intent.explores = exploration.grow(bridge::now_ms);
            if self.intent.explores {
                hand_over(exploration.send(bridge::n_helpers()));
            }
        } else {
            exploration.collect();
        }
        if !self.explores() {
            self.explored_at_ms = None;
        }
    }

    /// The player goes to a branch of the interleavings' tree: in the run that it holds, if that leads
    /// there.
    pub(super) fn visit(&mut self, ctx: &Context<Self>, branch: usize, step: usize) {
        let Some(exploration) = &mut self.exploration else { return };
        let recording = self.stage.recording();
        let (path, n) = exploration.tree().follow(recording.turns(recording.last_stop()));
        let is_free = recording.is_model() && self.intent.scenario.time == Time::Free;
        if is_free && step <= n && path.contains(&branch) {
            self.act(ctx, Action::Play(Play::To(step)));
        } else if let Some(scenario) = exploration.visit(branch) {
            self.act(ctx, Action::Set(Set::Found(Box::new(scenario), step)));
        }
    }

    /// Where the player stands in the interleavings' tree.
    pub(super) fn here(&self) -> Here {
        let Some(exploration) = &self.exploration else { return Here::default() };
        let (path, n_turns) = exploration.tree().follow(self.stage.recording().turns(self.step));
        let branch = path.last().copied().unwrap_or(0);
        Here { branch, n_turns, is_beyond: n_turns < self.step }
    }

    /// The step that decided how the run ends, if that is known.
    pub(super) fn decisive(&self) -> Option<usize> {
        match self.explored.as_ref()?.fate {
            Some(Fate::Turn(step)) => Some(step),
            _ => None,
        }
    }

    /// Counts what was explored, when it must be counted anew, or some time has passed.
    pub(super) fn follow_exploration(&mut self, explores: bool, now_ms: f64) {
        if self.explored_at_ms.is_some_and(|at_ms| !explores || now_ms - at_ms <= COUNTS_EVERY_MS) {
            return;
        }
        let explored = self.exploration.as_ref();
        let explored = explored.map(|it| it.explored(&self.intent.scenario));
        if self.explored.as_deref() != explored.as_ref() {
            self.explored = explored.map(Rc::new);
        }
        self.explored_at_ms = Some(now_ms);
    }
}

/// Has helpers do what can be done in the place of the page's thread, each a share of it.
pub(super) fn hand_over(errands: Vec<Arc<Errand>>) {
    for (nth, errand) in errands.into_iter().enumerate() {
        bridge::help(nth, move || rest::late(|| errand.work()));
    }
}
