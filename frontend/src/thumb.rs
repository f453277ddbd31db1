//! A lesson in small: its first turns in the model, a row for each actor, as the timeline has them.

use engine::lessons::{Lesson, Picture, Scenario};
use engine::model::Config;

use crate::recording::{Recording, Tone};

/// How many turns there are in it at most.
const TURNS: u64 = 48;

/// How many actors there are in it at most.
const ROWS: usize = 8;

/// The size of the drawing.
pub const SIZE: [f64; 2] = [120.0, 52.0];

/// For each tone its name in style sheets, and which share of its row it fills: a shape beside the
/// colour.
pub const TONES: [(Tone, &str, f64); 5] = [
    (Tone::Over, "over", 0.1),
    (Tone::Asleep, "asleep", 0.2),
    (Tone::Calm, "calm", 0.4),
    (Tone::Wants, "wants", 0.64),
    (Tone::Busy, "busy", 1.0),
];

/// The picture: for each tone, in the order of [`TONES`], the path of all its bars.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thumb(pub [String; 5]);

impl Thumb {
    /// The picture of a lesson as it comes, run for a moment.
    pub fn of(lesson: &'static Lesson) -> Self {
        let scenario = Scenario::new(lesson);
        let mut run = scenario.run(Config { max_turns: TURNS, ..Config::default() });
        run.advance(&mut scenario.scheduler(), TURNS);
        let mut recording = Recording::new(&scenario, true);
        recording.follow(&run.log());
        Self::drawn(&recording, lesson.picture == Picture::Objects)
    }

    /// Where a turn is what is drawn, each has a bar of its own.
    fn drawn(recording: &Recording, by_turn: bool) -> Self {
        let [width, height] = SIZE;
        let n_turns = recording.last_stop().max(1);
        let lanes = &recording.lanes()[..recording.lanes().len().min(ROWS)];
        let row = height / lanes.len().max(1) as f64;
        let tall = (row * 0.78).min(14.0);
        let column = width / n_turns as f64;
        let mut thumb = Self::default();
        for (idx, lane) in lanes.iter().enumerate() {
            let bottom = row * idx as f64 + (row + tall) / 2.0;
            let mut bar = |tone: Tone, from: usize, to: usize, gap: f64| {
                let at = TONES.iter().position(|(known, ..)| *known == tone).unwrap_or(0);
                let (left, wide) = (from as f64 * column, (to - from) as f64 * column - gap);
                let up = tall * TONES[at].2;
                thumb.0[at] += &format!("M{left:.1} {bottom:.1}h{wide:.1}v-{up:.1}h-{wide:.1}z");
            };
            // What is so after turn n was so from its beginning; before the first nothing happened.
            let before = |stop: usize| stop.saturating_sub(1).min(n_turns);
            for (idx, segment) in lane.iter().enumerate() {
                let from = before(segment.from);
                let to = lane.get(idx + 1).map_or(n_turns, |next| before(next.from));
                if by_turn && segment.tone == Tone::Busy {
                    (from..to).for_each(|turn| {
                        bar(Tone::Busy, turn, turn + 1, (column * 0.2).min(1.5));
                    });
                } else if to > from {
                    bar(segment.tone, from, to, 0.0);
                }
            }
        }
        thumb
    }
}
