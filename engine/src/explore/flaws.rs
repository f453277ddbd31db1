//! Breaks the relation of what meets what, and sees whether anybody notices.

use std::cell::Cell;

use super::Bond;
use crate::explore::{Exploration, Reduced, litmus};
use crate::model::{Config, Kind, Model};

type Flaw = (Kind, Kind, Bond);

thread_local! {
    /// The bond between an earlier and a later touch, if it shall be wrong.
    pub static FLAW: Cell<Option<Flaw>> = const { Cell::new(None) };
}

type Program = (fn(&Model, u16), u16, u64);

/// Programs with how many classes they have.
const PROGRAMS: [Program; 4] = [
    (litmus::ainc, 4, 24),
    (litmus::readers, 5, 32),
    (litmus::casrot, 4, 14),
    (litmus::lastzero, 5, 64),
];

/// Which of the programs are explored as they should be.
fn right() -> [bool; PROGRAMS.len()] {
    PROGRAMS.map(|(program, n, n_classes)| {
        let config = Config { record: false, ..Config::default() };
        let mut exploration = Exploration::new(config, Reduced::new(), move |w| program(w, n));
        // What a wrong relation leads to need not end.
        while exploration.n_executions() < 2 * n_classes && exploration.next().is_some() {}
        exploration.n_executions() == n_classes
    })
}

#[test]
fn a_wrong_relation_is_noticed() {
    assert_eq!(right(), [true; PROGRAMS.len()]);
    let flaws = [
        (Kind::Write, Kind::Write, Bond::None),
        (Kind::Read, Kind::Write, Bond::None),
        (Kind::Write, Kind::Read, Bond::None),
        (Kind::Write, Kind::Write, Bond::Leave),
    ];
    for flaw in flaws {
        FLAW.set(Some(flaw));
        let right = right();
        FLAW.set(None);
        assert!(right.contains(&false), "{flaw:?} makes no difference");
    }
}
