//! Locks for readers and writers, by each of the three rules.
//!
//! Whoever may wait stands in line first, at a moment of its own; so it is known whom others have to
//! let go first. Whoever gives the lock back, or stands in line no more, settles that with those who
//! still do; until it has done so, others may believe that somebody stands there.

use std::mem::forget;
use std::sync::Arc;

use engine::World;
use engine::sync::{Precedence, ReadersWriter};
use proptest::prelude::*;

use super::search::is_explained;
use super::{
    Book, Entry, Patience, Program, SOME, Thing, in_model, on_threads, patience, programs,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Side {
    Read,
    Write,
}
use Side::{Read, Write};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Acquire(Side, Patience),
    Release(Side),
    // Not chosen, but parts of the others.
    Stand(Side),
    Settle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gave {
    Nothing,
    InVain,
    NotOwner,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlainBook {
    precedence: Precedence,
    n_readers: u32,
    writer: Option<usize>,
    /// Who stands in line, in the order in which they came.
    line: Vec<(usize, Side)>,
    /// How many have not settled yet.
    n_unsettled: u32,
}

impl PlainBook {
    fn new(precedence: Precedence) -> Self {
        Self { precedence, n_readers: 0, writer: None, line: Vec::new(), n_unsettled: 0 }
    }

    /// Whether those who are inside let somebody in.
    fn is_open(&self, side: Side) -> bool {
        self.writer.is_none() && (side == Read || self.n_readers == 0)
    }

    /// Whether somebody may come in who stands at this place in the line.
    fn is_next(&self, at: usize) -> bool {
        let side = self.line[at].1;
        let (before, all) = (&self.line[..at], &self.line[..]);
        let has = |line: &[(usize, Side)], side| line.iter().any(|(_, other)| *other == side);
        let goes_first = match (self.precedence, side) {
            (Precedence::ReadersFirst, Read) => true,
            (Precedence::ReadersFirst, Write) => !has(all, Read) && !has(before, Write),
            (Precedence::WritersFirst, Read) => !has(all, Write),
            (Precedence::WritersFirst, Write) => !has(before, Write),
            (Precedence::Fair, Read) => !has(before, Write),
            (Precedence::Fair, Write) => before.is_empty(),
        };
        goes_first && self.is_open(side)
    }

    /// Whether somebody who never stands in line may come in, or rather may be sent away.
    fn may_try(&self, side: Side, comes_in: bool) -> bool {
        let is_blind = side == Read && self.precedence == Precedence::ReadersFirst;
        match comes_in {
            true => self.is_open(side) && (is_blind || self.line.is_empty()),
            false => {
                let is_clear = self.line.is_empty() && self.n_unsettled == 0;
                !(self.is_open(side) && (is_blind || is_clear))
            }
        }
    }

    fn place_of(&self, actor: usize) -> Option<usize> {
        self.line.iter().position(|(who, _)| *who == actor)
    }

    fn enter(&mut self, actor: usize, side: Side) {
        match side {
            Read => self.n_readers += 1,
            Write => self.writer = Some(actor),
        }
    }
}

impl Thing for PlainBook {
    type Act = Act;
    type Gave = Gave;
    type Real<W: World> = ReadersWriter<W>;

    fn real<W: World>(&self, world: &W, _: &Arc<Book<Self>>) -> ReadersWriter<W> {
        ReadersWriter::new(world, "book", 0, self.precedence)
    }

    async fn perform<W: World>(w: &W, real: &ReadersWriter<W>, act: Act) -> Gave {
        let got = |got: Option<()>| got.map_or(Gave::InVain, |()| Gave::Nothing);
        match act {
            Act::Acquire(Read, Patience::Endless) => {
                forget(real.read(w).await);
                Gave::Nothing
            }
            Act::Acquire(Write, Patience::Endless) => {
                forget(real.write(w).await);
                Gave::Nothing
            }
            Act::Acquire(Read, Patience::None) => got(real.try_read(w).await.map(forget)),
            Act::Acquire(Write, Patience::None) => got(real.try_write(w).await.map(forget)),
            Act::Acquire(Read, Patience::Some) => got(real.read_timeout(w, SOME).await.map(forget)),
            Act::Acquire(Write, Patience::Some) => {
                got(real.write_timeout(w, SOME).await.map(forget))
            }
            Act::Release(side) => {
                let released = match side {
                    Read => real.release_read(w).await,
                    Write => real.release_write(w).await,
                };
                released.map_or(Gave::NotOwner, |()| Gave::Nothing)
            }
            Act::Stand(_) | Act::Settle => unreachable!("they are not chosen"),
        }
    }

    fn parts(act: Act, gave: Option<Gave>) -> Vec<(Act, Option<Gave>)> {
        let done = |act| (act, Some(Gave::Nothing));
        match (act, gave) {
            (Act::Acquire(_, Patience::None), _) | (_, Some(Gave::NotOwner)) => vec![(act, gave)],
            (Act::Acquire(side, _), None) => vec![done(Act::Stand(side)), (act, gave)],
            (Act::Acquire(side, _), _) => {
                vec![done(Act::Stand(side)), (act, gave), done(Act::Settle)]
            }
            _ => vec![(act, gave), done(Act::Settle)],
        }
    }

    fn after(&self, actor: usize, act: Act, gave: Gave) -> Option<Self> {
        let mut next = self.clone();
        let is_fine = match (act, gave) {
            (Act::Stand(side), _) => {
                next.line.push((actor, side));
                true
            }
            (Act::Settle, _) => {
                next.n_unsettled -= 1;
                true
            }
            (Act::Acquire(side, Patience::None), _) => {
                let comes_in = gave == Gave::Nothing;
                if comes_in {
                    next.enter(actor, side);
                }
                self.may_try(side, comes_in)
            }
            (Act::Acquire(side, _), Gave::Nothing) => {
                let at = self.place_of(actor)?;
                next.line.remove(at);
                next.n_unsettled += 1;
                next.enter(actor, side);
                self.is_next(at)
            }
            (Act::Acquire(..), _) => {
                let at = self.place_of(actor)?;
                next.line.remove(at);
                next.n_unsettled += 1;
                !self.is_next(at)
            }
            (Act::Release(Read), Gave::Nothing) => {
                next.n_readers = self.n_readers.checked_sub(1)?;
                next.n_unsettled += 1;
                true
            }
            (Act::Release(Write), Gave::Nothing) => {
                next.n_unsettled += 1;
                next.writer.take() == Some(actor)
            }
            (Act::Release(Read), _) => self.n_readers == 0,
            (Act::Release(Write), _) => self.writer != Some(actor),
        };
        is_fine.then_some(next)
    }

    fn may_rest(&self, stuck: &[(usize, Act)]) -> bool {
        stuck.iter().all(|(actor, _)| self.place_of(*actor).is_some_and(|at| !self.is_next(at)))
    }
}

/// A lock of any rule, and lists with fewer than so many deeds: most give back what they take.
fn books(max_deeds: usize) -> impl Strategy<Value = Program<PlainBook>> {
    let side = || prop_oneof![3 => Just(Read), 2 => Just(Write)];
    let held = (side(), patience())
        .prop_map(|(side, patience)| vec![Act::Acquire(side, patience), Act::Release(side)]);
    let deed = prop_oneof![
        10 => held,
        1 => (side(), patience()).prop_map(|(side, patience)| vec![Act::Acquire(side, patience)]),
        1 => side().prop_map(|side| vec![Act::Release(side)]),
    ];
    let rules = [Precedence::ReadersFirst, Precedence::WritersFirst, Precedence::Fair];
    let book = prop::sample::select(rules.to_vec()).prop_map(PlainBook::new);
    programs(book, deed, max_deeds)
}

#[test]
fn lists_in_the_model() {
    in_model(1_500, books(4));
}

#[test]
fn lists_on_threads() {
    on_threads(750, books(6));
}

/// The plain thing, checked: it does not explain what is wrong.
#[test]
fn histories_that_no_such_lock_can_have_are_found() {
    let act =
        |actor, act, begin| Entry { actor, act, begin, end: Some((begin + 1, Gave::Nothing)) };
    let take = |actor, side, begin| act(actor, Act::Acquire(side, Patience::Endless), begin);
    let stuck = |actor, side, begin| Entry { end: None, ..take(actor, side, begin) };
    let of_readers =
        |history: &[_]| is_explained(&PlainBook::new(Precedence::ReadersFirst), history);
    let of_writers =
        |history: &[_]| is_explained(&PlainBook::new(Precedence::WritersFirst), history);
    assert!(of_readers(&[take(0, Read, 0), take(1, Read, 2)]));
    assert!(!of_readers(&[take(0, Read, 0), take(1, Write, 2)]), "a reader is inside");
    assert!(!of_readers(&[take(0, Write, 0), take(1, Write, 2)]), "a writer is inside");
    let release = act(0, Act::Release(Write), 6);
    assert!(of_readers(&[take(0, Write, 0), stuck(1, Write, 2)]));
    assert!(!of_readers(&[take(0, Write, 0), stuck(1, Write, 2), release]), "it is free");
    let both = [take(0, Read, 0), stuck(1, Write, 2), stuck(2, Read, 4)];
    assert!(of_writers(&both), "a writer waits");
    assert!(!of_readers(&both), "readers do not wait for it");
}
