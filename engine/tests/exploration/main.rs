//! Exploration: known counts, and agreement with brute force on random programs.

mod alike;
mod catalogue;
mod primitives;
mod together;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use engine::explore::{Class, Counted, Every, Exploration, Piece, Reduced, Search, States};
use engine::log::Race;
use engine::model::{Config, Ending, Grain, Model, Run};
use engine::world::ActorId;

/// Compares the reduction with brute force: as many executions as there are classes, each class once,
/// and the same endings. So it is for all executions, and for those that begin as one of them does. Gives
/// the number of classes, or 0 where brute force would take too long.
///
/// Whole operations may do something else where they come earlier, and so may turns that spawn, by
/// what they find; single accesses do not, and then no execution is begun in vain.
fn compare(
    config: Config,
    may_cut_off: bool,
    setup: impl Fn(&Model) + 'static,
) -> Result<usize, String> {
    let config = Config { explored: true, record: false, max_turns: 100, ..config };
    let mut run = Run::new(config, setup);
    let Some(by_force) = classes_by_force(&mut run, 1_500) else { return Ok(0) };
    let may_cut_off = may_cut_off || config.grain == Grain::Operations;
    let all: BTreeSet<_> = by_force.iter().map(|(_, found, _)| found.clone()).collect();
    compare_after(&mut run, Vec::new(), &all, may_cut_off)?;
    compare_sizes(&by_force)?;
    compare_states(&mut run, &by_force.iter().map(|(.., ending)| ending.clone()).collect())?;
    let each = by_force.iter().map(|(order, _, ending)| (order.clone(), ending.clone())).collect();
    let listed = listed(&mut run, ending);
    if listed.as_ref() != Some(&each) {
        return Err(format!("listed: {listed:?}; by force: {each:?}"));
    }
    // Whatever begins as one of them does, at random.
    let mut rng = fastrand::Rng::with_seed(by_force.len() as u64);
    let order = &by_force[rng.usize(..by_force.len())].0;
    let given = order[..rng.usize(..=order.len())].to_vec();
    let begins_so = by_force.iter().filter(|(order, ..)| order.starts_with(&given));
    let wanted = begins_so.map(|(_, found, _)| found.clone()).collect();
    compare_after(&mut run, given.clone(), &wanted, may_cut_off)
        .map_err(|error| format!("after {given:?}: {error}"))?;
    Ok(all.len())
}

/// The same for the executions that begin with these turns.
fn compare_after(
    run: &mut Run,
    given: Vec<ActorId>,
    by_force: &BTreeSet<Found>,
    may_cut_off: bool,
) -> Result<(), String> {
    let mut reduced = Reduced::after(given.clone());
    let (mut found, mut twice) = (BTreeMap::new(), Vec::new());
    let mut all = Vec::new();
    while reduced.next(run) && all.len() < 3 * by_force.len() {
        let (order, end) = (reduced.order(), end(run));
        let class = Class::of(run, order.iter().copied()).map_err(|error| error.to_string())?;
        if let Some(before) = found.insert((class, end), order.clone()) {
            twice.push((before, order.clone()));
        }
        all.push(order);
    }
    if let Some(mut in_pieces) = in_pieces(run, given, all.len()) {
        in_pieces.sort();
        let mut in_one = all.clone();
        in_one.sort();
        if in_pieces != in_one {
            return Err(format!("in pieces: {in_pieces:?}; in one: {in_one:?}"));
        }
    }
    let missed: Vec<_> = by_force.iter().filter(|class| !found.contains_key(*class)).collect();
    let strange: Vec<_> = found.keys().filter(|class| !by_force.contains(*class)).collect();
    let n_cut_off = reduced.n_cut_off();
    if twice.is_empty()
        && missed.is_empty()
        && strange.is_empty()
        && (may_cut_off || n_cut_off == 0)
    {
        return Ok(());
    }
    let n = by_force.len();
    Err(format!(
        "{n} classes, {n_cut_off} cut off; twice: {twice:?}; missed: {missed:?}; strange: \
         {strange:?}; all: {all:?}"
    ))
}

/// The executions of a search that gives away whatever it can after each of them; `None` when it is
/// not sure whether these are all.
fn in_pieces(run: &mut Run, given: Vec<ActorId>, limit: usize) -> Option<Vec<Vec<ActorId>>> {
    let mut pieces: Vec<Piece> = vec![Box::new(Reduced::after(given))];
    let mut found = Vec::new();
    while let Some(mut piece) = pieces.pop() {
        while found.len() <= limit && piece.next(run) {
            found.push(piece.order());
            pieces.extend(std::iter::from_fn(|| piece.split()));
        }
        if !piece.is_sure() {
            return None;
        }
    }
    Some(found)
}

/// How a run ended.
fn ending(run: &Run) -> String {
    format!("{:?}", run.ending())
}

/// The same, and the data races in it.
fn end(run: &Run) -> String {
    let race = |race: &Race| {
        let mut accesses = race.accesses.map(|access| (access.place, access.writes));
        accesses.sort();
        format!("{:?} {accesses:?}", race.object)
    };
    let races: BTreeSet<_> = run.races().iter().map(race).collect();
    format!("{} {races:?}", ending(run))
}

/// Compares how many interleavings are of each class with what follows from the class alone.
fn compare_sizes(by_force: &[Executed]) -> Result<(), String> {
    let mut sizes = BTreeMap::new();
    for (_, (class, _), _) in by_force {
        *sizes.entry(class).or_insert(0) += 1;
    }
    let is_wrong = |(class, n): &(&Class, u128)| class.n_interleavings(&mut 100_000) != Some(*n);
    let wrong: Vec<_> = sizes.into_iter().filter(is_wrong).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("sizes of classes by force: {wrong:?}")) }
}

/// Compares the ways in which executions end with those of the search that looks at each state once.
fn compare_states(run: &mut Run, by_force: &BTreeSet<String>) -> Result<(), String> {
    let (mut states, mut found) = (States::new(), BTreeSet::new());
    while states.next(run) {
        if run.ending().is_some() {
            found.insert(ending(run));
        }
    }
    if found == *by_force {
        return Ok(());
    }
    Err(format!("of the states: {found:?}; by force: {by_force:?}"))
}

/// Each interleaving and how it ends, without running them all; `None` where some have no end.
fn listed(run: &mut Run, ending: impl Fn(&Run) -> String) -> Option<BTreeMap<Order, String>> {
    let (mut counted, mut ends) = (Counted::new(), Vec::new());
    while counted.next(run) {
        ends.extend(run.ending().map(|_| ending(run)));
    }
    let (mut all, mut found) = (counted.interleavings()?, BTreeMap::new());
    let mut counts = vec![0; ends.len()];
    while let Some((order, end)) = all.next() {
        let twice = found.insert(order.to_vec(), ends[end].clone());
        assert_eq!(twice, None, "{order:?}");
        counts[end] += 1;
    }
    assert_eq!(counted.n_interleavings(), Some(counts));
    Some(found)
}

/// Who took the turns.
type Order = Vec<ActorId>;

/// A class and its ending.
type Found = (Class, String);

/// An interleaving, its class, and how it ended.
type Executed = (Order, Found, String);

/// Every interleaving, or `None` when there are more than the limit.
fn classes_by_force(run: &mut Run, limit: usize) -> Option<Vec<Executed>> {
    let mut every = Every::new();
    let mut found = Vec::new();
    for _ in 0..limit {
        if !every.next(run) {
            return Some(found);
        }
        let (order, end) = (every.order(), end(run));
        let ending = ending(run);
        found.push((order.clone(), (Class::of(run, order).unwrap(), end), ending));
    }
    None
}

/// How the executions of random programs may differ from each other.
#[derive(Clone, Copy, Default)]
struct Freedom {
    /// See [`compare`].
    may_cut_off: bool,
    /// See [`Config::spurious`].
    spurious: bool,
}

/// Compares random programs of some actors with some steps each.
fn check_random<S: Clone + Send + std::fmt::Debug + 'static>(
    n_programs: u64,
    step: impl Fn(&mut fastrand::Rng) -> S,
    Freedom { may_cut_off, spurious }: Freedom,
    program: fn(&Model, &[Vec<S>]),
) {
    let mut wrong = Vec::new();
    let mut n_classes = 0;
    for seed in 0..n_programs {
        let mut rng = fastrand::Rng::with_seed(seed);
        // Whoever wakes an actor for no reason is one more.
        let n_actors = if spurious { 2 } else { rng.usize(2..=4) };
        let max_steps = [0, 0, 4, 3, 2][n_actors];
        let mut steps = || (0..rng.usize(1..=max_steps)).map(|_| step(&mut rng)).collect();
        let actors: Vec<Vec<S>> = (0..n_actors).map(|_| steps()).collect();
        for grain in [Grain::Operations, Grain::Words] {
            let (shown, actors) = (format!("{grain:?} {actors:?}"), actors.clone());
            if seed % 20 == 0 {
                check_together(grain, &shown, actors.clone(), program);
            }
            match compare(Config { grain, spurious, ..Config::default() }, may_cut_off, move |w| {
                program(w, &actors)
            }) {
                Ok(n) => n_classes += n,
                Err(error) => wrong.push(format!("seed {seed}, {shown}: {error}")),
            }
        }
    }
    wrong.sort_by_key(String::len);
    assert!(wrong.is_empty(), "{} of {n_programs}, for instance {}", wrong.len(), wrong[0]);
    assert!(n_classes as u64 > 3 * n_programs, "{n_classes} classes are too few to mean much");
}

/// Compares what several threads find with what one finds.
fn check_together<S: Clone + Send + 'static>(
    grain: Grain,
    shown: &str,
    actors: Vec<Vec<S>>,
    program: fn(&Model, &[Vec<S>]),
) {
    let config =
        Config { grain, explored: true, record: false, max_turns: 100, ..Config::default() };
    let counts = [1, 2, 4].map(|n_workers| {
        let actors = actors.clone();
        together::count(n_workers, config, move |w| program(w, &actors))
    });
    let is_same = |count: &Option<u64>| count.is_none() || *count == counts[0];
    assert!(counts[0].is_some() && counts.iter().all(is_same), "{shown}: {counts:?}");
}

fn count(grain: Grain, search: impl Search, setup: impl Fn(&Model) + 'static) -> u64 {
    let config = Config { grain, record: false, ..Config::default() };
    let mut exploration = Exploration::new(config, search, setup);
    while let Some(run) = exploration.next() {
        assert_eq!(run.ending(), Some(&Ending::Finished));
    }
    exploration.n_executions()
}
