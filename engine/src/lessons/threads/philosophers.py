"""K philosophers at a round table, and K forks: each needs both neighbouring forks to eat."""
import json
import random
import threading
import time

SOLUTION = "naive"  # naive, ordered, odd-even, waiter, both-or-none, try-lock, chandy-misra
PHILOSOPHERS = 5  # K, and as many forks
MEALS = 3  # how often each eats
THINK = 10  # ms
EAT = 10  # ms
BACKOFF = 10  # ms at most, before the next try in "try-lock"
REACH = 5  # ms between the first fork and the second
PATIENCE = 500  # ms without any action until we call it a deadlock

# The list of all actions, as [philosopher, fork, action].
LEFT, RIGHT = 1, 2
PICK_UP, PUT_DOWN = 1, 2
EATING = [0, 3]
actions = []


def fork(me, side):  # the fork to my right has my number
    return (me + 1) % PHILOSOPHERS if side == LEFT else me


class Forks:
    """Naive: left, then right. If everybody holds the left one, nobody gets the right one."""

    def __init__(self):
        self.locks = [threading.Lock() for _ in range(PHILOSOPHERS)]

    def sides(self, me):
        return LEFT, RIGHT

    def pick_up(self, me):
        first, second = self.sides(me)
        self.locks[fork(me, first)].acquire()  #: take-first
        actions.append([me, first, PICK_UP])
        time.sleep(REACH / 1000)  #: reach
        self.locks[fork(me, second)].acquire()  #: take-second
        actions.append([me, second, PICK_UP])

    def put_down(self, me):
        for side in self.sides(me):
            actions.append([me, side, PUT_DOWN])
            self.locks[fork(me, side)].release()  #: put-down


class Ordered(Forks):
    """Lower fork first: nobody who holds a higher one waits for a lower one."""

    def sides(self, me):
        return sorted((LEFT, RIGHT), key=lambda side: fork(me, side))


class OddEven(Forks):
    """Odd seats begin on the left, even ones on the right: no circle of waiting closes."""

    def sides(self, me):
        return (LEFT, RIGHT) if me % 2 else (RIGHT, LEFT)


class Waiter(Forks):
    """Somebody always stays away from the table, so somebody there gets both forks."""

    def __init__(self):
        super().__init__()
        self.seats = threading.Semaphore(PHILOSOPHERS - 1)

    def pick_up(self, me):
        self.seats.acquire()  #: sit-down
        super().pick_up(me)

    def put_down(self, me):
        super().put_down(me)
        self.seats.release()  #: stand-up


class TryLock(Forks):
    """Who cannot have the second fork puts the first one back, and waits a random while."""

    def pick_up(self, me):
        left, right = self.locks[fork(me, LEFT)], self.locks[fork(me, RIGHT)]
        while True:
            left.acquire()  #: take-left
            actions.append([me, LEFT, PICK_UP])
            time.sleep(REACH / 1000)  #: try-reach
            if right.acquire(blocking=False):  #: try-right
                actions.append([me, RIGHT, PICK_UP])
                return
            actions.append([me, LEFT, PUT_DOWN])
            left.release()  #: put-back
            # Without it they could all do the same again, in step, for ever.
            time.sleep(random.uniform(0, BACKOFF) / 1000)  #: back-off


class BothOrNone:
    """A monitor knows who is hungry and who eats, and lets one eat when neither neighbour does."""

    def __init__(self):
        self.monitor = threading.Lock()
        self.phases = ["thinking"] * PHILOSOPHERS
        # Where each waits until a neighbour lets it eat.
        self.turns = [threading.Semaphore(0) for _ in range(PHILOSOPHERS)]

    def phase(self, who):
        return self.phases[who]  #: look-phase

    def set_phase(self, who, phase):
        self.phases[who] = phase  #: set-phase

    def neighbours(self, who):
        return (who - 1) % PHILOSOPHERS, (who + 1) % PHILOSOPHERS

    def let_eat(self, who):
        is_hungry = self.phase(who) == "hungry"
        if is_hungry and all(self.phase(other) != "eating" for other in self.neighbours(who)):
            self.set_phase(who, "eating")
            self.turns[who].release()  #: tell

    def pick_up(self, me):
        self.monitor.acquire()  #: enter-hungry
        self.set_phase(me, "hungry")
        self.let_eat(me)
        self.monitor.release()  #: leave-eating
        self.turns[me].acquire()  #: wait-both
        actions.extend([[me, LEFT, PICK_UP], [me, RIGHT, PICK_UP]])

    def put_down(self, me):
        self.monitor.acquire()  #: enter-full
        actions.extend([[me, LEFT, PUT_DOWN], [me, RIGHT, PUT_DOWN]])
        self.set_phase(me, "thinking")
        for other in self.neighbours(me):
            self.let_eat(other)
        self.monitor.release()  #: leave-thinking


class ChandyMisra:
    """A dirty fork goes to the neighbour who asks, and is clean then: who has eaten yields."""

    def __init__(self):
        self.manners = threading.Condition()
        # All dirty, each with the lower of its two neighbours: so no circle of precedence.
        self.owner = [max(0, i - 1) for i in range(PHILOSOPHERS)]
        self.dirty = [True] * PHILOSOPHERS
        self.hungry = set()
        self.eating = set()

    def has_both(self, me):  # after taking what others must give
        both = fork(me, LEFT), fork(me, RIGHT)
        for i in both:
            if self.owner[i] != me and self.dirty[i] and self.owner[i] not in self.eating:
                self.owner[i], self.dirty[i] = me, False
        return all(self.owner[i] == me for i in both)

    def pick_up(self, me):
        self.manners.acquire()  #: ask
        self.hungry.add(me)
        self.manners.wait_for(lambda: self.has_both(me))  #: wait-forks
        self.hungry.remove(me)
        self.eating.add(me)
        actions.extend([[me, LEFT, PICK_UP], [me, RIGHT, PICK_UP]])
        self.manners.release()  #: begin

    def put_down(self, me):
        self.manners.acquire()  #: finish
        self.eating.remove(me)
        self.dirty[fork(me, LEFT)] = self.dirty[fork(me, RIGHT)] = True
        actions.extend([[me, LEFT, PUT_DOWN], [me, RIGHT, PUT_DOWN]])
        for other in self.hungry:
            self.has_both(other)  # before I can be hungry again
        self.manners.notify_all()  #: hand-over
        self.manners.release()  #: end


table = {
    "naive": Forks,
    "ordered": Ordered,
    "odd-even": OddEven,
    "waiter": Waiter,
    "both-or-none": BothOrNone,
    "try-lock": TryLock,
    "chandy-misra": ChandyMisra,
}[SOLUTION]()


def dine(me):
    for _ in range(MEALS):
        time.sleep(THINK / 1000)  #: think
        table.pick_up(me)
        actions.append([me] + EATING)
        time.sleep(EAT / 1000)  #: eat
        table.put_down(me)


threads = [
    threading.Thread(target=dine, args=(me,), daemon=True) for me in range(PHILOSOPHERS)
]
for thread in threads:
    thread.start()

stuck = False
for thread in threads:
    while thread.is_alive() and not stuck:
        seen = len(actions)
        thread.join((PATIENCE + THINK + EAT) / 1000)
        stuck = thread.is_alive() and len(actions) == seen

print(json.dumps(actions))
if stuck:
    print("deadlock")
