//! What a turn touched, for whoever explores: two turns of different actors whose touches do not
//! conflict can change places without anybody noticing.

use crate::world::ActorId;

/// A place that turns touch: a word, the wait set of a word, or something that is neither and
/// orders turns all the same. The same in every execution in which its maker did the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Spot(u32);

impl Spot {
    /// What is printed, in its order.
    pub const OUTPUT: Self = Self(u32::MAX);
    /// The numbers given to actors that are spawned while the run is on.
    pub const NUMBERS: Self = Self(u32::MAX - 1);
    /// Who is in a wait set at all; only where wakeups may be spurious. Wakeups of all sorts change
    /// it, but those for no reason do not get into each other's way.
    pub const SLEEPERS: Self = Self(u32::MAX - 2);
    /// How many words one maker may make.
    pub const MAX_WORDS: u32 = 1 << 15;

    /// The `nth` word that `maker` made.
    pub fn word(maker: ActorId, nth: u32) -> Self {
        // The set-up is 0 and the actors follow, so that small programs have small numbers.
        let maker = u32::from(maker.0.wrapping_sub(ActorId::SETUP.0));
        Self((maker & 0x7fff) << 16 | (nth % Self::MAX_WORDS) << 1)
    }

    /// A number for what is in this word.
    pub fn number(self, value: u32) -> u64 {
        u64::from(self.0) << 32 | u64::from(value)
    }

    /// The wait set of this word.
    pub fn wait_set(self) -> Self {
        Self(self.0 | 1)
    }

    /// Whether it is a word.
    pub fn is_word(self) -> bool {
        self.0 >> 31 == 0 && self.0 & 1 == 0
    }

    /// What lets `actor` go on when another actor brought it to life or woke it.
    pub fn leave(actor: ActorId) -> Self {
        Self(1 << 31 | u32::from(actor.0))
    }

    /// Whether `actor` is in a wait set; only where wakeups may be spurious.
    pub fn asleep(actor: ActorId) -> Self {
        Self(1 << 31 | 1 << 16 | u32::from(actor.0))
    }

    /// One bit of 64, for a quick look at whether two sets of spots may meet.
    pub fn bit(self) -> u64 {
        1 << ((self.0 >> 1 ^ self.0 >> 13 ^ self.0 << 5) & 63)
    }
}

/// How a turn touches a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It only looks.
    Read,
    /// It changes what is there.
    Write,
    /// It gives leave: whoever takes it could not have come before.
    Give,
    /// It takes the leave.
    Take,
}

/// One touch of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Touch {
    /// Where.
    pub spot: Spot,
    /// How.
    pub kind: Kind,
    /// What was there; for a word.
    pub found: u32,
    /// What is there afterwards; for a word.
    pub left: u32,
    /// What is there before anybody has written; for a word.
    pub initial: u32,
    /// For a compare-exchange, what it wants to find: it writes only then.
    pub wants: Option<u32>,
}

impl Touch {
    /// A touch of something that is no word, or of a word without a look at its value.
    pub fn new(spot: Spot, kind: Kind) -> Self {
        Self { spot, kind, found: 0, left: 0, initial: 0, wants: None }
    }
}

/// What must hold before a turn can be taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Condition {
    /// Nothing.
    #[default]
    Always,
    /// A word passes a test.
    Passes(Looked, Test),
    /// One of these words holds another value than it did.
    Differs(Vec<(Looked, u32)>),
}

/// A word that a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Looked {
    /// Where it is.
    pub spot: Spot,
    /// What is in it before anybody has written.
    pub initial: u32,
}

/// The test of a [`crate::world::ReadyWhen`] with its argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Test(pub fn(u32, u32) -> bool, pub u32);

impl PartialEq for Test {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0) && self.1 == other.1
    }
}

impl Condition {
    /// Whether it holds where this was last written to spots, if anything was.
    pub fn holds(&self, written: impl Fn(Spot) -> Option<u32>) -> bool {
        let value = |looked: &Looked| written(looked.spot).unwrap_or(looked.initial);
        match self {
            Self::Always => true,
            Self::Passes(looked, test) => (test.0)(value(looked), test.1),
            Self::Differs(seen) => seen.iter().any(|(looked, was)| value(looked) != *was),
        }
    }

    /// The spots it looks at.
    pub fn spots(&self) -> impl Iterator<Item = Spot> + '_ {
        let (one, more) = match self {
            Self::Always => (None, &[][..]),
            Self::Passes(looked, _) => (Some(looked.spot), &[][..]),
            Self::Differs(seen) => (None, &seen[..]),
        };
        one.into_iter().chain(more.iter().map(|(looked, _)| looked.spot))
    }
}

/// What is known of the last turn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watched {
    /// What it touched. A spot may stand there more than once.
    pub touched: Vec<Touch>,
    /// What had to hold before it.
    pub condition: Condition,
    /// Whether it was a single access, which touches the same whatever it finds (but for a
    /// compare-exchange, of which [`Touch::wants`] tells).
    pub is_single: bool,
    /// Whether time passed after it, because nobody could move; or nobody can move any more.
    pub came_to_rest: bool,
    /// Who was held up then, and by what.
    pub held_up: Vec<(ActorId, Condition)>,
}

impl Watched {
    pub(super) fn begin_turn(&mut self) {
        self.touched.clear();
        self.condition = Condition::Always;
        self.is_single = true;
        self.came_to_rest = false;
        self.held_up.clear();
    }

    pub(super) fn touch(&mut self, spot: Spot, kind: Kind) {
        self.touched.push(Touch::new(spot, kind));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_things_share_a_spot() {
        let makers = [ActorId::SETUP, ActorId(0), ActorId(1), ActorId(7_000)];
        let words = makers
            .into_iter()
            .flat_map(|maker| [0, 1, 2, Spot::MAX_WORDS - 1].map(|nth| Spot::word(maker, nth)));
        let spots = words.flat_map(|word| [word, word.wait_set()]);
        let others =
            [ActorId(0), ActorId(9)].into_iter().flat_map(|id| [Spot::leave(id), Spot::asleep(id)]);
        let others = others.chain([Spot::OUTPUT, Spot::NUMBERS, Spot::SLEEPERS]);
        let all: Vec<Spot> = spots.chain(others).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert_eq!(Spot::word(ActorId::SETUP, 0), Spot(0));
    }
}
