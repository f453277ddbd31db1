//! When it was decided that an execution ends badly, and the tree of executions, compared with all
//! interleavings.

use engine::lessons::{Check, Fate, Outcome, Plan, Scenario, Tree};
use engine::log::Turn;
use engine::world::ActorId;

const MAX_TURNS: u64 = 1_000;

const PROGRAMS: [&str; 6] = [
    "lost-update?actors=2&rounds=1",
    "lost-update?actors=2&rounds=2",
    "philosophers?solution=naive&philosophers=2&meals=1&time=free",
    "bank-transfer?variant=unlocked&time=free",
    "abba-deadlock?time=free",
    "peterson?variant=swapped&time=free",
];

fn check(text: &str, plan: Plan) -> Check {
    let scenario: Scenario = text.parse().unwrap_or_else(|invalid| panic!("{text}: {invalid}"));
    Check::new(&scenario, plan, MAX_TURNS)
}

/// Every execution of a check, and the tree of them.
fn all(check: &mut Check) -> (Vec<(Vec<ActorId>, Outcome)>, Tree) {
    let (mut all, mut tree) = (Vec::new(), Tree::default());
    while check.next_shown(&mut |outcome, run, is_new| {
        let log = run.log();
        assert_eq!(is_new, all.iter().all(|(_, before)| before != outcome));
        all.push((Turn::all(&log.events).map(|turn| turn.actor).collect(), outcome.clone()));
        tree.add(outcome, &log);
    }) {}
    (all, tree)
}

fn fate(check: &Check, order: &[ActorId], limit: u64) -> Fate {
    let mut decisive = check.decisive(order, limit);
    while decisive.next() {}
    decisive.fate()
}

fn n_together(one: &[ActorId], other: &[ActorId]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

#[test]
fn the_turn_that_decides_is_the_first_after_which_no_interleaving_ends_well() {
    for text in PROGRAMS {
        let mut classes = check(text, Plan::Classes);
        while classes.next() {}
        let (every, _) = all(&mut check(text, Plan::Every));
        let is_bad = |(_, outcome): &&(_, Outcome)| outcome.is_bad();
        let (bad, good): (Vec<_>, Vec<_>) = every.iter().partition(is_bad);
        let n_bad = bad.len();
        assert!(n_bad > 0 && !good.is_empty(), "{text}: {n_bad} of {}", every.len());
        // Some of them, spread over all.
        for (order, _) in bad.into_iter().step_by(n_bad / 50 + 1) {
            let open = good.iter().map(|(good, _)| n_together(order, good)).max();
            let wanted = Fate::Turn(open.unwrap() + 1);
            assert_eq!(fate(&classes, order, 10_000), wanted, "{text}: {order:?}");
        }
    }
}

#[test]
fn where_every_execution_is_bad_no_turn_decides() {
    let mut check = check("future-deadlock?variant=pair&time=free", Plan::Classes);
    while check.n_executions() < 10 && check.next() {}
    let order = check.outcomes().next().unwrap().1.order.clone();
    assert_eq!(fate(&check, &order, 10_000), Fate::Always, "it looks for itself");
    while check.next() {}
    assert_eq!(fate(&check, &order, 0), Fate::Always, "there is nothing to look for");
}

#[test]
fn what_takes_too_long_or_was_cut_off_is_not_known() {
    let mut naive = check("philosophers?philosophers=3&meals=1&time=free", Plan::Classes);
    while naive.next() {}
    let order = naive.outcomes().next().unwrap().1.order.clone();
    assert_eq!(fate(&naive, &order, 1), Fate::Unknown);
    assert_eq!(fate(&naive, &order, 100), Fate::Turn(order.len()));

    // No execution that ends well is as short as that.
    let scenario: Scenario = "philosophers?philosophers=3&meals=1&time=free".parse().unwrap();
    let short = Check::new(&scenario, Plan::Classes, order.len() as u64 + 1);
    assert_eq!(fate(&short, &order, 100), Fate::Unknown);
}

#[test]
fn a_tree_has_every_execution_once_and_forks_where_they_part() {
    for text in PROGRAMS {
        let (executions, tree) = all(&mut check(text, Plan::Classes));
        let root = tree.branch(0);
        let n_bad = executions.iter().filter(|(_, outcome)| outcome.is_bad()).count();
        assert_eq!((root.n_executions, root.n_bad), (executions.len(), n_bad), "{text}");
        let (mut n_ends, mut seen) = (0, 0);
        for number in 0..tree.n_branches() {
            let branch = tree.branch(number);
            let ways: Vec<_> = branch.ways.iter().map(|way| tree.branch(*way)).collect();
            n_ends += usize::from(branch.outcome.is_some());
            seen += ways.len();
            assert_ne!(ways.len(), 1, "{text}: a chain is one branch");
            let first = ways.iter().map(|way| way.turns[0].actor);
            let mut first: Vec<_> = first.collect();
            first.sort();
            first.dedup();
            assert_eq!(first.len(), ways.len(), "{text}: different actors go");
            for way in ways {
                assert_eq!(way.parent, Some(number), "{text}");
                assert_eq!(way.from, branch.from + branch.turns.len(), "{text}");
            }
        }
        assert_eq!((n_ends, seen + 1), (executions.len(), tree.n_branches()), "{text}");
        for (order, outcome) in &executions {
            let turns = order.iter().map(|&actor| Turn { actor, declared: None });
            let (path, n) = tree.follow(turns);
            let end = tree.branch(*path.last().unwrap());
            assert_eq!((n, end.outcome), (order.len(), Some(outcome)), "{text}");
            let through: Vec<_> =
                path.iter().flat_map(|number| tree.branch(*number).turns).collect();
            assert!(through.iter().map(|turn| &turn.actor).eq(order), "{text}");
        }
    }
}

#[test]
fn what_is_not_in_a_tree_is_followed_as_far_as_it_is() {
    let mut check = check("lost-update?actors=2&rounds=1", Plan::Every);
    let mut tree = Tree::default();
    let turn = |actor| Turn { actor: ActorId(actor), declared: None };
    assert_eq!(tree.follow([turn(0)]), (Vec::new(), 0));
    while check.n_executions() < 2
        && check.next_shown(&mut |outcome, run, _| {
            tree.add(outcome, &run.log());
            tree.add(outcome, &run.log());
        })
    {}
    assert_eq!((tree.n_executions(), tree.branch(0).n_executions), (2, 2), "each once");
    // Both begin with the first turn of the first actor.
    assert_eq!(tree.follow([turn(1), turn(0)]), (vec![0], 0));
    assert_eq!(tree.follow([turn(0), turn(7)]), (vec![0], 1));
}
