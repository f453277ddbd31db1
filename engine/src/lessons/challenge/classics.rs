//! The challenges of the classics.

use super::super::param::text;
use super::Challenge;

pub(super) static CHALLENGES: &[Challenge] = &[
    Challenge {
        lesson: "sleeping-barber",
        start: "variant=nap&customers=1&chairs=1&time=free",
        mend: "variant",
        to_break: [
            text("A bell is heard only by one who sleeps already.", "铃声只有已经睡着的人听得见。"),
            text(
                "Let the barber see that nobody is there, and the customer come before he dozes off.",
                "让理发师看到没有人，在他睡着之前让顾客到来。",
            ),
        ],
        to_mend: text("Looking and falling asleep must be one step.", "查看和入睡必须是同一步。"),
    },
    Challenge {
        lesson: "bank-transfer",
        start: "variant=unlocked&time=free",
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
    },
    Challenge {
        lesson: "abba-deadlock",
        start: "variant=abba&time=free",
        mend: "variant",
        to_break: [
            text("Each must hold what the other waits for.", "要让每一个都拿着对方在等的锁。"),
            text("Let both take their first lock.", "让两个线程都拿到自己的第一把锁。"),
        ],
        to_mend: text(
            "No circle can close if all climb the same ladder; and to try again for ever is no end.",
            "大家按同一个次序来，就连不成圈；而永远重试也不算结束。",
        ),
    },
    Challenge {
        lesson: "double-checked",
        start: "variant=single&time=free",
        mend: "variant",
        to_break: [
            text("Whoever has looked will not look again.", "看过的人不会再看第二次。"),
            text(
                "Let both see that there is no box before either has the lock.",
                "在有人拿到锁之前，让两个人都看到还没有盒子。",
            ),
        ],
        to_mend: text(
            "Look again once the lock is yours, and show nothing that is not ready.",
            "拿到锁之后再看一次；没准备好的东西不要公布。",
        ),
    },
];
