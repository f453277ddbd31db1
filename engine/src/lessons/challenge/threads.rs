//! The challenges of the lessons on threads.

use super::super::param::text;
use super::Challenge;

pub(super) static CHALLENGES: &[Challenge] = &[
    Challenge {
        lesson: "philosophers",
        start: "solution=naive&philosophers=3&meals=1&time=free",
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
    },
    Challenge {
        lesson: "lost-update",
        start: "variant=plain&time=free",
        mend: "variant",
        to_break: [
            text("Whoever stores last has the last word.", "最后写的人说了算。"),
            text("Let both load before either stores.", "让两个人都先读，然后再写。"),
        ],
        to_mend: text(
            "What is stored must not be older than what others have stored meanwhile.",
            "写下的值，不能比别人这期间写下的更旧。",
        ),
    },
    Challenge {
        lesson: "dirty-read",
        start: "actors=2&time=free",
        mend: "variant",
        to_break: [
            text("A sleep waits for nobody.", "睡眠并不是在等别人。"),
            text(
                "Let one go on to its print before the other has stored.",
                "在另一个写入之前，让这一个一路走到打印。",
            ),
        ],
        to_mend: text(
            "It is not enough that nobody adds just now: all must have added.",
            "光保证此刻没人在加还不够：必须所有人都加完。",
        ),
    },
    Challenge {
        lesson: "rlock",
        start: "variant=lock&depth=2&time=free",
        mend: "variant",
        to_break: [
            text("One actor is enough.", "一个线程就够了。"),
            text("Whoever has the lock will ask for it again.", "拿着锁的人还会再来要这把锁。"),
        ],
        to_mend: text("The lock would have to know who asks.", "锁得知道来要锁的是谁。"),
    },
    Challenge {
        lesson: "condition",
        start: "variant=if&waiters=2",
        mend: "variant",
        to_break: [
            text(
                "There is one loaf, and two who believe in it.",
                "面包只有一个，却有两个人以为有。",
            ),
            text(
                "The late one must get the lock before the one who was woken.",
                "让迟到的人先于被叫醒的人拿到锁。",
            ),
        ],
        to_mend: text(
            "Being woken says that there was bread, not that there is.",
            "被叫醒只说明刚才有面包，不说明现在还有。",
        ),
    },
    Challenge {
        lesson: "producer-consumer",
        start: "variant=hang&producers=2&consumers=2&capacity=1&items=1&time=free",
        mend: "variant",
        to_break: [
            text("A call that reaches the wrong one is lost.", "叫错了人，这一声就白叫了。"),
            text(
                "Let both consumers wait, then both producers come: the call of one consumer must \
                 reach the other consumer.",
                "先让两个消费者都等着，再让两个生产者来：要让一个消费者的通知落到另一个消费者身上。",
            ),
        ],
        to_mend: text(
            "Either everybody is called, or those who are called can all use the news.",
            "要么把所有人都叫醒，要么保证被叫醒的人都用得上这个消息。",
        ),
    },
    Challenge {
        lesson: "semaphore",
        start: "variant=plain&actors=2&places=1&extra=1&time=free",
        mend: "variant",
        to_break: [
            text("Somebody gives back what it never had.", "有人归还了它从没拿过的东西。"),
            text(
                "After the release too many, let both visitors in before one leaves.",
                "多余的那次释放之后，在有人离开之前，让两位访客都进去。",
            ),
        ],
        to_mend: text(
            "The semaphore would have to remember how many places there were.",
            "信号量得记住一开始有几个名额。",
        ),
    },
    Challenge {
        lesson: "readers-writer",
        start: "variant=readers-first&readers=2&writers=1&pause=50&hold=100",
        mend: "variant",
        to_break: [
            text("A writer comes between two readers.", "写者来在两个读者之间。"),
            text(
                "When the first reader is about to leave and the second has come, who goes first?",
                "第一个读者要走、第二个读者刚到的时候，该让谁先走？",
            ),
        ],
        to_mend: text(
            "A reader who comes later must wait behind the writer.",
            "后来的读者必须排在写者后面。",
        ),
    },
    Challenge {
        lesson: "future-deadlock",
        start: "variant=child&time=free",
        mend: "variant",
        to_break: [
            text("There is one worker only.", "线程池里只有一个线程。"),
            text(
                "The worker takes the task and submits the child. Who shall do that?",
                "线程接下任务，又提交了子任务。谁来做子任务呢？",
            ),
        ],
        to_mend: text("A worker that waits does not work.", "在等待的线程是不干活的。"),
    },
];
