"""Everybody adds one to x, but an addition is two steps: it can get lost."""
import threading

VARIANT = "plain"  # plain, late, whole
ACTORS = 2  # threads that add
ROUNDS = 1  # additions by each

x = 0
lock = threading.Lock()


def plain():
    global x
    # Whoever stores now overwrites what the others stored since this load.
    # CPython seldom switches threads just here. Nothing promises that.
    seen = x  #: load
    x = seen + 1  #: store


def late():
    global x
    seen = x  #: load-before
    lock.acquire()  #: take-late
    x = seen + 1  #: store-late
    lock.release()  #: give-late


def whole():
    global x
    lock.acquire()  #: take
    seen = x  #: load-locked
    x = seen + 1  #: store-locked
    lock.release()  #: give


def add():
    for _ in range(ROUNDS):
        {"plain": plain, "late": late, "whole": whole}[VARIANT]()


threads = [threading.Thread(target=add) for _ in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"x = {x}")
