"""The lost update, cured by a lock: around each addition, or once around all of them."""
import threading

VARIANT = "each"  # each, whole
ACTORS = 2  # threads that add
ROUNDS = 3  # additions by each

x = 0
lock = threading.Lock()
order = []  # who added, one entry for each addition


def add_one(me):
    global x
    seen = x  #: load
    x = seen + 1  #: store
    order.append(me)


def each(me):
    for _ in range(ROUNDS):
        lock.acquire()  #: take
        add_one(me)
        lock.release()  #: give


def whole(me):
    lock.acquire()  #: take-once
    for _ in range(ROUNDS):
        add_one(me)
    lock.release()  #: give-once


work = {"each": each, "whole": whole}[VARIANT]
threads = [threading.Thread(target=work, args=(me,)) for me in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"x = {x}")
# A turn lasts until somebody else adds: taken once, the lock gives everybody one turn.
turns = sum(now != before for before, now in zip([None] + order, order))
print(f"turns = {turns}")
