//! The page's part in a challenge: what is found out about it, and its pane.

use std::rc::Rc;

use yew::prelude::*;

use super::explorer::hand_over;
use super::{App, show_player};
use crate::bridge;
use crate::challenge::{Quest, Trial};
use crate::intent::{Action, Intent, Set};
use crate::rest;
use crate::view::ChallengePane;

impl App {
    /// Brings the trial in line with the intent. It outlives the challenge, for whoever has solved one
    /// may look at everything.
    pub(super) fn try_out(&mut self) {
        let Intent { scenario, quest, watches, .. } = &mut self.intent;
        match (*quest, &self.trial) {
            (Some(quest), Some(trial)) if trial.is_of(quest, scenario) => {}
            (Some(quest), _) => self.trial = Some(Trial::new(quest, scenario)),
            (None, Some(trial)) if !trial.is_at(scenario.lesson()) => self.trial = None,
            (None, _) => {}
        }
        if let (true, Some(trial)) = (std::mem::take(watches), &mut self.trial) {
            trial.watch();
        }
    }

    /// Whether the trial has something to find out.
    pub(super) fn tries(&self) -> bool {
        let Some(trial) = &self.trial else { return false };
        let wants = match self.intent.quest {
            Some(Quest::Break) => true,
            Some(Quest::Mend) => self.intent.checks,
            None => false,
        };
        trial.seeks() || (wants && !trial.is_settled())
    }

    /// Whether what gives the solution of a challenge away is hidden.
    pub(super) fn hides(&self) -> bool {
        let lesson = self.intent.scenario.lesson();
        let is_solved = self.trial.as_ref().is_some_and(|trial| rest::late(|| trial.is_solved()));
        self.intent.hides && lesson.challenge.is_some() && !is_solved
    }

    /// Finds out a little more for the trial.
    pub(super) fn find_out(&mut self, ctx: &Context<Self>) {
        let Some(trial) = &mut self.trial else { return };
        if !trial.seeks() {
            trial.grow(bridge::now_ms);
            hand_over(trial.send(bridge::n_helpers()));
        } else if let Some((scenario, step)) = trial.find(bridge::now_ms) {
            self.act(ctx, Action::Set(Set::Found(Box::new(scenario), step)));
            show_player();
        }
    }

    /// Tells the trial how the run has ended, and asks it how it stands.
    pub(super) fn follow_trial(&mut self) {
        if let (Some(trial), Some(_)) = (&mut self.trial, self.intent.quest) {
            trial.end(self.stage.verdict(), self.stage.recording().last_stop());
        }
        let standing = self.trial.as_ref().filter(|_| self.intent.quest.is_some());
        let standing = standing.map(Trial::standing);
        if self.standing.as_deref() != standing.as_ref() {
            self.standing = standing.map(Rc::new);
        }
    }

    pub(super) fn challenge(&self) -> Html {
        let Intent { scenario, language, checks, .. } = &self.intent;
        let Some(challenge) = scenario.lesson().challenge.as_ref() else { return Html::default() };
        html! {
            <ChallengePane {challenge} scenario={scenario.clone()}
                standing={self.standing.clone()} n_steps={self.step} ended={self.at_end()}
                checks={*checks} seeks={self.trial.as_ref().is_some_and(Trial::seeks)}
                hides={self.hides()} on={self.calls.act.clone()}
                on_take={self.calls.take.clone()} language={*language}>
                // Its choices are begun anew together with the challenge.
                { self.next(0) }
            </ChallengePane>
        }
    }
}
