"""Two exclude each other with plain loads and stores: a flag each, and whose turn it is."""
import threading
import time

VARIANT = "peterson"  # peterson, swapped, late
ROUNDS = 1  # additions by each

# CPython does what it is told in that order. A processor may not, unless it is asked to.
flags = [False, False]  # who wants to go in
turn = 0  # who may, if both want to
x = 0


def enter(me):
    global turn
    other = 1 - me
    if VARIANT == "swapped":
        turn = other  #: give-turn-first
        flags[me] = True  #: raise-second
        let_pass(other)
    elif VARIANT == "late":
        turn = other  #: give-turn-early
        let_pass(other)
        flags[me] = True  #: raise-late
    else:
        flags[me] = True  #: raise
        # Whoever does this last has been overruled by nobody, and waits.
        turn = other  #: give-turn
        let_pass(other)


def let_pass(other):
    while must_wait(other):
        time.sleep(0)


def must_wait(other):
    return (
        flags[other]  #: look-at-flag
        and turn == other  #: look-at-turn
    )


def add_one():
    global x
    seen = x  #: load
    x = seen + 1  #: store


def leave(me):
    flags[me] = False  #: lower


def work(me):
    for _ in range(ROUNDS):
        enter(me)
        add_one()
        leave(me)


threads = [threading.Thread(target=work, args=(me,)) for me in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"x = {x}")
