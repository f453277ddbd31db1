"""The first right answer: two raise their flags, and whoever's turn it is not gives way."""
import threading
import time

VARIANT = "dekker"  # dekker, stubborn, look-first
ROUNDS = 1  # additions by each
PATIENCE = 500  # ms until we call it a deadlock

flags = [False, False]  # who wants to go in
turn = 0  # who need not give way
lowered = [threading.Event(), threading.Event()]  # only in "stubborn": wakes the other
x = 0


def enter(me):
    other = 1 - me
    flags[me] = True  #: raise
    while flags[other]:  #: look
        if turn == me:  #: look-at-turn
            # The other one is inside, or about to give way.
            time.sleep(0)
            continue
        flags[me] = False  #: give-way
        while turn != me:  #: stand-by
            time.sleep(0)
        flags[me] = True  #: raise-again


def insist(me):
    other = 1 - me
    lowered[me].clear()
    flags[me] = True  #: raise-and-insist
    while flags[other]:
        lowered[other].wait()  #: insist


def look_first(me):
    other = 1 - me
    while flags[other]:  #: look-first
        time.sleep(0)
    flags[me] = True  #: raise-late


def add_one():
    global x
    seen = x  #: load
    x = seen + 1  #: store


def leave(me):
    global turn
    other = 1 - me
    turn = other  #: give-turn
    flags[me] = False  #: lower
    lowered[me].set()  #: wake


def work(me):
    for _ in range(ROUNDS):
        {"dekker": enter, "stubborn": insist, "look-first": look_first}[VARIANT](me)
        add_one()
        leave(me)


threads = [threading.Thread(target=work, args=(me,), daemon=True) for me in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(PATIENCE / 1000)

if any(thread.is_alive() for thread in threads):
    print("deadlock")
else:
    print(f"x = {x}")
