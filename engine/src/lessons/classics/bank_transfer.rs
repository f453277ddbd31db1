//! Two clerks transfer money between the same two accounts, in opposite directions.

use std::sync::Arc;
use std::time::Duration;

use super::super::facts::{last_values, sum_broken_at, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::sync::Lock;
use crate::world::{Shared, World};

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "unlocked",
        text("No lock", "不加锁"),
        text(
            "Whoever stores last undoes what the other did meanwhile.",
            "后写的人抹掉了别人刚做的修改。",
        ),
    ),
    Choice::new(
        "naive",
        text("Source, then target", "先转出后转入"),
        text(
            "Each clerk holds the account that the other waits for.",
            "两人各自锁着对方在等的账户。",
        ),
    ),
    Choice::new(
        "ordered",
        text("By account number", "按账号顺序"),
        text("Both clerks begin with the same account.", "两人都从同一个账户开始加锁。"),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=unlocked", &["total 170", "total 180", "total 200", "total 220", "total 230"]),
    ("variant=naive", &["deadlock"]),
    ("variant=naive&hold=0", &["deadlock", "total 200"]),
    ("variant=ordered", &["total 200"]),
];

/// The bank transfer.
pub static LESSON: Lesson = Lesson {
    id: "bank-transfer",
    family: Family::Classics,
    place: 20,
    title: text("The bank transfer", "银行转账"),
    summary: text(
        "Two clerks transfer money in opposite directions. Without locks some is lost or made; \
         with \"mine, then yours\" they deadlock; in the order of the numbers it is right.",
        "两位柜员朝相反方向转账。不加锁，钱会变多或变少；先锁转出账户再锁转入账户，\
         会死锁；按账号顺序加锁才对。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::millis("hold", text("Dawdling", "磨蹭时间"), [0, 50], 50),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("account", "账户"), text("balance", "余额"), text("clerk", "柜员")],
    words: &[],
    property: Property {
        text: text(
            "both transfers are made, and the total stays 200",
            "两笔转账都完成，总额始终是 200",
        ),
        broken_at: |_, log| sum_broken_at(log, "balance", 200),
    },
    challenge: Some(Challenge {
        start: "bank-transfer?variant=unlocked&time=free",
        mend: "variant",
        to_break: [
            text(
                "A balance that was read may be old when it is written.",
                "读到的余额，写的时候可能已经过时。",
            ),
            text(
                "Let both clerks read the same account before one writes.",
                "在有人写之前，让两位柜员都读同一个账户。",
            ),
        ],
        to_mend: text(
            "Both accounts must be locked; and both clerks must begin with the same one.",
            "两个账户都要锁，而且两位柜员要从同一个账户开始。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || {
            vec![format!("total {}", last_values(log, "balance").iter().sum::<u32>())]
        })
    },
    start,
};

struct Account<W: World> {
    number: u16,
    balance: Shared<W>,
    lock: Lock<W>,
}

fn start<W: World>(values: &Values, world: &W) {
    let (variant, hold) = (values.variant(), values.millis("hold"));
    let account = |number| Account {
        number,
        balance: Shared::new(world, "balance", number, 100),
        lock: Lock::new(world, "account", number),
    };
    let (a, b) = (Arc::new(account(0)), Arc::new(account(1)));
    for (idx, source, target, amount) in [(0, a.clone(), b.clone(), 30), (1, b, a, 20)] {
        world.spawn("clerk", idx, move |w| async move {
            match variant {
                "unlocked" => pay(&w, &source, &target, amount, hold).await,
                _ => transfer(&w, variant, &source, &target, amount, hold).await,
            }
        });
    }
}

async fn pay<W: World>(
    w: &W,
    source: &Account<W>,
    target: &Account<W>,
    amount: u32,
    hold: Duration,
) {
    let left = source.balance.load(w).await; //: load-source
    w.sleep(hold).await; //: count
    source.balance.store(w, left - amount).await; //: store-source
    let there = target.balance.load(w).await; //: load-target
    target.balance.store(w, there + amount).await; //: store-target
}

async fn transfer<W: World>(
    w: &W,
    variant: &str,
    source: &Account<W>,
    target: &Account<W>,
    amount: u32,
    hold: Duration,
) {
    let (mut first, mut second) = (source, target);
    if variant == "ordered" && first.number > second.number {
        // Both clerks begin with the same account, so none holds what the other waits for.
        (first, second) = (second, first);
    }
    let one = first.lock.acquire(w).await; //: take-first
    w.sleep(hold).await; //: hold
    let two = second.lock.acquire(w).await; //: take-second
    pay(w, source, target, amount, hold).await;
    two.release().await; //: give-second
    one.release().await; //: give-first
}
