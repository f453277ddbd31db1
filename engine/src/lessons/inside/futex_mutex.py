"""A lock whose waiters sleep: free, held, or held and somebody may sleep."""
import threading

VARIANT = "futex"  # futex, two-steps, forgetful
ACTORS = 3  # threads that add
ROUNDS = 1  # additions by each
PATIENCE = 500  # ms until we call it a deadlock

FREE, HELD, AWAITED = 0, 1, 2


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


state = Word(FREE)
x = 0


def acquire():
    is_mine = state.exchange(FREE, HELD)  #: try
    if not is_mine:
        {"futex": mark, "two-steps": look_and_mark, "forgetful": mark_and_forget}[VARIANT]()


def mark():
    # Whoever takes the lock here leaves the mark on it: others may sleep still.
    while state.swap(AWAITED) != FREE:  #: mark
        state.wait(AWAITED)  #: sleep


def look_and_mark():
    while not state.exchange(FREE, AWAITED):  #: look
        # By now it may be free, and nobody left who would wake anybody.
        state.store(AWAITED)  #: mark-late
        state.wait(AWAITED)  #: sleep-late


def mark_and_forget():
    # Without the mark: it was taken away by whoever woke this one.
    while not state.exchange(FREE, HELD):  #: take
        state.exchange(HELD, AWAITED)  #: mark-held
        state.wait(AWAITED)  #: sleep-marked


def add_one():
    global x
    seen = x  #: load
    x = seen + 1  #: store


def release():
    seen = state.swap(FREE)  #: release
    if seen == AWAITED:
        state.wake()  #: wake


def work():
    for _ in range(ROUNDS):
        acquire()
        add_one()
        release()


threads = [threading.Thread(target=work, daemon=True) for _ in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(PATIENCE / 1000)

if any(thread.is_alive() for thread in threads):
    print("deadlock")
else:
    print(f"x = {x}")
