//! The judge of homework lists is itself on trial: it accepts what is right and nothing else.

mod homework;

use homework::judge;
use proptest::prelude::*;
use proptest::sample::Index;

/// The course's sample for five philosophers who eat once.
const SAMPLE: [[u32; 3]; 25] = [
    [4, 2, 1],
    [4, 1, 1],
    [0, 1, 1],
    [2, 2, 1],
    [2, 1, 1],
    [2, 0, 3],
    [2, 1, 2],
    [2, 2, 2],
    [4, 0, 3],
    [4, 1, 2],
    [0, 2, 1],
    [4, 2, 2],
    [3, 2, 1],
    [3, 1, 1],
    [0, 0, 3],
    [0, 1, 2],
    [0, 2, 2],
    [1, 2, 1],
    [1, 1, 1],
    [3, 0, 3],
    [3, 1, 2],
    [3, 2, 2],
    [1, 0, 3],
    [1, 1, 2],
    [1, 2, 2],
];

const PICK_UP: u32 = 1;
const PUT_DOWN: u32 = 2;

type Line = [u32; 3];

/// The number of the fork a line is about; none when it is about eating.
fn fork_of([philosopher, fork, _]: Line, philosophers: u32) -> Option<u32> {
    match fork {
        1 => Some((philosopher + 1) % philosophers),
        2 => Some(philosopher),
        _ => None,
    }
}

/// Whether two neighbouring lines of a right list may change places. A fork's own lines may not, and
/// nobody's meal may change places with what the same hands do before or after it.
fn may_swap(a: Line, b: Line, philosophers: u32) -> bool {
    match (fork_of(a, philosophers), fork_of(b, philosophers)) {
        (Some(a), Some(b)) => a != b,
        _ => a[0] != b[0],
    }
}

/// A right list: whoever `choices` names does the next thing that is possible.
fn dinner(philosophers: u32, meals: u32, choices: &[usize]) -> Vec<Line> {
    const LIFE: [[u32; 2]; 5] = [[1, PICK_UP], [2, PICK_UP], [0, 3], [1, PUT_DOWN], [2, PUT_DOWN]];
    let mut on_table = vec![true; philosophers as usize];
    let mut done = vec![0; philosophers as usize];
    let mut list = Vec::new();
    let mut choices = choices.iter().cycle();
    loop {
        let next = |seat: u32| {
            // Seat 0 takes the other fork first, so that nobody waits for ever.
            let [fork, action] = LIFE[done[seat as usize] as usize % LIFE.len()];
            let fork = if seat == 0 && fork > 0 { 3 - fork } else { fork };
            [seat, fork, action]
        };
        let is_possible = |line: &Line| {
            done[line[0] as usize] < 5 * meals
                && (line[2] != PICK_UP
                    || fork_of(*line, philosophers).is_some_and(|fork| on_table[fork as usize]))
        };
        let possible: Vec<Line> = (0..philosophers).map(next).filter(is_possible).collect();
        if possible.is_empty() {
            return list;
        }
        let line = possible[choices.next().expect("it is a cycle") % possible.len()];
        if let Some(fork) = fork_of(line, philosophers) {
            on_table[fork as usize] = line[2] == PUT_DOWN;
        }
        done[line[0] as usize] += 1;
        list.push(line);
    }
}

#[test]
fn the_sample_of_the_course_is_right_for_one_meal_only() {
    assert_eq!(judge(&SAMPLE, 5, 1), Ok(()));
    assert!(judge(&SAMPLE, 5, 2).is_err());
    assert!(judge(&SAMPLE, 6, 1).is_err());
    assert!(judge(&SAMPLE, 4, 1).is_err());
}

#[test]
fn every_small_change_of_the_sample_is_judged() {
    for idx in 0..SAMPLE.len() {
        let mut dropped = SAMPLE.to_vec();
        let line = dropped.remove(idx);
        assert!(judge(&dropped, 5, 1).is_err(), "without line {}", idx + 1);

        for to in 0..=SAMPLE.len() {
            let mut doubled = SAMPLE.to_vec();
            doubled.insert(to, line);
            assert!(judge(&doubled, 5, 1).is_err(), "line {} again at {to}", idx + 1);
        }
        for field in 0..3 {
            for value in (0..7).chain([u32::MAX]).filter(|value| *value != line[field]) {
                let mut changed = SAMPLE;
                changed[idx][field] = value;
                assert!(judge(&changed, 5, 1).is_err(), "{line:?} as {:?}", changed[idx]);
            }
        }
        if idx > 0 {
            let mut swapped = SAMPLE;
            swapped.swap(idx - 1, idx);
            let may = may_swap(SAMPLE[idx - 1], line, 5);
            assert_eq!(judge(&swapped, 5, 1).is_ok(), may, "lines {idx} and {}", idx + 1);
        }
    }
}

#[test]
fn a_fork_may_be_put_back_unused() {
    let list = [[[0, 1, 1], [0, 1, 2]].as_slice(), &SAMPLE].concat();
    assert_eq!(judge(&list, 5, 1), Ok(()));
}

#[test]
fn what_is_wrong_is_said() {
    let said = |list: &[Line]| judge(list, 2, 1).unwrap_err();
    expect_test::expect!["line 1, [2, 1, 1]: there is no such philosopher"]
        .assert_eq(&said(&[[2, 1, 1]]));
    expect_test::expect!["line 1, [0, 3, 1]: no such fork or action"]
        .assert_eq(&said(&[[0, 3, 1]]));
    expect_test::expect!["line 2, [1, 2, 1]: the fork is in a hand already"]
        .assert_eq(&said(&[[0, 1, 1], [1, 2, 1]]));
    expect_test::expect!["line 1, [0, 1, 2]: only who holds a fork puts it down"]
        .assert_eq(&said(&[[0, 1, 2]]));
    expect_test::expect!["line 2, [0, 0, 3]: nobody eats without both forks"]
        .assert_eq(&said(&[[0, 1, 1], [0, 0, 3]]));
    expect_test::expect!["philosopher 0 ate 0 times, not 1"].assert_eq(&said(&[]));
    let mut open = dinner(2, 1, &[0]);
    open.push([1, 1, 1]);
    expect_test::expect!["at the end fork 0 is not on the table"].assert_eq(&said(&open));
}

proptest! {
    #[test]
    fn right_lists_are_accepted_and_changed_ones_are_not(
        philosophers in 2u32..7,
        meals in 1u32..4,
        choices in prop::collection::vec(any::<usize>(), 1..60),
        (at, to) in any::<(Index, Index)>(),
        field in 0usize..3,
        value in prop_oneof![0u32..8, any::<u32>()],
    ) {
        let list = dinner(philosophers, meals, &choices);
        prop_assert_eq!(judge(&list, philosophers, meals), Ok(()));
        let at = at.index(list.len());

        // Of every fork, each hand's pick-ups and put-downs are equally many, and everybody's meals
        // are counted; so a line more, a line less or another line is never right.
        let mut dropped = list.clone();
        let line = dropped.remove(at);
        prop_assert!(judge(&dropped, philosophers, meals).is_err());

        let mut doubled = list.clone();
        doubled.insert(to.index(list.len() + 1), line);
        prop_assert!(judge(&doubled, philosophers, meals).is_err());

        let mut changed = list.clone();
        changed[at][field] = value;
        prop_assert_eq!(judge(&changed, philosophers, meals).is_ok(), changed == list);

        if at > 0 {
            let mut swapped = list.clone();
            swapped.swap(at - 1, at);
            let may = may_swap(list[at - 1], list[at], philosophers);
            prop_assert_eq!(judge(&swapped, philosophers, meals).is_ok(), may);
        }
    }

    #[test]
    fn any_list_is_judged(
        list in prop::collection::vec(any::<[u32; 3]>(), 0..9),
        small in prop::collection::vec([0u32..3, 0u32..4, 0u32..5], 0..30),
        philosophers in 2u32..9,
    ) {
        prop_assert!(judge(&list, philosophers, 1).is_err());
        let _ = judge(&small, philosophers, 1);
    }
}
