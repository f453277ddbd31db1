//! Two exclude each other with plain loads and stores: a flag each, and whose turn it is.

use std::sync::Arc;

use super::super::atom::Atom;
use super::super::facts::{last_value, sum_broken_at, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::world::{Shared, World};

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "peterson",
        text("Flag, turn, look", "举旗、让位、再看"),
        text(
            "Whoever gave the turn away last waits; the other one goes in.",
            "后让位的等待，另一个进去。",
        ),
    ),
    Choice::new(
        "swapped",
        text("Turn before flag", "先让位后举旗"),
        text(
            "Whoever looks before the other's flag is up goes in, and the other has the turn: both \
             are inside.",
            "一个在对方举旗之前看，便进去了；而另一个正好轮到自己，也进去：两个都在里面。",
        ),
    ),
    Choice::new(
        "late",
        text("Looks before the flag is up", "先看后举旗"),
        text(
            "Both look, neither sees a flag, both raise theirs: too late.",
            "两个都先看，都没看到旗，然后才举旗：晚了。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=peterson", &["x = 2"]),
    ("variant=peterson&rounds=3", &["x = 6"]),
    ("variant=swapped", &["x = 1", "x = 2"]),
    ("variant=late", &["x = 1", "x = 2"]),
];

/// Peterson's algorithm.
///
/// Source: G. L. Peterson, "Myths about the mutual exclusion problem", Information Processing
/// Letters 12 (1981).
pub static LESSON: Lesson = Lesson {
    id: "peterson",
    family: Family::Inside,
    place: 10,
    title: text("Peterson's algorithm", "Peterson 算法"),
    summary: text(
        "A lock for two out of nothing but loads and stores: raise your flag, give the turn away, \
         then look. In any other order both can get in.",
        "只用读和写就做出一把两人用的锁：先举旗，再让位，然后才看。换个顺序，两个就可能同时进去。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("rounds", text("Additions each", "每个线程加几次"), [1, 10], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("flag", "旗"), text("turn", "轮次")],
    words: &[],
    property: Property {
        text: text(
            "x ends as the number of all additions, for nobody adds while another does",
            "x 最终等于加法的总次数，因为临界区里永远只有一个线程",
        ),
        broken_at: |values, log| sum_broken_at(log, "x", 2 * values.number("rounds")),
    },
    challenge: Some(Challenge {
        start: "peterson?variant=swapped&time=free",
        mend: "variant",
        to_break: [
            text(
                "Both must be between the load and the store of x at once.",
                "要让两个人同时处在 x 的“读”和“写”之间。",
            ),
            text(
                "Let one give the turn away and stop there, before its flag is up. The other one goes \
                 in; then the first one finds that the turn is its own.",
                "让一个先让位，在举旗之前停住。另一个进去；之后先前那个发现轮到的正是自己。",
            ),
        ],
        to_mend: text(
            "Nobody may look before both the flag and the turn are written; and the turn comes last.",
            "旗和轮次都写好之前谁也不能看，而且轮次要最后写。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || vec![format!("x = {}", last_value(log, "x").unwrap_or(0))])
    },
    start,
};

const DOWN: u32 = 0;
const UP: u32 = 1;

struct Peterson<W: World> {
    /// Who wants to go in.
    flags: Vec<Atom<W>>,
    /// Who may, if both want to.
    turn: Atom<W>,
    x: Shared<W>,
    variant: &'static str,
}

fn start<W: World>(values: &Values, world: &W) {
    let rounds = values.number("rounds");
    let room = Arc::new(Peterson {
        flags: Atom::row(world, "flag", 0..2, DOWN),
        turn: Atom::new(world, "turn", 0, 0),
        x: Shared::new(world, "x", 0, 0),
        variant: values.variant(),
    });
    for me in 0..2 {
        let room = room.clone();
        world.spawn("adder", me, move |w| async move {
            for _ in 0..rounds {
                room.enter(&w, me.into()).await;
                room.add_one(&w).await;
                room.leave(&w, me.into()).await;
            }
        });
    }
}

impl<W: World> Peterson<W> {
    async fn enter(&self, w: &W, me: usize) {
        let other = 1 - me;
        match self.variant {
            "swapped" => {
                self.turn.store(w, other as u32).await; //: give-turn-first
                self.flags[me].store(w, UP).await; //: raise-second
                self.let_pass(w, other).await;
            }
            "late" => {
                self.turn.store(w, other as u32).await; //: give-turn-early
                self.let_pass(w, other).await;
                self.flags[me].store(w, UP).await; //: raise-late
            }
            _ => {
                self.flags[me].store(w, UP).await; //: raise
                // Whoever does this last has been overruled by nobody, and waits.
                self.turn.store(w, other as u32).await; //: give-turn
                self.let_pass(w, other).await;
            }
        }
    }

    async fn let_pass(&self, w: &W, other: usize) {
        let mut round = 0;
        while self.must_wait(w, other).await {
            w.relax(round);
            round += 1;
        }
    }

    async fn must_wait(&self, w: &W, other: usize) -> bool {
        self.flags[other].look(w).await == UP //: look-at-flag
            && self.turn.look(w).await == other as u32 //: look-at-turn
    }

    async fn add_one(&self, w: &W) {
        let seen = self.x.load(w).await; //: load
        self.x.store(w, seen + 1).await; //: store
    }

    async fn leave(&self, w: &W, me: usize) {
        self.flags[me].store(w, DOWN).await; //: lower
    }
}
