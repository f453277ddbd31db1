//! The challenges of the lessons on what is inside a lock.

use super::super::param::text;
use super::Challenge;

pub(super) static CHALLENGES: &[Challenge] = &[
    Challenge {
        lesson: "peterson",
        start: "variant=swapped&time=free",
        mend: "variant",
        to_break: [
            text(
                "Both must be between the load and the store of x at once.",
                "要让两个人同时处在 x 的“读”和“写”之间。",
            ),
            text(
                "Let one give the turn away and stop there, before its flag is up. The other one goes \
                 in; then the first one finds that the turn is its own.",
                "让一个先让位，在举旗之前停住。另一个进去；之后先前那个发现轮到的正是自己。",
            ),
        ],
        to_mend: text(
            "Nobody may look before both the flag and the turn are written; and the turn comes last.",
            "旗和轮次都写好之前谁也不能看，而且轮次要最后写。",
        ),
    },
    Challenge {
        lesson: "dekker",
        start: "variant=look-first&time=free",
        mend: "variant",
        to_break: [
            text("Nobody sees a flag that is not up yet.", "还没举起来的旗，谁也看不见。"),
            text(
                "Let both look before either raises its flag.",
                "在任何一面旗举起之前，让两个人都看完。",
            ),
        ],
        to_mend: text(
            "Raise the flag before looking; but when both have, one must give way.",
            "先举旗后看；但两面都举着时，得有一个让路。",
        ),
    },
    Challenge {
        lesson: "bakery",
        start: "variant=silent&time=free",
        mend: "variant",
        to_break: [
            text("Two may choose the same number.", "两个人可能选到同一个号。"),
            text(
                "Let adder 0 look at the numbers and wait before it writes its own. Adder 1 takes the \
                 same number and goes in; then adder 0 comes first by its name.",
                "让 0 号看完号码、写下自己的号之前停住。1 号取到同一个号并进去；\
                 之后 0 号按编号排在前面，也进去。",
            ),
        ],
        to_mend: text(
            "Others must be able to see that somebody is still choosing.",
            "得让别人看出来：有人还在取号。",
        ),
    },
    Challenge {
        lesson: "spinlock",
        start: "variant=two-steps&time=free",
        mend: "variant",
        to_break: [
            text("A lock that was free need not be free now.", "刚才空闲的锁，现在未必空闲。"),
            text(
                "Let both see the lock free before either takes it.",
                "在有人拿锁之前，让两个人都看到它空闲。",
            ),
        ],
        to_mend: text(
            "Between looking and taking there must be no room for another.",
            "“看”和“拿”之间不能给别人留空隙。",
        ),
    },
    Challenge {
        lesson: "ticket-lock",
        start: "variant=two-steps&time=free",
        mend: "variant",
        to_break: [
            text("Two tickets with one number call two.", "两张同号的票，一叫就来两个。"),
            text(
                "Let both read the number before either counts on.",
                "在有人加一之前，让两个人都读到同一个号。",
            ),
        ],
        to_mend: text(
            "To draw a number and to count on must be one step.",
            "取号和加一必须是同一步。",
        ),
    },
    Challenge {
        lesson: "mcs-lock",
        start: "variant=hasty&time=free",
        mend: "variant",
        to_break: [
            text("Joining the line takes two steps.", "入队要分两步。"),
            text(
                "Let one join the line but not link itself, and the one before it leave.",
                "让一个人入队、但还没连上，这时让它前面的人离开。",
            ),
        ],
        to_mend: text(
            "Whoever leaves knows by the end of the line that somebody is coming.",
            "离开的人看看队尾，就知道后面还有人要来。",
        ),
    },
    Challenge {
        lesson: "futex-mutex",
        start: "variant=two-steps&actors=3&time=free",
        mend: "variant",
        to_break: [
            text("A mark for those who sleep can come too late.", "“有人在睡”的标记可能来得太迟。"),
            text(
                "Let one see that the lock is held, and its owner leave before it is marked.",
                "让一个人看到锁被占着，在它写下标记之前让占有者离开。",
            ),
        ],
        to_mend: text(
            "Whoever marks must learn in the same step whether the lock was free; and whoever is \
             woken must not forget that others may sleep.",
            "写标记的那一步要同时得知锁是否空闲；被叫醒的人也不能忘了可能还有别人在睡。",
        ),
    },
    Challenge {
        lesson: "seqlock",
        start: "variant=unchecked&writes=1&time=free",
        mend: "variant",
        to_break: [
            text("The reader reads a and b, one after the other.", "读者先读 a，再读 b。"),
            text(
                "Let the writer write both between the reader's two reads.",
                "在读者的两次读之间，让写者把两个都写完。",
            ),
        ],
        to_mend: text(
            "The reader must be able to see that somebody wrote meanwhile, or is still writing.",
            "读者要能看出：这期间有人写过，或者还在写。",
        ),
    },
    Challenge {
        lesson: "treiber-stack",
        start: "variant=aba&nodes=2&time=free",
        mend: "variant",
        to_break: [
            text(
                "The same node on top does not mean the same stack.",
                "栈顶是同一个节点，不等于还是同一个栈。",
            ),
            text(
                "Stop one before it replaces the top. Let the other take both nodes and put back only \
                 the one that was on top.",
                "让一个停在替换栈顶之前。让另一个取走两个节点，只放回原来在栈顶的那个。",
            ),
        ],
        to_mend: text(
            "An old top must never look like the present one.",
            "旧的栈顶绝不能看上去和现在的一样。",
        ),
    },
    Challenge {
        lesson: "ms-queue",
        start: "variant=blind-put&time=free",
        mend: "variant",
        to_break: [
            text("Two can find the same last node.", "两个人可能找到同一个队尾。"),
            text(
                "Let both look at the tail before either links its node.",
                "在有人接上节点之前，让两个人都看到队尾。",
            ),
        ],
        to_mend: text(
            "Neither the link nor the head may be changed by one who has not seen it as it is.",
            "无论链接还是队首，都不能由没看到它现状的人来改。",
        ),
    },
];
