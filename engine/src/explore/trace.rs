//! The turns of one execution, with what each touched and what came before it.

#[cfg(test)]
#[path = "flaws.rs"]
mod flaws;

use crate::model::{Condition, Kind, Spot, Touch, Watched};
use crate::world::ActorId;

/// One turn, or a moment at which nobody could move.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Whose turn; [`ActorId::CLOCK`] for a moment of rest.
    pub actor: ActorId,
    /// Which of the actor's turns, from 1.
    pub nth: u32,
    touches: [u32; 2],
    /// The spots it looks at and those it changes, a bit each; see [`Spot::bit`].
    looks: u64,
    changes: u64,
    /// What had to hold before it.
    pub condition: Condition,
    /// Whether it is where it is because an exploration put it there.
    pub is_kept: bool,
    /// Whether it is a single access.
    pub is_single: bool,
    races: [u32; 2],
}

impl Event {
    /// Whether nobody could move here, so that whatever is before comes before whatever is after.
    pub fn is_rest(&self) -> bool {
        self.actor == ActorId::CLOCK
    }

    /// Whether it is the same turn of the same actor.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.actor, self.nth) == (other.actor, other.nth)
    }

    /// Whether it could not come at any time.
    pub fn has_condition(&self) -> bool {
        !matches!(self.condition, Condition::Always)
    }
}

/// Turns in an order in which they can be taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    events: Vec<Event>,
    touches: Vec<Touch>,
    /// By event: for each actor, how many of its turns come before the end of this one.
    clocks: Vec<u32>,
    races: Vec<u32>,
    held_up: Vec<HeldUp>,
    /// How many actors a clock has room for.
    width: usize,
    /// By actor: the index of its last turn, plus one.
    last: Vec<u32>,
    /// The index of the last moment of rest, plus one.
    last_rest: usize,
}

/// A turn that could not be taken when everybody came to rest.
#[derive(Clone, Debug)]
pub(super) struct HeldUp {
    /// The index of the moment of rest.
    rest: u32,
    pub actor: ActorId,
    /// Which of the actor's turns it would be, from 1.
    pub nth: u32,
    pub condition: Condition,
}

/// A turn that could stand at the end of some others.
pub(super) struct Probe<'a> {
    actor: ActorId,
    touches: &'a [Touch],
    looks: u64,
    changes: u64,
}

impl<'a> Probe<'a> {
    fn new(actor: ActorId, touches: &'a [Touch]) -> Self {
        let (mut looks, mut changes) = (0, 0);
        for touch in touches {
            match touch.kind {
                Kind::Read | Kind::Take => looks |= touch.spot.bit(),
                Kind::Write | Kind::Give => changes |= touch.spot.bit(),
            }
        }
        Self { actor, touches, looks, changes }
    }
}

/// How a turn stands to an earlier one of another actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bond {
    /// They can change places and nobody notices.
    None,
    /// Whoever comes first makes a difference.
    Race,
    /// The later one is possible only because of the earlier one.
    Leave,
}

/// The bond between touches of one spot, the earlier one first.
fn bond(earlier: Kind, later: Kind) -> Bond {
    #[cfg(test)]
    if let Some((.., bond)) = flaws::FLAW.get().filter(|(a, b, _)| (*a, *b) == (earlier, later)) {
        return bond;
    }
    match (earlier, later) {
        (Kind::Read, Kind::Write) | (Kind::Write, Kind::Read | Kind::Write) => Bond::Race,
        (Kind::Give, Kind::Take) => Bond::Leave,
        _ => Bond::None,
    }
}

impl Trace {
    pub fn len(&self) -> usize {
        self.events.len()
    }

    pub fn event(&self, idx: usize) -> &Event {
        &self.events[idx]
    }

    pub fn actors(&self) -> impl Iterator<Item = ActorId> + '_ {
        self.events.iter().filter(|event| !event.is_rest()).map(|event| event.actor)
    }

    /// Each turn, by its actor and how many turns of each actor come before the end of it.
    pub fn turns(&self) -> impl Iterator<Item = (usize, &[u32])> {
        self.events.iter().enumerate().map(|(idx, event)| (event.actor.idx(), self.clock(idx)))
    }

    /// The earlier turns with which a turn could have changed places, had it come at once.
    pub fn races(&self, idx: usize) -> &[u32] {
        let [from, to] = self.events[idx].races;
        &self.races[from as usize..to as usize]
    }

    /// The `nth` of those who were held up at a moment of rest.
    pub fn held_up(&self, rest: usize, nth: usize) -> Option<&HeldUp> {
        self.held_up.iter().filter(|held_up| held_up.rest as usize == rest).nth(nth)
    }

    /// Whether anybody was held up at any moment of rest.
    pub fn holds_up(&self) -> bool {
        !self.held_up.is_empty()
    }

    fn clock(&self, idx: usize) -> &[u32] {
        &self.clocks[idx * self.width..][..self.width]
    }

    /// What a turn touched.
    pub fn touches(&self, idx: usize) -> &[Touch] {
        let [from, to] = self.events[idx].touches;
        &self.touches[from as usize..to as usize]
    }

    /// What comes before each turn of each actor, without the order in which they happened to come.
    pub fn pasts(&self) -> Vec<Vec<u32>> {
        let past = |(idx, event): (usize, &Event)| {
            let clock = self.clock(idx);
            let n_known = clock.iter().rposition(|n| *n > 0).map_or(0, |last| last + 1);
            let [actor, nth] = [event.actor.0.into(), event.nth];
            [actor, nth].into_iter().chain(clock[..n_known].iter().copied()).collect()
        };
        let mut pasts: Vec<Vec<u32>> = self.events.iter().enumerate().map(past).collect();
        pasts.sort();
        pasts
    }

    /// Begins with the first `cut` events of `other` and those of its later ones that are `kept`.
    pub fn begin_with(&mut self, other: &Self, cut: usize, kept: &[u32]) {
        self.width = other.width;
        self.events.clear();
        self.events.extend_from_slice(&other.events[..cut]);
        self.clocks.clear();
        self.clocks.extend_from_slice(&other.clocks[..cut * self.width]);
        let n_touches =
            other.events.get(cut).map_or(other.touches.len(), |e| e.touches[0] as usize);
        self.touches.clear();
        self.touches.extend_from_slice(&other.touches[..n_touches]);
        self.races.clear();
        self.held_up.clear();
        let held_up = other.held_up.iter().take_while(|held_up| (held_up.rest as usize) < cut);
        self.held_up.extend(held_up.cloned());
        self.last.clear();
        self.last.resize(self.width, 0);
        self.last_rest = 0;
        for (idx, event) in self.events.iter().enumerate() {
            match event.is_rest() {
                true => self.last_rest = idx + 1,
                false => self.last[event.actor.idx()] = idx as u32 + 1,
            }
        }
        for &idx in kept {
            let event = &other.events[idx as usize];
            let from = self.touches.len() as u32;
            self.touches.extend_from_slice(other.touches(idx as usize));
            let touches = [from, self.touches.len() as u32];
            self.events.push(Event { touches, is_kept: true, ..event.clone() });
            self.clocks.extend_from_slice(other.clock(idx as usize));
            self.last[event.actor.idx()] = self.events.len() as u32;
        }
    }

    /// Adds a turn to the end; `is_kept`: because the exploration wants it there.
    pub fn add(&mut self, actor: ActorId, watched: &Watched, is_kept: bool) {
        if actor.idx() >= self.width {
            self.widen(actor.idx() + 1);
        }
        let from = self.touches.len();
        for touch in &watched.touched {
            match self.touches[from..].iter_mut().find(|known| known.spot == touch.spot) {
                None => self.touches.push(*touch),
                Some(known) if touch.kind == Kind::Read => known.wants = None,
                Some(known) => {
                    (known.kind, known.left, known.wants) = (touch.kind, touch.left, None);
                }
            }
        }
        let (idx, first_race) = (self.events.len(), self.races.len() as u32);
        let own = self.last[actor.idx()] as usize;
        self.clocks.resize((idx + 1) * self.width, 0);
        let (earlier, clock) = self.clocks.split_at_mut(idx * self.width);
        for known in [own, self.last_rest].into_iter().filter_map(|idx| idx.checked_sub(1)) {
            join(clock, &earlier[known * self.width..][..self.width]);
        }
        let probe = Probe::new(actor, &self.touches[from..]);
        let (looks, changes) = (probe.looks, probe.changes);
        let past = Past { events: &self.events, touches: &self.touches, clocks: earlier };
        let races = &mut self.races;
        past.look_back(self.last_rest..idx, &probe, clock, self.width, |idx| races.push(idx));
        let nth = clock[actor.idx()] + 1;
        clock[actor.idx()] = nth;
        self.last[actor.idx()] = idx as u32 + 1;
        self.events.push(Event {
            actor,
            nth,
            touches: [from as u32, self.touches.len() as u32],
            looks,
            changes,
            condition: watched.condition.clone(),
            is_kept,
            is_single: watched.is_single,
            races: [first_race, self.races.len() as u32],
        });
        if watched.came_to_rest {
            self.rest(watched);
        }
    }

    /// Nobody can move: everything so far comes before everything after.
    fn rest(&mut self, watched: &Watched) {
        let idx = self.events.len() as u32;
        let (n_touches, n_races) = (self.touches.len() as u32, self.races.len() as u32);
        for actor in 0..self.width {
            self.clocks.push(self.n_turns(ActorId(actor as u16)));
        }
        self.events.push(Event {
            actor: ActorId::CLOCK,
            nth: 0,
            touches: [n_touches; 2],
            looks: 0,
            changes: 0,
            condition: Condition::Always,
            is_kept: false,
            is_single: false,
            races: [n_races; 2],
        });
        for (actor, condition) in &watched.held_up {
            let nth = self.n_turns(*actor) + 1;
            let (actor, condition) = (*actor, condition.clone());
            self.held_up.push(HeldUp { rest: idx, actor, nth, condition });
        }
        self.last_rest = idx as usize + 1;
    }

    fn widen(&mut self, width: usize) {
        let before = std::mem::replace(&mut self.width, width);
        let clocks = std::mem::take(&mut self.clocks);
        for idx in 0..self.events.len() {
            self.clocks.extend_from_slice(&clocks[idx * before..][..before]);
            self.clocks.resize((idx + 1) * width, 0);
        }
        self.last.resize(width, 0);
    }

    /// Of the turns after `from`, up to `to`, those that come before the turn at `idx`: they have to
    /// be kept where it comes in the place of the turn at `from`. `None` when another of them may not
    /// be given up.
    pub fn kept(&self, from: usize, idx: usize, kept: &mut Vec<u32>) -> bool {
        kept.clear();
        !self.events[from].is_kept && self.keep(from + 1..idx, self.clock(idx), kept)
    }

    fn keep(&self, among: impl Iterator<Item = usize>, clock: &[u32], kept: &mut Vec<u32>) -> bool {
        for idx in among {
            let event = &self.events[idx];
            if !event.is_rest() && clock[event.actor.idx()] >= event.nth {
                kept.push(idx as u32);
            } else if event.is_kept {
                return false;
            }
        }
        true
    }

    /// Every way to let the turn at `idx` come earlier.
    pub fn reversals(&self, idx: usize) -> Vec<Reversal> {
        let event = &self.events[idx];
        let mut found = Vec::new();
        self.reverse(idx, &[], &self.probe(idx), &event.condition, &mut found);
        found
    }

    /// Every way to let a turn that would touch this come among the events before a moment of rest, at
    /// which it was held up.
    pub fn reversals_of_held_up(
        &self,
        at: usize,
        held_up: &HeldUp,
        touches: &[Touch],
    ) -> Vec<Reversal> {
        let mut found = Vec::new();
        let probe = Probe::new(held_up.actor, touches);
        self.reverse(at, &[], &probe, &held_up.condition, &mut found);
        found
    }

    fn probe(&self, idx: usize) -> Probe<'_> {
        let event = &self.events[idx];
        let (looks, changes) = (event.looks, event.changes);
        Probe { actor: event.actor, touches: self.touches(idx), looks, changes }
    }

    fn reverse(
        &self,
        cut: usize,
        kept: &[u32],
        probe: &Probe,
        condition: &Condition,
        found: &mut Vec<Reversal>,
    ) {
        let (mut races, mut clock) = (Vec::new(), Vec::new());
        self.find_clock(cut, kept, probe, &mut clock, |idx| races.push(idx as usize));
        for race in races.into_iter().filter(|race| *race < cut && !self.events[*race].is_kept) {
            let mut kept_now = Vec::new();
            // What was kept on the way stays.
            let stays = self.keep(race + 1..cut, &clock, &mut kept_now)
                && self.keep(kept.iter().map(|idx| *idx as usize), &clock, &mut kept_now)
                && kept_now.ends_with(kept);
            if !stays {
                continue;
            }
            let written = |spot| self.written(race, &kept_now, spot);
            if condition.holds(written) {
                found.push(Reversal { cut: race, kept: kept_now });
            } else {
                self.reverse(race, &kept_now, probe, condition, found);
            }
        }
    }

    /// Makes `clock` what comes before a turn after the first `cut` events and those that are kept.
    fn find_clock(
        &self,
        cut: usize,
        kept: &[u32],
        probe: &Probe,
        clock: &mut Vec<u32>,
        race: impl FnMut(u32),
    ) {
        // Nothing from before a moment of rest can change places with what is after it.
        let rest = self.events[..cut].iter().rposition(Event::is_rest).map_or(0, |idx| idx + 1);
        let order = || (rest..cut).chain(kept.iter().map(|idx| *idx as usize));
        let is_own = |idx: &usize| self.events[*idx].actor == probe.actor;
        let own = (0..cut).chain(order()).rev().find(is_own);
        clock.clear();
        clock.resize(self.width.max(probe.actor.idx() + 1), 0);
        for known in own.into_iter().chain(rest.checked_sub(1)) {
            join(clock, self.clock(known));
        }
        let past = Past { events: &self.events, touches: &self.touches, clocks: &self.clocks };
        past.look_back(order(), probe, clock, self.width, race);
        clock[probe.actor.idx()] += 1;
    }

    /// The turn at `idx`, as it is.
    pub fn turn(&self, idx: usize) -> Turn {
        let (actor, clock) = (self.events[idx].actor, self.clock(idx).to_vec());
        Turn { actor, clock, touches: self.touches(idx).to_vec() }
    }

    /// Makes `turn` the one at `idx`, as it would be after the first `cut` events and those that are
    /// kept; `false` where that is not certain, as where actors `may_spawn` others, by what they find.
    pub fn foresee(
        &self,
        idx: usize,
        cut: usize,
        kept: &[u32],
        may_spawn: bool,
        turn: &mut Turn,
    ) -> bool {
        let event = &self.events[idx];
        let is_as_it_was = |touch: &Touch| self.is_as_it_was(idx, touch, cut, kept);
        // Whoever finds all as it was does as it did.
        let is_certain =
            self.touches(idx).iter().all(is_as_it_was) || event.is_single && !may_spawn;
        if is_certain {
            self.foresee_held_up(event.actor, self.touches(idx), cut, kept, turn);
        }
        is_certain
    }

    /// Makes `turn` one that touches this, whatever it finds, as it would be after the first `cut` events
    /// and those that are kept.
    pub fn foresee_held_up(
        &self,
        actor: ActorId,
        touches: &[Touch],
        cut: usize,
        kept: &[u32],
        turn: &mut Turn,
    ) {
        turn.actor = actor;
        turn.touches.clear();
        turn.touches.extend_from_slice(touches);
        for Touch { spot, kind, initial, wants, .. } in &mut turn.touches {
            if let Some(wanted) = wants {
                let finds = self.written(cut, kept, *spot).unwrap_or(*initial);
                *kind = if finds == *wanted { Kind::Write } else { Kind::Read };
            }
        }
        self.find_clock(cut, kept, &Probe::new(actor, &turn.touches), &mut turn.clock, |_| {});
    }

    fn is_as_it_was(&self, idx: usize, touch: &Touch, cut: usize, kept: &[u32]) -> bool {
        let last_change = |spot, order: &mut dyn DoubleEndedIterator<Item = usize>| {
            let changes = |touch: &Touch| {
                touch.spot == spot && matches!(touch.kind, Kind::Write | Kind::Give)
            };
            order.rev().find(|idx| self.touches(*idx).iter().any(changes))
        };
        let mut order = (0..cut).chain(kept.iter().map(|idx| *idx as usize));
        last_change(touch.spot, &mut order) == last_change(touch.spot, &mut (0..idx))
            || touch.spot.is_word()
                && self.written(cut, kept, touch.spot).unwrap_or(touch.initial) == touch.found
    }

    /// How many turns the actor has taken.
    pub fn n_turns(&self, actor: ActorId) -> u32 {
        let last = self.last.get(actor.idx()).and_then(|last| last.checked_sub(1));
        last.map_or(0, |last| self.events[last as usize].nth)
    }

    /// Whether the last turn brought an actor to life.
    pub fn has_spawned(&self) -> bool {
        let from = self.events.last().map_or(0, |event| event.touches[0] as usize);
        self.touches[from..].iter().any(|touch| touch.spot == Spot::NUMBERS)
    }

    /// Whether a turn is among the first `cut` events and those that are kept.
    pub fn has(&self, turn: &Event, cut: usize, kept: &[u32]) -> bool {
        let mut order = (0..cut).chain(kept.iter().map(|idx| *idx as usize)).rev();
        let last = order.find(|idx| self.events[*idx].actor == turn.actor);
        last.is_some_and(|last| self.events[last].nth >= turn.nth)
    }

    /// Whether a turn may not change places with one of another actor that touches this.
    pub fn meets(&self, idx: usize, touches: &[Touch]) -> bool {
        self.touches(idx).iter().any(|one| {
            let meets =
                |other: &Touch| one.spot == other.spot && bond(one.kind, other.kind) == Bond::Race;
            touches.iter().any(meets)
        })
    }

    /// What was last written to the spot in the first `cut` events and those that are kept.
    fn written(&self, cut: usize, kept: &[u32], spot: Spot) -> Option<u32> {
        let order = (0..cut).chain(kept.iter().map(|idx| *idx as usize));
        order.rev().find_map(|idx| {
            let touches = self.touches(idx).iter();
            let mut writes = touches.filter(|t| t.spot == spot && t.kind == Kind::Write);
            writes.next().map(|touch| touch.left)
        })
    }
}

/// A way to let a turn come earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reversal {
    /// How many events stay as they are.
    pub cut: usize,
    /// Which of the later ones are kept, in their order.
    pub kept: Vec<u32>,
}

/// A turn, known by all that comes before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub actor: ActorId,
    clock: Vec<u32>,
    /// What it touches, as far as one knows.
    pub touches: Vec<Touch>,
}

impl Default for Turn {
    fn default() -> Self {
        Self { actor: ActorId::SETUP, clock: Vec::new(), touches: Vec::new() }
    }
}

impl Turn {
    /// Whether it comes after this one, and not only by chance.
    pub fn needs(&self, event: &Event) -> bool {
        self.clock.get(event.actor.idx()).is_some_and(|n| *n >= event.nth)
    }
}

struct Past<'a> {
    events: &'a [Event],
    touches: &'a [Touch],
    clocks: &'a [u32],
}

impl Past<'_> {
    /// Makes `clock` (at first that of the actor's own last turn) that of a turn at the end of
    /// `order`, and names those turns that come immediately before it and could as well come after.
    ///
    /// It looks from the end: whatever comes before by way of another turn is met after that one, and
    /// is then known to the clock.
    #[inline]
    fn look_back(
        &self,
        order: impl DoubleEndedIterator<Item = usize>,
        probe: &Probe,
        clock: &mut [u32],
        width: usize,
        mut race: impl FnMut(u32),
    ) {
        // A bit for each touch of which no earlier one has yet changed the spot; before such a one
        // there is nothing new.
        let mut open = match probe.touches.len() {
            n @ 0..64 => (1_u64 << n) - 1,
            _ => u64::MAX,
        };
        let mut order = order.rev();
        while open != 0
            && let Some(idx) = order.next()
        {
            let event = &self.events[idx];
            let meet = event.changes & (probe.looks | probe.changes) | event.looks & probe.changes;
            if meet == 0 {
                continue;
            }
            let mut bond_with = Bond::None;
            let [from, to] = event.touches;
            for earlier in &self.touches[from as usize..to as usize] {
                for (nth, later) in probe.touches.iter().enumerate() {
                    if earlier.spot != later.spot {
                        continue;
                    }
                    let one = bond(earlier.kind, later.kind);
                    if bond_with != Bond::Leave && one != Bond::None {
                        bond_with = one;
                    }
                    // The last bit stands for all touches that have none, and stays.
                    if matches!(earlier.kind, Kind::Write | Kind::Give) && nth < 63 {
                        open &= !(1 << nth);
                    }
                }
            }
            if bond_with == Bond::None || clock[event.actor.idx()] >= event.nth {
                continue;
            }
            join(clock, &self.clocks[idx * width..][..width]);
            if bond_with == Bond::Race {
                race(idx as u32);
            }
        }
    }
}

fn join(clock: &mut [u32], other: &[u32]) {
    clock.iter_mut().zip(other).for_each(|(own, other)| *own = (*own).max(*other));
}
