"""One word says whether the lock is taken; whoever finds it taken looks again."""
import threading
import time

VARIANT = "one-step"  # one-step, two-steps
ACTORS = 2  # threads that add
ROUNDS = 1  # additions by each

FREE, TAKEN = 0, 1


class Word:
    """A number in memory. A processor does each of these in one step."""

    def __init__(self, value):
        self.value = value
        self.bus = threading.Lock()

    def store(self, new):
        with self.bus:
            self.value = new

    def exchange(self, expected, new):
        with self.bus:
            is_as_expected = self.value == expected
            if is_as_expected:
                self.value = new
            return is_as_expected


lock = Word(FREE)
x = 0


def take():
    while not lock.exchange(FREE, TAKEN):  #: take
        time.sleep(0)


def look_and_take():
    while lock.value == TAKEN:  #: look
        time.sleep(0)
    # Who looks now finds it free as well.
    lock.store(TAKEN)  #: take-late


def add_one():
    global x
    seen = x  #: load
    x = seen + 1  #: store


def give():
    lock.store(FREE)  #: give


def work():
    for _ in range(ROUNDS):
        {"one-step": take, "two-steps": look_and_take}[VARIANT]()
        add_one()
        give()


threads = [threading.Thread(target=work) for _ in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"x = {x}")
