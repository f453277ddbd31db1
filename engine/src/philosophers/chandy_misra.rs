//! Chandy–Misra: forks are dirty or clean, and a dirty one is handed over on request.
//!
//! Source: K. Mani Chandy and Jayadev Misra, "The Drinking Philosophers Problem", ACM TOPLAS 6(4),
//! 1984. Each fork belongs to one of its two neighbours. Eating makes both forks dirty; a hungry
//! neighbour may take a dirty fork that is not in use, which cleans it, and must wait for a clean
//! one. So whoever has eaten yields to whoever has not: nobody starves. In the beginning every fork
//! is dirty and belongs to the lower of its two seats, so the precedence has no cycle, and eating
//! keeps it so.
//!
//! There are no messages here: a request is the right to take the fork, and it is one word.
//!
//! | bit of the fork's word | meaning |
//! | --- | --- |
//! | 1 | which neighbour it belongs to: 0 the seat to whose right it lies, 1 the one to whose left |
//! | 2 | it is dirty |
//! | 4 | it is in its owner's hand |
//! | 8 | the other neighbour waits for it |

use super::etiquette::{Etiquette, Seat, Settings};
use crate::world::{Act, Note, ObjectKind, Operation, Ordering, ReadyWhen, Word, World};
use std::ops::ControlFlow::{Break, Continue};
use std::panic::Location;

const OWNER: u32 = 1;
const DIRTY: u32 = 2;
const IN_HAND: u32 = 4;
const WANTED: u32 = 8;

/// A neighbour's side of a fork, as the owner bit has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    OnTheRight = 0,
    OnTheLeft = 1,
}

impl Side {
    fn owns(self, fork: u32) -> bool {
        fork & OWNER == self as u32
    }

    /// Whether the neighbour on this side has the fork or may take it.
    fn may_have(self, fork: u32) -> bool {
        self.owns(fork) || fork & (DIRTY | IN_HAND) == DIRTY
    }
}

/// The forks on the table, as one word each.
pub(super) struct ChandyMisra<W: World> {
    forks: Vec<Fork<W>>,
}

struct Fork<W: World> {
    word: W::Word,
    id: W::Object,
}

impl<W: World> ChandyMisra<W> {
    pub fn new(world: &W, settings: &Settings) -> Self {
        let fork = |idx| {
            let id = world.register(ObjectKind::Resource, "fork", idx);
            // Fork i lies to the right of seat i and to the left of seat i − 1, which is the lower
            // one, except for fork 0.
            let owner = if idx == 0 { Side::OnTheRight } else { Side::OnTheLeft };
            Fork { word: world.word(id, owner as u32 | DIRTY), id }
        };
        Self { forks: (0..settings.philosophers).map(fork).collect() }
    }

    fn sides(&self, seat: Seat) -> [(&Fork<W>, Side); 2] {
        [(&self.forks[seat.left()], Side::OnTheLeft), (&self.forks[seat.right()], Side::OnTheRight)]
    }
}

impl<W: World> Fork<W> {
    /// One try to change the word.
    async fn exchange(&self, w: &W, seen: u32, new: u32) -> bool {
        // The two neighbours pass all they did along with the fork.
        let (success, failure) = (Ordering::AcqRel, Ordering::Relaxed);
        self.word.compare_exchange(w, seen, new, success, failure).await.is_ok()
    }

    /// Waits until the fork belongs to `side`, taking it over where that is allowed.
    async fn claim(&self, w: &W, side: Side) {
        let test: fn(u32, u32) -> bool = match side {
            Side::OnTheRight => |fork, _| Side::OnTheRight.may_have(fork),
            Side::OnTheLeft => |fork, _| Side::OnTheLeft.may_have(fork),
        };
        let operation = Operation {
            act: Act::Acquire,
            object: self.id,
            ready_when: Some(ReadyWhen { word: &self.word, test, arg: 0 }),
            deadline: None,
            place: Location::caller(), //: wait-forks
        };
        let body = w.rounds((), |()| async {
            // Acquire: with the fork comes what its last owner did.
            let seen = self.word.load(w, Ordering::Acquire).await;
            if side.owns(seen) {
                return Break(());
            }
            if side.may_have(seen) {
                // Taken over, and clean.
                if self.exchange(w, seen, side as u32).await {
                    return Break(());
                }
            } else if seen & WANTED != 0 || self.exchange(w, seen, seen | WANTED).await {
                self.word.wait(w, seen | WANTED, None).await;
            }
            Continue(())
        });
        w.operation(operation, body).await;
    }

    /// Picks the fork up if it belongs to `side`. It may not: as long as it is dirty, the other
    /// neighbour can take it.
    async fn pick_up(&self, w: &W, side: Side) -> bool {
        // Relaxed: the exchange checks it.
        let mut seen = self.word.load(w, Ordering::Relaxed).await;
        while side.owns(seen) {
            if self.exchange(w, seen, seen | IN_HAND).await {
                w.note(self.id, Note::Got);
                return true;
            }
            seen = self.word.load(w, Ordering::Relaxed).await; // Relaxed: as above.
        }
        false
    }

    /// Puts the fork down, dirty if somebody ate with it, and wakes who waits for it.
    async fn put_down(&self, w: &W, dirt: u32) {
        w.note(self.id, Note::GaveBack);
        w.rounds((), |()| async {
            // Relaxed: the exchange checks it.
            let seen = self.word.load(w, Ordering::Relaxed).await;
            if !self.exchange(w, seen, (seen & !(IN_HAND | WANTED)) | dirt).await {
                return Continue(());
            }
            if seen & WANTED != 0 {
                self.word.wake(w, 1).await;
            }
            Break(())
        })
        .await;
    }

    fn operation(&self, act: Act, place: &'static Location<'static>) -> Operation<'_, W> {
        Operation { act, object: self.id, ready_when: None, deadline: None, place }
    }
}

impl<W: World> Etiquette<W> for ChandyMisra<W> {
    type Forks<'a> = ();

    async fn pick_up<'a>(&'a self, w: &'a W, seat: Seat) {
        let [(left, on_left), (right, on_right)] = self.sides(seat);
        w.rounds((), |()| async {
            left.claim(w, on_left).await;
            right.claim(w, on_right).await;
            // While one fork was waited for, the other may have been taken over, if it was dirty.
            let try_both = async {
                if !left.pick_up(w, on_left).await {
                    return false;
                }
                let both = right.pick_up(w, on_right).await;
                if !both {
                    // Not eaten with: it stays as clean or dirty as it was.
                    left.put_down(w, 0).await;
                }
                both
            };
            let operation = right.operation(Act::TryAcquire, Location::caller()); //: begin
            if w.operation(operation, try_both).await { Break(()) } else { Continue(()) }
        })
        .await;
    }

    async fn put_down<'a>(&'a self, w: &'a W, seat: Seat, (): ()) {
        for (fork, _) in self.sides(seat) {
            let operation = fork.operation(Act::Release, Location::caller()); //: hand-over
            w.operation(operation, fork.put_down(w, DIRTY)).await;
        }
    }
}
