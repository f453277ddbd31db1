//! Everybody adds one to x, but an addition is two steps.

use std::sync::Arc;

use super::super::facts::{last_value, sum_broken_at};
use super::super::param::text;
use super::super::{Family, Lesson, Param, Picture, Property, Values};
use crate::world::{Shared, World};

/// The lost update.
pub static LESSON: Lesson = Lesson {
    id: "lost-update",
    family: Family::Threads,
    title: text("The lost update", "丢失的更新"),
    summary: text(
        "Everybody adds one to x, but an addition is a load and a store. Whoever stores between \
         somebody else's two steps has worked for nothing.",
        "每个人都给 x 加一，但加一是“读”和“写”两步。夹在别人两步之间的写入，等于白做。",
    ),
    params: &[
        Param::number("actors", text("Actors", "参与者数"), [2, 8], 2),
        Param::number("rounds", text("Additions each", "每人加几次"), [1, 20], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    words: &[],
    property: Property {
        text: text("x ends as the number of all additions", "x 最终等于加法的总次数"),
        broken_at: |values, log| {
            sum_broken_at(log, "x", values.number("actors") * values.number("rounds"))
        },
    },
    file: file!(),
    outcome: |_, log| last_value(log, "x").map(|x| format!("x = {x}")).into_iter().collect(),
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let rounds = values.number("rounds");
    let x = Arc::new(Shared::new(world, "x", 0, 0));
    for idx in 0..values.number("actors") as u16 {
        let x = x.clone();
        world.spawn("adder", idx, move |w| async move {
            for _ in 0..rounds {
                // Whoever stores now overwrites what the others stored since this load.
                let seen = x.load(&w).await; //: load
                x.store(&w, seen + 1).await; //: store
            }
        });
    }
}
