"""A lock that is a line of those who wait, each at a word of its own."""
import threading
import time

VARIANT = "mcs"  # mcs, hasty
ACTORS = 2  # threads that add
ROUNDS = 1  # additions by each
PATIENCE = 500  # ms until we call it a deadlock

NOBODY = 0  # everybody else is its number, counted from 1
GO, WAIT = 0, 1


class Word:
    """A number in memory, with what a processor and its system do in one step."""

    def __init__(self, value):
        self.value = value
        self.changed = threading.Condition()

    def store(self, new):
        with self.changed:
            self.value = new

    def swap(self, new):
        with self.changed:
            seen, self.value = self.value, new
            return seen

    def exchange(self, expected, new):
        with self.changed:
            is_as_expected = self.value == expected
            if is_as_expected:
                self.value = new
            return is_as_expected

    def wait(self, expected):
        with self.changed:
            if self.value == expected:
                self.changed.wait()

    def wake(self):
        with self.changed:
            self.changed.notify()


tail = Word(NOBODY)  # who came last
next_of = [Word(NOBODY) for _ in range(ACTORS + 1)]  # who comes after each
signal = [Word(GO) for _ in range(ACTORS + 1)]  # whether each has to wait
x = 0


def enter(me):
    next_of[me].store(NOBODY)  #: no-next
    signal[me].store(WAIT)  #: be-ready
    before = tail.swap(me)  #: join
    if before != NOBODY:
        # Until this is done nobody knows whom to tell.
        next_of[before].store(me)  #: link
        while signal[me].value == WAIT:  #: look-signal
            signal[me].wait(WAIT)  #: wait


def add_one():
    global x
    seen = x  #: load
    x = seen + 1  #: store


def leave(me):
    after = next_of[me].value  #: look
    if after == NOBODY:
        was_last = tail.exchange(me, NOBODY)  #: close
        if was_last or VARIANT == "hasty":
            return
        after = await_link(me)
    signal[after].store(GO)  #: pass-on
    signal[after].wake()  #: wake


def await_link(me):
    while True:
        after = next_of[me].value  #: await-link
        if after != NOBODY:
            return after
        time.sleep(0)


def work(me):
    for _ in range(ROUNDS):
        enter(me)
        add_one()
        leave(me)


threads = [
    threading.Thread(target=work, args=(me,), daemon=True) for me in range(1, ACTORS + 1)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(PATIENCE / 1000)

if any(thread.is_alive() for thread in threads):
    print("deadlock")
else:
    print(f"x = {x}")
