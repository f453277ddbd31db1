"""Everybody draws a ticket and waits until its number is called: a lock that is fair."""
import threading
import time

VARIANT = "one-step"  # one-step, two-steps
ACTORS = 2  # threads that add
ROUNDS = 1  # additions by each


class Word:
    """A number in memory. A processor does each of these in one step."""

    def __init__(self, value):
        self.value = value
        self.bus = threading.Lock()

    def store(self, new):
        with self.bus:
            self.value = new

    def fetch_add(self, n):
        with self.bus:
            seen = self.value
            self.value = seen + n
            return seen


next_ticket = Word(0)  # the number on the next ticket
called = Word(0)  # the number that is called
x = 0


def draw():
    return next_ticket.fetch_add(1)  #: draw


def read_and_count():
    ticket = next_ticket.value  #: read
    next_ticket.store(ticket + 1)  #: count-on
    return ticket


def wait_for(ticket):
    while called.value < ticket:  #: wait
        time.sleep(0)


def add_one():
    global x
    seen = x  #: load
    x = seen + 1  #: store


def call_next():
    called.fetch_add(1)  #: call


def work():
    for _ in range(ROUNDS):
        ticket = {"one-step": draw, "two-steps": read_and_count}[VARIANT]()
        wait_for(ticket)
        add_one()
        call_next()


threads = [threading.Thread(target=work) for _ in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"x = {x}")
