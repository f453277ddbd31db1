//! The dining philosophers as a lesson.

use serde_json::json;

use super::super::facts::at_the_end;
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::philosophers::{Phase, Settings, Solution, Tally, actions, set_table};
use crate::world::World;

/// Too many to be listed: a judge of dinners says which lists may come out.
pub static ALLOWED: &[Allowed] = &[];

/// The dining philosophers.
pub static LESSON: Lesson = Lesson {
    id: "philosophers",
    family: Family::Threads,
    place: 10,
    title: text("The dining philosophers", "哲学家就餐问题"),
    summary: text(
        "Everyone needs two forks, and there are as many forks as philosophers. Which rules keep \
         them from waiting for each other for ever?",
        "每位哲学家需要两把叉子，而叉子与哲学家一样多。怎样的规则能让他们不会永远互相等待？",
    ),
    params: &[
        Param::choice("solution", text("Solution", "解法"), &SOLUTIONS),
        Param::number("philosophers", text("Philosophers", "哲学家人数"), [2, 100], 5)
            .at_most_on_threads(12),
        Param::number("meals", text("Meals each", "每人就餐次数"), [1, 60], 3),
        Param::millis("think", text("Thinking time", "思考时间"), [0, 10_000], 100),
        Param::millis("eat", text("Eating time", "就餐时间"), [0, 10_000], 80),
        Param::millis("backoff", text("Back-off", "退避时间"), [0, 10_000], 20)
            .only_for("solution", &["try-lock"]),
    ],
    picture: Picture::Table,
    phases: &Phase::NAMES,
    names: &[],
    words: &[],
    property: Property {
        text: text("everybody eats as often as there are meals", "每个人都吃完规定的次数"),
        broken_at: |values, log| {
            let tally = Tally::of(values.number("philosophers") as u16, &log.events);
            at_the_end(log, tally.seats.iter().any(|seat| seat.meals != values.number("meals")))
        },
    },
    challenge: Some(Challenge {
        start: "philosophers?solution=naive&philosophers=3&meals=1&time=free",
        mend: "solution",
        to_break: [
            text("Nobody may get to eat.", "别让任何人吃上饭。"),
            text(
                "Let everybody take one fork before anybody takes a second.",
                "在有人拿第二把叉子之前，让每个人都先拿一把。",
            ),
        ],
        to_mend: text(
            "Some rule must keep the last free fork out of the wrong hand, and the run must come to \
             an end however unlucky they are.",
            "要有一条规则，不让最后一把空闲的叉子落到不该拿的人手里；而且不管运气多差，都必须能结束。",
        ),
    }),
    file: file!(),
    outcome: |_, log| vec![json!(actions(log)).to_string()],
    start,
};

/// In the order of [`Solution::ALL`], with the same names.
static SOLUTIONS: [Choice; 7] = [
    Choice::new(
        "naive",
        text("Naive: left, then right", "朴素：先左后右"),
        text(
            "When everybody holds the left fork, nobody gets the right one.",
            "当每个人都拿着左叉时，谁也拿不到右叉。",
        ),
    ),
    Choice::new(
        "ordered",
        text("Ordered: lower fork first", "有序：先拿编号小的"),
        text(
            "Forks are numbered; nobody waits for a lower fork while holding a higher one.",
            "叉子有编号；没有人拿着大号叉子去等小号叉子。",
        ),
    ),
    Choice::new(
        "odd-even",
        text("Odd–even", "奇偶"),
        text(
            "Odd seats begin with the left fork, even seats with the right one.",
            "奇数座位先拿左叉，偶数座位先拿右叉。",
        ),
    ),
    Choice::new(
        "waiter",
        text("Waiter: at most K − 1 at the table", "服务员：最多 K − 1 人入座"),
        text(
            "A semaphore keeps one philosopher away, so somebody always gets both forks.",
            "信号量让一位哲学家等在外面，因此总有人能拿到两把叉子。",
        ),
    ),
    Choice::new(
        "both-or-none",
        text("Both or none: a monitor", "要么都拿要么不拿：管程"),
        text(
            "A monitor hands out both forks together, when neither neighbour eats.",
            "管程在两边邻居都不在就餐时，一次给出两把叉子。",
        ),
    ),
    Choice::new(
        "try-lock",
        text("Try-lock with back-off", "尝试加锁与退避"),
        text(
            "Who cannot get the second fork puts the first one back and waits a random while. \
                 With a back-off of 0 all can do so for ever.",
            "拿不到第二把叉子就放回第一把，随机等一会儿。退避为 0 时可能永远重复（活锁）。",
        ),
    ),
    Choice::new(
        "chandy-misra",
        text("Chandy–Misra: clean and dirty forks", "Chandy–Misra：干净与脏叉子"),
        text(
            "A dirty fork goes to the neighbour who asks; whoever has eaten yields. Nobody \
                 starves.",
            "脏叉子要让给提出请求的邻居；吃过的人让没吃过的人。没有人会饿死。",
        ),
    ),
];

fn start<W: World>(values: &Values, world: &W) {
    let settings = Settings {
        philosophers: values.number("philosophers") as u16,
        meals: values.number("meals"),
        solution: Solution::from_id(values.choice("solution").id).unwrap_or(Solution::Naive),
        think: values.millis("think"),
        eat: values.millis("eat"),
        backoff: values.millis("backoff"),
    };
    set_table(world, &settings);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lesson_has_every_solution_by_its_name() {
        assert!(SOLUTIONS.iter().map(|choice| choice.id).eq(Solution::ALL.map(Solution::id)));
    }
}
