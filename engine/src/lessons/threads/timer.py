"""A timer calls a function later, on a thread of its own, unless it is cancelled first."""
import threading
import time

VARIANT = "run"  # run, cancel
INTERVAL = 100  # ms until the bell rings
AFTER = 50  # ms until it is cancelled (only in "cancel")


def ring():
    print("ring")  #: ring


timer = threading.Timer(INTERVAL / 1000, ring)  #: interval
timer.start()  #: start

if VARIANT == "cancel":
    time.sleep(AFTER / 1000)  #: sleep
    timer.cancel()  #: cancel
    # No error if it has rung already: cancelling then just comes too late.

timer.join()  #: join
print("done")  #: print
