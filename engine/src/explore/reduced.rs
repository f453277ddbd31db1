//! One execution for each class of those that differ only in the order of turns that do not touch
//! each other.

use std::collections::BTreeMap;

use super::class::n_orders;
use super::trace::{Event, HeldUp, Reversal, Trace, Turn};
use super::{Piece, Search};
use crate::model::{Condition, Kind, Run, Spot, Touch};
use crate::world::ActorId;

/// Searches all executions, one of each class; see the README of this room for how and why.
///
/// Its memory grows with the length of an execution, not with their number: it keeps a trace for
/// each reversal that it is inside of.
#[derive(Default)]
pub struct Reduced {
    /// How every execution begins.
    given: Vec<ActorId>,
    /// The traces that are being worked on, each from a reversal in the one before; those beyond
    /// `depth` only lend their memory.
    levels: Vec<Level>,
    depth: usize,
    kept: Vec<u32>,
    /// The turn that was foreseen last; it lends its memory.
    foreseen: Turn,
    known: Known,
    has_begun: bool,
    /// What a piece of another search begins with.
    ahead: Option<Next>,
    /// Whether it is a piece of a search or has given one away; and if so, whether actors were known
    /// then to bring others to life.
    shared: Option<bool>,
    n_cut_off: u64,
}

/// An execution whose turns are looked at from its end, for what could have come earlier.
#[derive(Clone, Default)]
struct Level {
    trace: Trace,
    /// How many events it shares with the level below. The next one there made way.
    cut: usize,
    /// How many events were there already; those are for others to look at. The next one is the one
    /// that came earlier.
    n_given: usize,
    /// How many events are not yet done with.
    n_left: usize,
    /// Which of the races of the last of them is next.
    race: usize,
    /// Reversals found together.
    more: Vec<Reversal>,
    /// Which of those who are held up is next, and how it already came earlier.
    n_held_up: usize,
    done: Vec<Reversal>,
}

/// What turns touched that cannot come at any time, by their actors, their numbers and what they wait
/// for: of one that never comes in an execution nobody knows it, unless it has come in another. Turns
/// of the same number can be different ones, where an actor goes different ways.
#[derive(Clone, Default)]
struct Known {
    touches: BTreeMap<(ActorId, u32, Option<Spot>), Foreknown>,
    /// Whether actors were seen to bring others to life.
    may_spawn: bool,
    /// Whether anything came of what is known of them.
    was_asked: bool,
}

/// What a turn touched, and whether it always does.
#[derive(Clone, Default)]
struct Foreknown {
    touches: Vec<Touch>,
    is_certain: bool,
}

fn key(actor: ActorId, nth: u32, condition: &Condition) -> (ActorId, u32, Option<Spot>) {
    (actor, nth, condition.spots().next())
}

impl Known {
    fn learn_last(&mut self, trace: &Trace) {
        self.may_spawn |= trace.has_spawned();
        let turn = (0..trace.len()).rev().find(|idx| !trace.event(*idx).is_rest());
        if let Some(idx) = turn.filter(|idx| trace.event(*idx).has_condition()) {
            self.learn(trace.event(idx), trace.touches(idx));
        }
    }

    fn learn(&mut self, event: &Event, touches: &[Touch]) {
        let known = self.touches.entry(key(event.actor, event.nth, &event.condition)).or_default();
        if event.is_single {
            *known = Foreknown { touches: touches.to_vec(), is_certain: true };
            return;
        }
        known.is_certain = false;
        for touch in touches {
            match known.touches.iter_mut().find(|known| known.spot == touch.spot) {
                Some(known) if touch.kind != Kind::Read => known.kind = touch.kind,
                Some(_) => {}
                None => known.touches.push(Touch { wants: None, ..*touch }),
            }
        }
    }

    /// What it would touch: at least what it waits for.
    fn touches_of(&mut self, held_up: &HeldUp) -> Foreknown {
        self.was_asked = true;
        let read = |spot| Touch::new(spot, Kind::Read);
        let known = self.touches.get(&key(held_up.actor, held_up.nth, &held_up.condition)).cloned();
        known.unwrap_or_else(|| {
            let touches = held_up.condition.spots().map(read).collect();
            Foreknown { touches, is_certain: false }
        })
    }
}

impl Level {
    /// The same with nothing left to do.
    fn to_stand_on(&self) -> Self {
        let (trace, cut, n_given) = (self.trace.clone(), self.cut, self.n_given);
        Self { trace, cut, n_given, ..Self::default() }
    }

    /// The next way in which a turn of this execution could have come earlier: who would, after how
    /// many events, and which of the others would be kept.
    fn next_reversal(&mut self, known: &mut Known, kept: &mut Vec<u32>) -> Option<Next> {
        loop {
            if let Some(Reversal { cut, kept: kept_now }) = self.more.pop() {
                *kept = kept_now;
                let idx = self.n_left;
                let actor = self.trace.event(idx).actor;
                return Some(Next { actor, cut, idx, touches: None, is_certain: false });
            }
            let idx = self.n_left.checked_sub(1).filter(|idx| *idx >= self.n_given)?;
            let event = self.trace.event(idx);
            if event.is_rest() {
                if let Some(held_up) = self.trace.held_up(idx, self.n_held_up) {
                    let Foreknown { touches, is_certain } = known.touches_of(held_up);
                    let mut all =
                        self.trace.reversals_of_held_up(idx, held_up, &touches).into_iter();
                    // They are looked for again each time, because more may be known by then.
                    let is_new = |new: &Reversal| !self.done.contains(new);
                    if let Some(reversal) = all.find(is_new) {
                        kept.clone_from(&reversal.kept);
                        let (actor, cut) = (held_up.actor, reversal.cut);
                        self.done.push(reversal);
                        let touches = is_certain.then_some(touches);
                        return Some(Next { actor, cut, idx, touches, is_certain: false });
                    }
                    self.n_held_up += 1;
                    self.done.clear();
                    continue;
                }
                self.n_held_up = 0;
            } else if event.has_condition() {
                self.more.extend(self.trace.reversals(idx));
            } else if let Some(&race) = self.trace.races(idx).get(self.race) {
                self.race += 1;
                let (actor, cut) = (event.actor, race as usize);
                if self.trace.kept(cut, idx, kept) {
                    return Some(Next { actor, cut, idx, touches: None, is_certain: false });
                }
                continue;
            }
            (self.n_left, self.race) = (idx, 0);
        }
    }
}

/// A turn that shall come earlier.
pub(super) struct Next {
    actor: ActorId,
    /// After how many events.
    cut: usize,
    /// Where it, or the moment of rest at which it was held up, is now.
    idx: usize,
    /// What it will touch, if it was held up and one knows.
    touches: Option<Vec<Touch>>,
    /// Whether it certainly leads to what is not explored elsewhere.
    is_certain: bool,
}

impl Reduced {
    /// A search that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// A search through the executions that begin with these turns; there are none where these cannot be
    /// taken.
    ///
    /// ```
    /// use engine::{explore::{Exploration, Reduced, litmus}, model::Config, world::ActorId};
    ///
    /// // Three actors add one to x in any order, once one of them has.
    /// let search = Reduced::after(vec![ActorId(2)]);
    /// let mut exploration = Exploration::new(Config::default(), search, |w| litmus::ainc(w, 4));
    /// while exploration.next().is_some() {}
    /// assert_eq!(exploration.n_executions(), 6);
    /// ```
    pub fn after(given: Vec<ActorId>) -> Self {
        Self { given, ..Self::default() }
    }

    /// How many interleavings the present execution stands for; see [`Class::n_interleavings`].
    ///
    /// [`Class::n_interleavings`]: super::Class::n_interleavings
    pub fn n_interleavings(&self, limit: &mut u64) -> Option<u128> {
        n_orders(self.levels[..self.depth].last()?.trace.turns(), limit)
    }

    /// How many executions were begun in vain, because their first new turn led to what is explored
    /// elsewhere. At the grain of words there are none, unless actors spawn others while they run.
    pub fn n_cut_off(&self) -> u64 {
        self.n_cut_off
    }

    /// The first level: an execution that begins with what is given. That is kept as if it had been put
    /// there, so that no reversal gives it up.
    fn begin(&mut self, run: &mut Run) -> bool {
        self.push(None);
        run.restart();
        let level = &mut self.levels[0];
        for actor in std::mem::take(&mut self.given) {
            if run.turn(actor).is_err() {
                self.depth = 0;
                return false;
            }
            level.trace.add(actor, &run.watched(), true);
            self.known.learn_last(&level.trace);
        }
        level.n_given = level.trace.len();
        self.run(run, None, true)
    }

    /// Goes one step down on a way of which `choose` says which of so many next executions comes, and for
    /// how many of them it counts; the first execution counts for one. Gives that number; `None` at the
    /// end of the way, after which another one begins.
    pub(super) fn step_down(
        &mut self,
        run: &mut Run,
        choose: impl FnOnce(usize) -> (usize, f64),
    ) -> Option<f64> {
        if self.depth == 0 {
            self.levels.clear();
            self.begin(run);
            return Some(1.0);
        }
        let step = || Some((self.next_step(self.depth)?, self.kept.clone()));
        let mut steps: Vec<_> = std::iter::from_fn(step).collect();
        if !steps.is_empty() {
            let (chosen, n_alike) = choose(steps.len());
            let (next, kept) = steps.swap_remove(chosen);
            self.kept = kept;
            if self.step(run, &next) {
                return Some(n_alike);
            }
        }
        self.depth = 0;
        None
    }

    /// A level on top, with the trace that is left of the one below it.
    fn push(&mut self, next: Option<&Next>) {
        if self.levels.len() == self.depth {
            self.levels.push(Level::default());
        }
        let (below, above) = self.levels.split_at_mut(self.depth);
        let level = &mut above[0];
        if let (Some(parent), Some(&Next { cut, .. })) = (below.last(), next) {
            level.trace.begin_with(&parent.trace, cut, &self.kept);
            level.cut = cut;
        }
        level.n_given = level.trace.len();
        self.depth += 1;
    }

    /// The next turn that shall come earlier in the execution on top of the first `depth` levels, unless
    /// that leads to what is explored elsewhere. Whom it takes along is kept.
    pub(super) fn next_step(&mut self, depth: usize) -> Option<Next> {
        loop {
            let next = self.levels[depth - 1].next_reversal(&mut self.known, &mut self.kept)?;
            match self.foresee(depth, &next) {
                Some(true) => {}
                foreseen => return Some(Next { is_certain: foreseen.is_some(), ..next }),
            }
        }
    }

    /// Takes this step from the execution on top, and goes on to the end; `false` when it was begun in
    /// vain.
    pub(super) fn step(&mut self, run: &mut Run, next: &Next) -> bool {
        self.push(Some(next));
        let was_new = self.run(run, Some(next.actor), next.is_certain);
        if !was_new {
            self.n_cut_off += 1;
            self.depth -= 1;
        }
        was_new
    }

    /// Whether what would come of this is explored elsewhere; `None` when that is known only once the
    /// turn has been taken.
    fn foresee(&mut self, depth: usize, next: &Next) -> Option<bool> {
        let mut turn = std::mem::take(&mut self.foreseen);
        let found = self.foresee_by(depth, next, &mut turn);
        self.foreseen = turn;
        found
    }

    fn foresee_by(&self, depth: usize, next: &Next, turn: &mut Turn) -> Option<bool> {
        let trace = &self.levels[depth - 1].trace;
        let comes_later = |depth| {
            let level: &Level = &self.levels[depth];
            next.actor < level.trace.event(level.n_given).actor
        };
        if !self.standing(depth, next.cut).any(comes_later) {
            return Some(false);
        }
        let (cut, kept, may_spawn) = (next.cut, &self.kept, self.known.may_spawn);
        match &next.touches {
            Some(touches) if !may_spawn => {
                trace.foresee_held_up(next.actor, touches, cut, kept, turn);
            }
            _ if trace.event(next.idx).is_rest() => return None,
            _ if !trace.foresee(next.idx, cut, kept, may_spawn, turn) => return None,
            _ => {}
        }
        let has = |event: &Event| trace.has(event, next.cut, &self.kept);
        Some(self.is_explored_elsewhere(depth, next.cut, turn, has))
    }

    /// Turns that came to stand before the same one and do not meet each other can have come there in
    /// any order: only the one by the actors' numbers is explored.
    ///
    /// The turn comes after the first `cut` events and others, of which `has` knows, and on top of so
    /// many levels.
    fn is_explored_elsewhere(
        &self,
        depth: usize,
        cut: usize,
        turn: &Turn,
        has: impl Fn(&Event) -> bool,
    ) -> bool {
        let standing = self.standing(depth, cut);
        standing.clone().enumerate().any(|(nth, depth)| {
            let (below, cut) = (&self.levels[depth - 1].trace, self.levels[depth].cut);
            let made_way = below.event(cut);
            if made_way.actor == turn.actor || !below.meets(cut, &turn.touches) || has(made_way) {
                return false;
            }
            for above in standing.clone().take(nth + 1) {
                let Level { trace, n_given: came, .. } = &self.levels[above];
                if above > depth && !below.meets(cut, trace.touches(*came)) {
                    continue;
                }
                if turn.needs(trace.event(*came)) {
                    return false;
                }
                if turn.actor < trace.event(*came).actor {
                    return true;
                }
            }
            false
        })
    }

    /// Whether the turn that was just taken leads to what is explored elsewhere.
    fn has_gone_elsewhere(&self) -> bool {
        let Level { trace, cut, n_given, .. } = &self.levels[self.depth - 1];
        let turn = trace.turn(*n_given);
        let has = |event: &Event| trace.has(event, *n_given, &[]);
        self.is_explored_elsewhere(self.depth - 1, *cut, &turn, has)
    }

    /// Whether the one that made way can no longer go, after others that had come to stand before it
    /// for nothing but that. Only the execution in which they did not is explored.
    fn is_in_vain(&self, run: &Run) -> bool {
        let [.., below, top] = &self.levels[..self.depth] else { return false };
        let made_way = below.trace.event(top.cut);
        let came = top.trace.turn(top.n_given);
        made_way.has_condition()
            && !run.watch_ready().contains(made_way.actor)
            && self.standing(self.depth, top.cut).any(|depth| {
                let (level, below) = (&self.levels[depth], &self.levels[depth - 1]);
                let before = below.trace.event(level.cut);
                before.is_same(made_way) && !came.needs(level.trace.event(level.n_given))
            })
    }

    /// From the top of so many, the levels whose first turn still stands among the first `cut` events,
    /// where it came to stand, and was not taken along by another.
    fn standing(&self, depth: usize, cut: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        let mut least_cut = cut;
        (1..depth).rev().filter(move |depth| {
            let level = &self.levels[*depth];
            let stands = level.n_given < least_cut;
            least_cut = least_cut.min(level.cut);
            stands
        })
    }

    /// Runs the trace on top, then `first`, then whoever is ready, to the end.
    fn run(&mut self, run: &mut Run, first: Option<ActorId>, is_certain: bool) -> bool {
        let level = &mut self.levels[self.depth - 1];
        let trace = &mut level.trace;
        run.restart();
        let could_go = trace.actors().chain(first).all(|actor| run.turn(actor).is_ok());
        if could_go && let Some(first) = first {
            trace.add(first, &run.watched(), true);
            self.known.learn_last(trace);
            if self.is_in_vain(run) || !is_certain && self.has_gone_elsewhere() {
                return false;
            }
        }
        let level = &mut self.levels[self.depth - 1];
        let trace = &mut level.trace;
        while could_go
            && run.ending().is_none()
            && let Some(actor) = whose_turn(trace, run)
            && run.turn(actor).is_ok()
        {
            trace.add(actor, &run.watched(), false);
            self.known.learn_last(trace);
        }
        (level.n_left, level.race, level.n_held_up) = (trace.len(), 0, 0);
        level.more.clear();
        level.done.clear();
        could_go
    }
}

/// The first of those who are ready, unless it is far ahead of others: it may never come to its end.
/// Whose turn it is follows from the turns that were taken, in whatever order.
fn whose_turn(trace: &Trace, run: &Run) -> Option<ActorId> {
    const FAR: u32 = 16;
    run.watch_ready().iter().min_by_key(|actor| (trace.n_turns(*actor) / FAR, *actor))
}

impl Search for Reduced {
    fn next(&mut self, run: &mut Run) -> bool {
        if !std::mem::replace(&mut self.has_begun, true) {
            return self.begin(run);
        }
        if let Some(next) = self.ahead.take()
            && self.step(run, &next)
        {
            return true;
        }
        while self.depth > 0 {
            match self.next_step(self.depth) {
                None => self.depth -= 1,
                Some(next) if self.step(run, &next) => return true,
                Some(_) => {}
            }
        }
        false
    }

    fn order(&self) -> Vec<ActorId> {
        let top = self.levels[..self.depth].last();
        top.map_or(Vec::new(), |level| level.trace.actors().collect())
    }

    fn looks_at_touches(&self) -> bool {
        true
    }

    /// Gives away the next step from the lowest execution that has one: what is largest, as far as one
    /// knows.
    fn split(&mut self) -> Option<Piece> {
        let held_up = self.levels[..self.depth].iter().any(|level| level.trace.holds_up());
        if held_up || self.known.was_asked {
            return None;
        }
        let depths = 1..=self.depth;
        let mut steps = depths.filter_map(|depth| Some((depth, self.next_step(depth)?)));
        let (depth, next) = steps.next()?;
        let levels = self.levels[..depth].iter().map(Level::to_stand_on).collect();
        let (kept, known) = (self.kept.clone(), self.known.clone());
        self.shared = self.shared.or(Some(known.may_spawn));
        let (has_begun, ahead, shared) = (true, Some(next), self.shared);
        let piece =
            Self { levels, depth, kept, known, has_begun, ahead, shared, ..Self::default() };
        Some(Box::new(piece))
    }

    fn is_sure(&self) -> bool {
        let Known { may_spawn, was_asked, .. } = self.known;
        self.shared.is_none_or(|could_spawn| !was_asked && may_spawn == could_spawn)
    }
}
