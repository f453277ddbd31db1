"""Walkers meet at a barrier: all of them go on, or none does and everyone is told."""
import threading
import time

VARIANT = "pass"  # pass, timeout, abort, reset
PARTIES = 3  # how many must meet
PAUSE = 50  # ms until abort or reset
PATIENCE = 200  # ms that a walker waits for the others


def gate():  # run once, by the last to arrive, before anybody goes on
    print("open")  #: open


barrier = threading.Barrier(PARTIES, action=gate)


def walk():
    try:
        barrier.wait(PATIENCE / 1000)  #: wait
        print("passed")  #: pass
    except threading.BrokenBarrierError:
        print("BrokenBarrierError")  #: broken


# One walker stays at home, except when all shall pass.
coming = PARTIES if VARIANT == "pass" else PARTIES - 1
walkers = [threading.Thread(target=walk) for _ in range(coming)]
for walker in walkers:
    walker.start()  #: start

if VARIANT in ("abort", "reset"):
    time.sleep(PAUSE / 1000)  #: sleep
if VARIANT == "abort":
    barrier.abort()  #: abort
if VARIANT == "reset":
    barrier.reset()  #: reset

for walker in walkers:
    walker.join()  #: join
# Broken it stays, until a reset: that sends the waiting away, too, but leaves it whole.
print("broken" if barrier.broken else "whole")  #: state
