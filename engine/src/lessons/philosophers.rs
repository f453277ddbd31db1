//! The dining philosophers as a lesson.

use std::time::Duration;

use super::{Choice, Kind, Lesson, Param, Text, Values};
use crate::philosophers::{Phase, Settings, Solution, set_table};
use crate::world::World;

/// The dining philosophers.
pub static LESSON: Lesson = Lesson {
    id: "philosophers",
    title: Text { en: "The dining philosophers", zh: "哲学家就餐问题" },
    summary: Text {
        en: "Everyone needs two forks, and there are as many forks as philosophers. Which rules \
             keep them from waiting for each other for ever?",
        zh: "每位哲学家需要两把叉子，而叉子与哲学家一样多。怎样的规则能让他们不会永远互相等待？",
    },
    params: &[
        Param {
            id: "solution",
            title: Text { en: "Solution", zh: "解法" },
            kind: Kind::Choice { options: &SOLUTIONS },
        },
        number("philosophers", Text { en: "Philosophers", zh: "哲学家人数" }, [2, 100, 12, 5], ""),
        number("meals", Text { en: "Meals each", zh: "每人就餐次数" }, [1, 60, 60, 3], ""),
        number(
            "think",
            Text { en: "Thinking time", zh: "思考时间" },
            [0, 10_000, 10_000, 100],
            "ms",
        ),
        number("eat", Text { en: "Eating time", zh: "就餐时间" }, [0, 10_000, 10_000, 80], "ms"),
        number("backoff", Text { en: "Back-off", zh: "退避时间" }, [0, 10_000, 10_000, 20], "ms"),
    ],
    phases: &Phase::NAMES,
    in_model: start,
    on_threads: start,
};

const fn number(
    id: &'static str,
    title: Text,
    [min, max, max_real, default]: [u32; 4],
    unit: &'static str,
) -> Param {
    Param { id, title, kind: Kind::Number { min, max, max_real, default, unit } }
}

const fn choice(solution: &'static str, title: Text, summary: Text) -> Choice {
    Choice { id: solution, title, summary }
}

/// In the order of [`Solution::ALL`], with the same names.
static SOLUTIONS: [Choice; 7] = [
    choice(
        "naive",
        Text { en: "Naive: left, then right", zh: "朴素：先左后右" },
        Text {
            en: "When everybody holds the left fork, nobody gets the right one.",
            zh: "当每个人都拿着左叉时，谁也拿不到右叉。",
        },
    ),
    choice(
        "ordered",
        Text { en: "Ordered: lower fork first", zh: "有序：先拿编号小的" },
        Text {
            en: "Forks are numbered; nobody waits for a lower fork while holding a higher one.",
            zh: "叉子有编号；没有人拿着大号叉子去等小号叉子。",
        },
    ),
    choice(
        "odd-even",
        Text { en: "Odd–even", zh: "奇偶" },
        Text {
            en: "Odd seats begin with the left fork, even seats with the right one.",
            zh: "奇数座位先拿左叉，偶数座位先拿右叉。",
        },
    ),
    choice(
        "waiter",
        Text {
            en: "Waiter: at most K − 1 at the table", zh: "服务员：最多 K − 1 人入座"
        },
        Text {
            en: "A semaphore keeps one philosopher away, so somebody always gets both forks.",
            zh: "信号量让一位哲学家等在外面，因此总有人能拿到两把叉子。",
        },
    ),
    choice(
        "both-or-none",
        Text { en: "Both or none: a monitor", zh: "要么都拿要么不拿：管程" },
        Text {
            en: "A monitor hands out both forks together, when neither neighbour eats.",
            zh: "管程在两边邻居都不在就餐时，一次给出两把叉子。",
        },
    ),
    choice(
        "try-lock",
        Text { en: "Try-lock with back-off", zh: "尝试加锁与退避" },
        Text {
            en: "Who cannot get the second fork puts the first one back and waits a random while. \
                 With a back-off of 0 all can do so for ever.",
            zh: "拿不到第二把叉子就放回第一把，随机等一会儿。退避为 0 时可能永远重复（活锁）。",
        },
    ),
    choice(
        "chandy-misra",
        Text {
            en: "Chandy–Misra: clean and dirty forks", zh: "Chandy–Misra：干净与脏叉子"
        },
        Text {
            en: "A dirty fork goes to the neighbour who asks; whoever has eaten yields. Nobody \
                 starves.",
            zh: "脏叉子要让给提出请求的邻居；吃过的人让没吃过的人。没有人会饿死。",
        },
    ),
];

fn start<W: World>(values: &Values, world: &W) {
    let millis = |id| Duration::from_millis(values.number(id).into());
    let settings = Settings {
        philosophers: values.number("philosophers") as u16,
        meals: values.number("meals"),
        solution: Solution::from_id(values.choice("solution").id).unwrap_or(Solution::Naive),
        think: millis("think"),
        eat: millis("eat"),
        backoff: millis("backoff"),
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
