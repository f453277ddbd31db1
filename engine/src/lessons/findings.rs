//! What can be seen in executions beside how they end.

use std::collections::BTreeMap;

use super::Scenario;
use super::check::Found;
use crate::log::{Activity, ActorScene, Event, EventKind, Label, Log, Names, Race, Scene, Turn};
use crate::model::{Config, Run};
use crate::world::{ActorId, ObjectId, Place};

/// Two accesses in the source to the same plain data, of which at least one writes, and nothing says
/// which comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DataRace {
    /// The data.
    pub cell: Label,
    /// Where the accesses are, and whether they write. Not in the order in which they come.
    pub accesses: [(Place, bool); 2],
}

impl DataRace {
    fn of(race: &Race, names: &Names) -> Option<Self> {
        let mut accesses = race.accesses.map(|access| (access.place, access.writes));
        accesses.sort();
        Some(Self { cell: names.object(race.object)?, accesses })
    }
}

/// An actor that waited while others, who came later, went ahead of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Overtaken {
    /// How often.
    pub n: u32,
    /// Who.
    pub actor: Label,
    /// For what it waited.
    pub object: Label,
}

impl Overtaken {
    /// Whether it is worse than another; of those that are alike, the first by name.
    fn is_worse(&self, other: &Self) -> bool {
        (self.n, other) > (other.n, self)
    }

    /// The one that was overtaken most often while it waited once; nobody, when nobody was.
    pub fn most(log: &Log) -> Option<Self> {
        let mut queues: Vec<Waiting> = Vec::new();
        let mut most: Option<(u32, ActorId, ObjectId)> = None;
        for (at, event) in log.events.iter().enumerate() {
            let own = queues.iter().position(|waiting| waiting.actor == event.actor);
            match event.kind {
                EventKind::Declared => match own {
                    Some(own) if queues[own].object == event.object => {}
                    _ => {
                        own.map(|own| queues.swap_remove(own));
                        let Event { actor, object, .. } = *event;
                        queues.push(Waiting { actor, object, came: at, blocked: None, n: 0 });
                    }
                },
                EventKind::Blocked => {
                    own.map(|own| queues[own].blocked.get_or_insert(at));
                }
                EventKind::Got => {
                    let Some(own) = own else { continue };
                    let Waiting { object, came, .. } = queues.swap_remove(own);
                    let is_behind = |waiting: &&mut Waiting| {
                        waiting.object == object && waiting.blocked.is_some_and(|at| at < came)
                    };
                    for waiting in queues.iter_mut().filter(is_behind) {
                        waiting.n += 1;
                        most = most.max(Some((waiting.n, waiting.actor, object)));
                    }
                }
                EventKind::GaveUp | EventKind::GaveBack | EventKind::Finished => {
                    own.map(|own| queues.swap_remove(own));
                }
                _ => {}
            }
        }
        let (n, actor, object) = most?;
        Some(Self { n, actor: log.names.actor(actor), object: log.names.object(object)? })
    }
}

/// An actor that is about to get an object, or waits for it.
struct Waiting {
    actor: ActorId,
    object: ObjectId,
    /// The event since when it wants it.
    came: usize,
    /// The event since when it waits.
    blocked: Option<usize>,
    /// How often it was overtaken since then.
    n: u32,
}

/// How often at least the same turns have to come one after the other.
const MIN_ROUNDS: usize = 8;

/// Whether a run that was given up goes round in circles: for half of it the same turns came again and
/// again, everybody who could move took some of them, and nobody got any further.
pub(super) fn goes_round(log: &Log) -> bool {
    let turns: Vec<Turn> = Turn::all(&log.events).collect();
    let tail = &turns[turns.len() / 2..];
    let is_progress = |event: &Event| {
        use EventKind::{Finished, Phase, Printed, Put, Spawned, Took};
        matches!(event.kind, Finished | Phase | Printed | Put | Spawned | Took)
    };
    let since_progress = log.events.rsplit(is_progress).next().unwrap_or(&[]);
    let scene = Scene::of(&log.events);
    let takes_part = |(idx, actor): (usize, &ActorScene)| match actor.activity {
        Activity::Finished | Activity::Blocked(_) => true,
        _ => tail.iter().any(|turn| turn.actor.idx() == idx),
    };
    let comes_again = |period: usize| tail.iter().zip(&tail[period..]).all(|(a, b)| a == b);
    Turn::all(since_progress).count() >= tail.len()
        && scene.actors.iter().enumerate().all(takes_part)
        && (1..=tail.len() / MIN_ROUNDS).any(comes_again)
}

/// What can be seen in executions beside how they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Finding {
    /// Some go round in circles for ever: see [`super::End::Livelock`]. Looked for among those in which
    /// everybody takes turns, as soon as there is one that has no end.
    Livelock,
    /// A data race. It is no outcome: what is raced for can come out well.
    Race(DataRace),
    /// Who was overtaken most often.
    Overtaken(Overtaken),
}

impl Finding {
    /// Whether it should not be.
    pub fn is_bad(&self) -> bool {
        !matches!(self, Self::Overtaken(_))
    }

    /// Whether it can be seen in what a run has come to.
    fn is_seen_in(&self, run: &Run) -> bool {
        match self {
            Self::Livelock => false,
            Self::Race(race) => {
                let log = run.log();
                run.races().iter().any(|known| DataRace::of(known, &log.names) == Some(*race))
            }
            Self::Overtaken(most) => Overtaken::most(&run.log()).is_some_and(|now| now >= *most),
        }
    }

    /// After how many turns of this schedule it can be seen; after all of them, at the latest.
    pub fn step_in(&self, schedule: &Scenario, order: &[ActorId]) -> usize {
        let mut run = schedule.run(Config::default());
        let mut goes_on = |actor: ActorId| !self.is_seen_in(&run) && run.turn(actor).is_ok();
        order.iter().take_while(|actor| goes_on(**actor)).count()
    }
}

/// What was seen in some executions, each with how often, and how.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    races: BTreeMap<DataRace, Found>,
    /// The worst of them.
    overtaken: Option<(Overtaken, Found)>,
}

impl Findings {
    /// Looks at one more execution.
    pub fn look(&mut self, run: &Run, order: impl Fn() -> Vec<ActorId>) {
        let log = run.log();
        for race in run.races().iter().filter_map(|race| DataRace::of(race, &log.names)) {
            Found::note(self.races.entry(race), run, &order);
        }
        if let Some(most) = Overtaken::most(&log) {
            match &mut self.overtaken {
                Some((known, found)) if *known == most => found.add(run, order),
                Some((known, _)) if known.is_worse(&most) => {}
                known => *known = Some((most, Found { n_executions: 1, order: order() })),
            }
        }
    }

    /// All of them, the bad first.
    pub fn all(&self) -> impl Iterator<Item = (Finding, &Found)> {
        let races = self.races.iter().map(|(race, found)| (Finding::Race(*race), found));
        let overtaken = self.overtaken.iter();
        races.chain(overtaken.map(|(most, found)| (Finding::Overtaken(*most), found)))
    }

    /// Takes over what was seen in others.
    pub fn merge(&mut self, other: Self) {
        for (race, found) in other.races {
            found.merge_into(self.races.entry(race));
        }
        if let Some((most, more)) = other.overtaken {
            match &mut self.overtaken {
                Some((known, found)) if *known == most => found.merge(more),
                Some((known, _)) if known.is_worse(&most) => {}
                known => *known = Some((most, more)),
            }
        }
    }
}
