//! Actors that do the same, on words that say who owns something: whoever looks at each state once finds
//! every ending, but for which of them it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::World;
use engine::explore::{Every, Exploration, Reduced, Search, States};
use engine::log::{Link, Scene};
use engine::model::{Config, Ending, Grain, Model, Run};
use engine::sync::Lock;
use engine::world::{ActorId, ObjectKind, Ordering, Shared, Word};

use super::listed;

const SEQ_CST: Ordering = Ordering::SeqCst;

#[derive(Clone, Copy, Debug)]
enum Step {
    Store(usize, u32),
    Add(usize),
    /// Owns something, if nobody does.
    Own(usize),
    /// Owns it no more.
    Disown(usize),
    /// Sets the lowest bit, whoever owns it.
    Mark(usize),
    /// Waits as long as whoever owns it does.
    WaitForOwner(usize),
    WakeForOwner(usize),
    /// Owns it from now on or no more, if that can be, and forgets what it found.
    Toggle(usize),
    /// Sees whether it is its own, and nothing else of what it found, beside what it saw before.
    IsMine(usize),
    /// Sees whether both have one owner.
    IsSame,
    /// Looks who owns it, then at a word, and then whether that one still does.
    IsStill(usize),
    /// Sees what is in a word.
    Look(usize),
    Wait(usize, u32),
    Wake(usize),
    SpinUntil(usize, u32),
    Locked,
    Random(usize),
    Claim(usize, u32),
    /// Prints what is in a word, and what it saw last.
    Print(usize),
}

struct Things {
    words: Vec<<Model as World>::Word>,
    owners: Vec<<Model as World>::Word>,
    lock: Lock<Model>,
    x: Shared<Model>,
}

impl Things {
    fn new(world: &Model) -> Self {
        let object = |name, idx| world.register(ObjectKind::Resource, name, idx);
        let words = world.register(ObjectKind::Cell { initial: 0 }, "words", 0);
        Self {
            words: (0..2).map(|_| world.word(words, 0)).collect(),
            owners: (0..2).map(|idx| world.owner_word(object("owned", idx))).collect(),
            lock: Lock::new(world, "lock", 0),
            x: Shared::new(world, "x", 0, 0),
        }
    }

    /// Performs a step, and gives what was seen, if it was `seen` before.
    async fn perform(&self, w: &Model, step: Step, seen: u32) -> u32 {
        let Self { words, owners, lock, x } = self;
        let mine = w.me().as_owner();
        match step {
            Step::Store(at, value) => words[at].store(w, value, SEQ_CST).await,
            Step::Add(at) => return words[at].fetch_add(w, 1, SEQ_CST).await,
            Step::Own(at) => {
                return owns(owners[at].compare_exchange(w, 0, mine, SEQ_CST, SEQ_CST).await);
            }
            Step::Disown(at) => {
                return owns(owners[at].compare_exchange(w, mine, 0, SEQ_CST, SEQ_CST).await);
            }
            Step::Toggle(at) => {
                let toggle = w.gist(|| async {
                    if owners[at].compare_exchange(w, 0, mine, SEQ_CST, SEQ_CST).await == Err(mine)
                    {
                        owners[at].store(w, 0, SEQ_CST).await;
                    }
                });
                toggle.await;
            }
            Step::Mark(at) => _ = owners[at].fetch_or(w, 1, SEQ_CST).await,
            Step::WaitForOwner(at) => {
                let owner = owners[at].load(w, SEQ_CST).await;
                if owner != 0 {
                    owners[at].wait(w, owner, None).await;
                }
            }
            Step::WakeForOwner(at) => return owners[at].wake(w, 1).await,
            Step::IsMine(at) => {
                let is_mine = w.gist(|| async { owners[at].load(w, SEQ_CST).await & !1 == mine });
                return 2 * seen + u32::from(is_mine.await);
            }
            Step::IsSame => {
                let owner = owners[0].load(w, SEQ_CST).await;
                return (owners[1].load(w, SEQ_CST).await == owner).into();
            }
            Step::IsStill(at) => {
                let owner = owners[at].load(w, SEQ_CST).await;
                let between = words[at].load(w, SEQ_CST).await;
                let is_still = owners[at].load(w, SEQ_CST).await == owner;
                return 2 * between + u32::from(is_still);
            }
            Step::Look(at) => return words[at].load(w, SEQ_CST).await,
            Step::Wait(at, value) => _ = words[at].wait(w, value, None).await,
            Step::Wake(at) => return words[at].wake(w, 1).await,
            Step::SpinUntil(at, value) => {
                while words[at].load(w, SEQ_CST).await != value {
                    w.relax(0);
                }
            }
            Step::Locked => {
                let guard = lock.acquire(w).await;
                let value = x.load(w).await;
                x.store(w, value + 1).await;
                guard.release().await;
            }
            Step::Random(at) => words[at].store(w, w.random(3), SEQ_CST).await,
            Step::Claim(at, value) => {
                w.check(words[at].load(w, SEQ_CST).await != value, "the word does not hold it");
            }
            Step::Print(at) => {
                w.print("{}", 10 * seen + words[at].load(w, SEQ_CST).await).await;
            }
        }
        seen
    }
}

fn owns(exchanged: Result<u32, u32>) -> u32 {
    exchanged.is_ok().into()
}

fn random_step(rng: &mut fastrand::Rng, kind: u8) -> Step {
    let (x, value) = (rng.usize(..2), rng.u32(..3));
    match kind {
        0 => Step::Store(x, value),
        1 => Step::Add(x),
        2 => Step::Own(x),
        3 => Step::Disown(x),
        4 => Step::Toggle(x),
        5 => Step::Mark(x),
        6 => Step::WaitForOwner(x),
        7 => Step::WakeForOwner(x),
        8 => Step::IsMine(x),
        9 => Step::IsSame,
        10 => Step::IsStill(x),
        11 => Step::Look(x),
        12 => Step::Wait(x, value.min(1)),
        13 => Step::Wake(x),
        14 => Step::SpinUntil(x, value.min(1)),
        15 => Step::Locked,
        16 => Step::Random(x),
        17 => Step::Claim(x, value),
        _ => Step::Print(x),
    }
}

/// How many do the same, and what.
type Group = (u16, Vec<Step>);

fn program(world: &Model, groups: &[Group]) {
    let things = Arc::new(Things::new(world));
    for (n_actors, steps) in groups {
        let (things, steps) = (things.clone(), steps.clone());
        world.spawn_alike("actor", *n_actors, move |w| async move {
            let mut seen = 0;
            for step in steps {
                seen = things.perform(&w, step, seen).await;
            }
        });
    }
}

/// What a run printed and how it ended, with the groups of actors in the place of the actors.
fn ending(run: &Run, groups: &[Group]) -> String {
    let groups = groups.iter().enumerate();
    let group_of: Vec<_> =
        groups.flat_map(|(idx, (n, _))| std::iter::repeat_n(idx, usize::from(*n))).collect();
    let group_of = |actor: ActorId| group_of[actor.idx()];
    let log = run.log();
    let printed: Vec<_> = Scene::of(&log.events).printed.iter().map(|line| line.value).collect();
    let ending = match run.ending() {
        Some(Ending::Failed { actor, failure }) => format!("{failure:?} of {}", group_of(*actor)),
        Some(Ending::Deadlock(deadlock)) => {
            let link = |link: &Link| (group_of(link.actor), link.object, link.holder.map(group_of));
            let mut blocked: Vec<_> = deadlock.blocked.iter().map(link).collect();
            blocked.sort_by_key(|link| format!("{link:?}"));
            format!("stuck: {blocked:?}")
        }
        ending => format!("{ending:?}"),
    };
    format!("{printed:?} {ending}")
}

/// A run of what these do.
fn start(grain: Grain, groups: &[Group]) -> Run {
    let config = Config { grain, explored: true, max_turns: 100, ..Config::default() };
    let groups = groups.to_vec();
    Run::new(config, move |world| program(world, &groups))
}

/// All endings, or `None` where there are more executions than the limit.
fn endings(
    mut search: impl Search,
    grain: Grain,
    groups: &[Group],
    limit: usize,
) -> Option<BTreeSet<String>> {
    let (mut run, mut found) = (start(grain, groups), BTreeSet::new());
    for _ in 0..limit {
        if !search.next(&mut run) {
            return Some(found);
        }
        if run.ending().is_some() {
            found.insert(ending(&run, groups));
        }
    }
    None
}

/// Compares what is found in all states with what is found in all classes; gives how many endings there
/// are, or `None` where there are too many classes.
fn compare(grain: Grain, groups: &[Group]) -> Result<Option<usize>, String> {
    let Some(of_classes) = endings(Reduced::new(), grain, groups, 2_000) else { return Ok(None) };
    let of_states = endings(States::new(), grain, groups, usize::MAX);
    if of_states.as_ref() == Some(&of_classes) {
        return Ok(Some(of_classes.len()));
    }
    Err(format!("{grain:?} {groups:?}: {of_states:?}, of the classes {of_classes:?}"))
}

#[test]
fn all_endings_are_found_but_for_whose_they_are() {
    let (mut n_compared, mut n_endings, mut wrong) = (0, 0, Vec::new());
    for seed in 0..800 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let sizes: &[u16] = [&[2][..], &[3], &[2, 1], &[2, 2], &[3, 1]][rng.usize(..5)];
        let n_steps = [0, 0, 4, 3, 2][usize::from(sizes.iter().sum::<u16>())];
        // A few kinds only, so that they meet.
        let kinds = [(); 4].map(|()| rng.u8(..19));
        let mut steps = || {
            let kinds = [(); 4].map(|()| kinds[rng.usize(..kinds.len())]).into_iter().take(n_steps);
            let steps = kinds.map(|kind| random_step(&mut rng, kind)).collect::<Vec<_>>();
            steps.into_iter().chain([Step::Print(rng.usize(..2))]).collect()
        };
        let groups: Vec<Group> = sizes.iter().map(|n| (*n, steps())).collect();
        for grain in [Grain::Operations, Grain::Words] {
            match compare(grain, &groups) {
                Ok(Some(n)) => (n_compared, n_endings) = (n_compared + 1, n_endings + n),
                Ok(None) => {}
                Err(error) => wrong.push(format!("seed {seed}, {error}")),
            }
        }
    }
    wrong.sort_by_key(String::len);
    assert!(wrong.is_empty(), "{} of {n_compared}, for instance {}", wrong.len(), wrong[0]);
    assert!(n_compared > 800 && n_endings > 3 * n_compared, "{n_endings} of {n_compared}");
}

#[test]
fn each_of_those_who_do_the_same_counts() {
    let mut n_compared = 0;
    for seed in 0..200 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let kinds = [(); 4].map(|()| rng.u8(..18));
        let steps = kinds.map(|kind| random_step(&mut rng, kind));
        let groups: Vec<Group> = vec![(2, steps[..2].to_vec()), (1, steps[2..].to_vec())];
        let mut run = start(Grain::Words, &groups);
        let (mut every, mut wanted) = (Every::new(), BTreeMap::new());
        while wanted.len() < 2_000 && every.next(&mut run) {
            wanted.insert(every.order(), ending(&run, &groups));
        }
        if wanted.len() < 2_000 {
            n_compared += 1;
            let found = listed(&mut run, |run| ending(run, &groups));
            assert_eq!(found, Some(wanted), "{groups:?}");
        }
    }
    assert!(n_compared > 100, "{n_compared}");
}

#[test]
fn of_those_who_do_the_same_it_matters_only_how_many_are_where() {
    let n_states = |alike: bool| {
        let config = Config { grain: Grain::Words, record: false, ..Config::default() };
        let mut exploration = Exploration::new(config, States::new(), move |world| {
            let things = Arc::new(Things::new(world));
            let body = move |w| async move { _ = things.perform(&w, Step::Locked, 0).await };
            if alike {
                world.spawn_alike("adder", 3, body);
            } else {
                (0..3).for_each(|idx| world.spawn("adder", idx, body.clone()));
            }
        });
        while exploration.next().is_some() {}
        exploration.search().n_states()
    };
    let (alike, apart) = (n_states(true), n_states(false));
    assert!(alike * 5 < apart, "{alike} states of {apart}: three have six orders");
}
