//! A lesson, its values and a schedule: everything that makes a run of the model come out the same.

use std::fmt;
use std::str::FromStr;

use form_urlencoded::Serializer;

use super::{Invalid, Lesson, Values, lesson};
use crate::model::{
    Config, Grain, Model, NotReady, Pct, Person, Pick, Random, Replay, RoundRobin, Run, Scheduler,
    Time, View,
};
use crate::world::ActorId;

/// The version of the string. A reader that meets a newer one says so.
const VERSION: u32 = 1;

/// Who chooses where no pick does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// One turn each, in a circle.
    RoundRobin,
    /// Each with equal chances, by the seed.
    #[default]
    Random,
    /// Random priorities with a few points of change, by the seed.
    Pct,
    /// Nobody: the run goes as far as it is picked.
    Person,
}

impl Policy {
    /// Every policy that brings a run to its end by itself.
    pub const ALL: [Self; 3] = [Self::Random, Self::RoundRobin, Self::Pct];

    /// The name in links, and of those that end a run on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::RoundRobin => "round-robin",
            Self::Random => "random",
            Self::Pct => "pct",
            Self::Person => "person",
        }
    }
}

/// The names of the grains on the command line and in links.
const GRAINS: [(&str, Grain); 2] = [("ops", Grain::Operations), ("words", Grain::Words)];

/// The names of how time passes.
const TIMES: [(&str, Time); 2] = [("virtual", Time::Virtual), ("free", Time::Free)];

/// A lesson, its values and a schedule. A schedule is a policy, a seed and the turns at which
/// somebody decided otherwise.
///
/// ```
/// use engine::lessons::Scenario;
///
/// let text = "philosophers?meals=2&solution=naive&policy=round-robin&picks=3.1-5.0";
/// let scenario: Scenario = text.parse().unwrap();
/// assert_eq!(scenario.picks.len(), 2);
/// assert_eq!(scenario.to_string().parse(), Ok(scenario));
/// assert!("philosophers?meals=0".parse::<Scenario>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The lesson and its parameters.
    pub values: Values,
    /// What a single turn is.
    pub grain: Grain,
    /// How time passes.
    pub time: Time,
    /// Whether actors may be woken for no reason; see [`Config::spurious`].
    pub spurious: bool,
    /// Who chooses where no pick does.
    pub policy: Policy,
    /// Where random sequences begin: the policy's and the actors'.
    pub seed: u64,
    /// The turns at which somebody decided otherwise, in ascending order.
    pub picks: Vec<Pick>,
}

impl Scenario {
    /// A lesson with its defaults.
    pub fn new(lesson: &'static Lesson) -> Self {
        let (values, grain, policy) =
            (Values::new(lesson), lesson.family.grain(), Policy::default());
        let (time, spurious) = (Time::default(), false);
        Self { values, grain, time, spurious, policy, seed: 1, picks: Vec::new() }
    }

    /// Which lesson.
    pub fn lesson(&self) -> &'static Lesson {
        self.values.lesson()
    }

    /// The run, before its first turn.
    pub fn run(&self, config: Config) -> Run {
        let Self { grain, time, spurious, seed, .. } = *self;
        let config = Config { grain, time, spurious, seed, ..config };
        let values = self.values.clone();
        Run::new(config, move |world: &Model| values.lesson().in_model(&values, world))
    }

    /// The scheduler, before its first choice.
    pub fn scheduler(&self) -> Replay {
        // How deep PCT looks, and in how long a run. Five philosophers deadlock at depth five.
        let (depth, n_turns) = (5, 100);
        let policy: Box<dyn Scheduler> = match self.policy {
            Policy::RoundRobin => Box::new(RoundRobin),
            Policy::Random => Box::new(Random::new(self.seed)),
            Policy::Pct => Box::new(Pct::new(self.seed, depth, n_turns)),
            Policy::Person => Box::new(Person::default()),
        };
        Replay::new(policy, self.picks.clone())
    }

    /// The same with the turns in this order.
    ///
    /// # Errors
    /// [`NotReady`] when they cannot be taken like that.
    pub fn following(&self, order: &[ActorId]) -> Result<Self, NotReady> {
        let mut run = self.run(Config { record: false, ..Config::default() });
        let mut scheduler = Self { picks: Vec::new(), ..self.clone() }.scheduler();
        let (mut picks, mut last) = (Vec::new(), None);
        for (&actor, turn) in order.iter().zip(0..) {
            if run.ending().is_some() {
                break;
            }
            let by_policy = scheduler.next(&View { ready: &run.ready(), last, turn });
            if by_policy != Some(actor) {
                picks.push(Pick { turn, actor });
            }
            run.turn(actor)?;
            last = Some(actor);
        }
        Ok(Self { picks, ..self.clone() })
    }

    /// The same up to turn `pick.turn`, where the pick's actor goes instead.
    pub fn branch(&self, pick: Pick) -> Self {
        let mut picks = self.picks.clone();
        picks.retain(|earlier| earlier.turn < pick.turn);
        picks.push(pick);
        Self { picks, ..self.clone() }
    }

    /// Reads what can be read, and says what could not: the defaults stand for that. `None` when
    /// not even the lesson is known. Keys for which `is_other` holds belong to somebody else.
    pub fn read(text: &str, is_other: impl Fn(&str) -> bool) -> (Option<Self>, Vec<Invalid>) {
        let (id, query) = text.split_once('?').unwrap_or((text, ""));
        let lesson = match lesson(id) {
            Ok(lesson) => lesson,
            Err(invalid) => return (None, vec![invalid]),
        };
        let mut scenario = Self::new(lesson);
        let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| !is_other(key));
        let read = pairs.map(|(key, value)| scenario.read_pair(&key, &value));
        let mut problems: Vec<Invalid> = read.filter_map(Result::err).collect();
        problems.extend(scenario.make_consistent().err());
        (Some(scenario), problems)
    }

    fn read_pair(&mut self, key: &str, value: &str) -> Result<(), Invalid> {
        match key {
            "v" => match value.parse::<u32>() {
                Ok(version) if version <= VERSION => {}
                _ => {
                    return Err(Invalid::Version { given: value.to_owned(), known: VERSION });
                }
            },
            "grain" => self.grain = one_of("grain", value, &GRAINS)?,
            "time" => self.time = one_of("time", value, &TIMES)?,
            "spurious" => {
                self.spurious = one_of("spurious", value, &[("no", false), ("yes", true)])?
            }
            "policy" => {
                let [a, b, c] = Policy::ALL;
                let all = [a, b, c, Policy::Person].map(|policy| (policy.id(), policy));
                self.policy = one_of("policy", value, &all)?;
            }
            "seed" => {
                let range = [0, u64::MAX];
                let seed = value.parse().map_err(|_| Invalid::number("seed", value, range));
                self.seed = seed?;
            }
            "picks" => self.picks = read_picks(value)?,
            _ => self.values.set(key, value)?,
        }
        Ok(())
    }

    /// Switches off what there is not at this grain.
    ///
    /// # Errors
    /// Says what that was.
    pub fn make_consistent(&mut self) -> Result<(), Invalid> {
        if self.spurious && self.grain == Grain::Operations {
            self.spurious = false;
            let why = "there are spurious wakeups at the grain of words only (grain=words)";
            return Err(Invalid::Other(why.to_owned()));
        }
        Ok(())
    }

    /// The grain with this name.
    ///
    /// # Errors
    /// Says which names there are.
    pub fn grain_from(name: &str) -> Result<Grain, Invalid> {
        one_of("grain", name, &GRAINS)
    }

    /// How time passes, by this name.
    ///
    /// # Errors
    /// Says which names there are.
    pub fn time_from(name: &str) -> Result<Time, Invalid> {
        one_of("time", name, &TIMES)
    }

    /// The key-value pairs of the string, behind its `?`.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let values =
            self.lesson().params.iter().map(|param| (param.id, self.values.text(param.id)));
        let grain = GRAINS.iter().find(|(_, grain)| *grain == self.grain).map_or("", |(id, _)| id);
        let mut pairs = vec![("v", VERSION.to_string())];
        pairs.extend(values);
        pairs.push(("grain", grain.to_owned()));
        if self.time == Time::Free {
            pairs.push(("time", "free".to_owned()));
        }
        if self.spurious {
            pairs.push(("spurious", "yes".to_owned()));
        }
        pairs.push(("policy", self.policy.id().to_owned()));
        pairs.push(("seed", self.seed.to_string()));
        if !self.picks.is_empty() {
            let picks = self.picks.iter().map(|pick| format!("{}.{}", pick.turn, pick.actor.0));
            pairs.push(("picks", picks.collect::<Vec<_>>().join("-")));
        }
        pairs
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = Serializer::new(String::new()).extend_pairs(self.pairs()).finish();
        write!(f, "{}?{query}", self.lesson().id)
    }
}

impl FromStr for Scenario {
    type Err = Invalid;

    /// Reads it strictly: whatever is wrong is an error.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (scenario, problems) = Self::read(text, |_| false);
        match (scenario, problems.into_iter().next()) {
            (Some(scenario), None) => Ok(scenario),
            (_, Some(problem)) => Err(problem),
            (None, None) => unreachable!("an unknown lesson is a problem"),
        }
    }
}

fn one_of<T: Copy>(what: &'static str, name: &str, options: &[(&str, T)]) -> Result<T, Invalid> {
    let found = options.iter().find(|(id, _)| *id == name).map(|(_, option)| *option);
    found.ok_or_else(|| Invalid::one_of(what, name, options.iter().map(|(id, _)| *id)))
}

fn read_picks(text: &str) -> Result<Vec<Pick>, Invalid> {
    let pick = |text: &str| {
        let (turn, actor) = text.split_once('.')?;
        Some(Pick { turn: turn.parse().ok()?, actor: ActorId(actor.parse().ok()?) })
    };
    let picks: Option<Vec<Pick>> = text.split('-').map(pick).collect();
    let ascending = |picks: &Vec<Pick>| picks.is_sorted_by(|a, b| a.turn < b.turn);
    picks.filter(ascending).ok_or_else(|| Invalid::Picks { given: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "philosophers\\?[a-z0-9=&.%-]{0,60}") {
            if let Ok(scenario) = text.parse::<Scenario>() {
                prop_assert_eq!(scenario.to_string().parse(), Ok(scenario));
            }
        }

        #[test]
        fn what_is_printed_is_read(
            seed: u64, meals in 1u32..=60, words: bool, free: bool, spurious: bool,
            policy in 0usize..4,
            picks in prop::collection::btree_map(any::<u64>(), any::<u16>(), 0..9),
        ) {
            let mut scenario = Scenario::new(lesson("philosophers").unwrap());
            scenario.values.set("meals", &meals.to_string()).unwrap();
            scenario.seed = seed;
            scenario.grain = if words { Grain::Words } else { Grain::Operations };
            scenario.time = if free { Time::Free } else { Time::Virtual };
            scenario.spurious = spurious && words;
            scenario.policy = *Policy::ALL.get(policy).unwrap_or(&Policy::Person);
            scenario.picks =
                picks.into_iter().map(|(turn, actor)| Pick { turn, actor: ActorId(actor) }).collect();
            prop_assert_eq!(scenario.to_string().parse(), Ok(scenario));
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_rest_is_kept() {
        let text = "philosophers?v=9&meals=7&solution=hope&picks=5.0-3.1&hat=red&step=4";
        let (scenario, problems) = Scenario::read(text, |key| key == "step");
        assert_eq!(scenario.unwrap().values.number("meals"), 7);
        let problems: Vec<_> = problems.iter().map(Invalid::to_string).collect();
        expect_test::expect![[r#"
            [
                "the schedule is of version '9', and this program reads version 1",
                "solution must be one of naive, ordered, odd-even, waiter, both-or-none, try-lock, chandy-misra, not 'hope'",
                "picks must be a list of TURN.ACTOR with ascending turns, as in 3.1-5.0, not '5.0-3.1'",
                "philosophers has no parameter 'hat'; it has: solution, philosophers, meals, think, eat, backoff",
            ]
        "#]]
        .assert_debug_eq(&problems);
    }
}
