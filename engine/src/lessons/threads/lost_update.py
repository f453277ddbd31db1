"""Everybody adds one to x, but an addition is two steps: it can get lost."""
import threading

ACTORS = 2  # threads that add
ROUNDS = 1  # additions by each

x = 0


def add():
    global x
    for _ in range(ROUNDS):
        # Whoever stores now overwrites what the others stored since this load.
        # CPython seldom switches threads just here. Nothing promises that.
        seen = x  #: load
        x = seen + 1  #: store


threads = [threading.Thread(target=add) for _ in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"x = {x}")
