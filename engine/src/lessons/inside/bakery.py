"""Everybody takes a number, as in a bakery; the lowest is served first."""
import threading
import time

VARIANT = "bakery"  # bakery, silent
ACTORS = 2  # threads that add
ROUNDS = 1  # additions by each

NONE = 0  # the number of those who want nothing
choosing = [False] * ACTORS  # who is about to take a number
numbers = [NONE] * ACTORS
x = 0


def enter(me):
    if VARIANT == "silent":
        mine = choose(me)
    else:
        choosing[me] = True  #: begin-to-choose
        mine = choose(me)
        choosing[me] = False  #: end-to-choose
    for other in range(ACTORS):
        if other == me:
            continue
        if VARIANT == "bakery":
            let_choose(other)
        while comes_before(other, (mine, me)):
            time.sleep(0)


def choose(me):
    highest = NONE
    for other in range(ACTORS):
        number = numbers[other]  #: ask
        highest = max(highest, number)
    mine = highest + 1
    numbers[me] = mine  #: take-number
    return mine


def let_choose(other):
    while choosing[other]:  #: let-choose
        time.sleep(0)


def comes_before(other, mine):
    number = numbers[other]  #: compare
    return number != NONE and (number, other) < mine


def add_one():
    global x
    seen = x  #: load
    x = seen + 1  #: store


def leave(me):
    numbers[me] = NONE  #: leave


def work(me):
    for _ in range(ROUNDS):
        enter(me)
        add_one()
        leave(me)


threads = [threading.Thread(target=work, args=(me,)) for me in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"x = {x}")
