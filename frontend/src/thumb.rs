//! A lesson in small: its first turns in the model, a row for each actor, as the timeline has them.

use engine::lessons::{Lesson, Picture, Scenario};
use engine::log::{Activity, ActorScene, Event, EventKind, Scene};
use engine::model::Config;
use engine::philosophers::Phase;

/// How many turns there are in it at most.
const COLUMNS: usize = 48;

/// How many actors there are in it at most.
const ROWS: usize = 8;

/// The size of the drawing.
pub const SIZE: [f64; 2] = [120.0, 52.0];

/// What an actor is up to, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Not there yet, or through.
    Away,
    /// Sleeps, or thinks.
    Rests,
    /// Could go on.
    Ready,
    /// Waits, or is hungry.
    Waits,
    /// Takes its turn, or eats.
    Acts,
}

impl Tone {
    /// Every tone, from the least to the most, with its name in style sheets.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Away, "away"),
        (Self::Rests, "rests"),
        (Self::Ready, "ready"),
        (Self::Waits, "waits"),
        (Self::Acts, "acts"),
    ];

    /// Which share of its row it fills: a shape beside the colour.
    fn share(self) -> f64 {
        [0.1, 0.2, 0.4, 0.64, 1.0][self as usize]
    }
}

/// The picture: for each tone, in the order of [`Tone::ALL`], the path of all its bars.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thumb(pub [String; 5]);

impl Thumb {
    /// The picture of a lesson as it comes, run for a moment.
    pub fn of(lesson: &'static Lesson) -> Self {
        let scenario = Scenario::new(lesson);
        let mut run = scenario.run(Config { max_turns: COLUMNS as u64, ..Config::default() });
        run.advance(&mut scenario.scheduler(), COLUMNS as u64);
        let by_turn = lesson.picture == Picture::Objects;
        Self::drawn(&lanes(lesson.picture, &run.log().events), by_turn)
    }

    fn drawn(lanes: &[Vec<Tone>], by_turn: bool) -> Self {
        let [width, height] = SIZE;
        let row = height / lanes.len().max(1) as f64;
        let tall = (row * 0.78).min(14.0);
        let mut paths = Self::default();
        for (idx, lane) in lanes.iter().enumerate() {
            let column = width / lane.len() as f64;
            let bottom = (row * idx as f64) + (row + tall) / 2.0;
            let mut from = 0.0;
            for turns in lane.chunk_by(|a, b| a == b && (*a != Tone::Acts || !by_turn)) {
                let (tone, wide) = (turns[0], turns.len() as f64 * column);
                let up = tall * tone.share();
                // A hair between two turns, so that each is seen.
                let gap = if by_turn && tone == Tone::Acts { (column * 0.2).min(1.5) } else { 0.0 };
                let bar = wide - gap;
                paths.0[tone as usize] +=
                    &format!("M{from:.1} {bottom:.1}h{bar:.1}v-{up:.1}h-{bar:.1}z");
                from += wide;
            }
        }
        paths
    }
}

/// For each actor, what it is up to after each turn.
fn lanes(picture: Picture, events: &[Event]) -> Vec<Vec<Tone>> {
    let mut scene = Scene::default();
    let mut columns: Vec<Vec<Tone>> = Vec::new();
    for turn in events.chunk_by(|_, next| next.kind != EventKind::Turn) {
        turn.iter().for_each(|event| scene.apply(event));
        let ran = (turn[0].kind == EventKind::Turn).then_some(turn[0].actor.idx());
        let actors = scene.actors.iter().take(ROWS).enumerate();
        columns.push(actors.map(|(idx, actor)| tone(picture, actor, ran == Some(idx))).collect());
    }
    // Before its first turn nobody has done anything; that is only worth a column where it is all.
    let columns = if columns.len() > 1 { &columns[1..] } else { &columns };
    let n_rows = columns.last().map_or(0, Vec::len);
    let at = |column: &Vec<Tone>, row| column.get(row).copied().unwrap_or(Tone::Away);
    (0..n_rows).map(|row| columns.iter().map(|column| at(column, row)).collect()).collect()
}

fn tone(picture: Picture, actor: &ActorScene, ran: bool) -> Tone {
    match (picture, actor.activity) {
        (Picture::Table, _) => match Phase::from_number(actor.phase) {
            Phase::Thinking => Tone::Ready,
            Phase::Hungry => Tone::Waits,
            Phase::Eating => Tone::Acts,
            Phase::Done => Tone::Away,
        },
        (Picture::Objects, _) if ran => Tone::Acts,
        (Picture::Objects, activity) => match activity {
            Activity::Unborn | Activity::Finished => Tone::Away,
            Activity::Sleeping(_) => Tone::Rests,
            Activity::Ready => Tone::Ready,
            Activity::Blocked(_) => Tone::Waits,
        },
    }
}
