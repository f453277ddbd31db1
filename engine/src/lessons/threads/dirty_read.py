"""Everybody adds one to x, sleeps, and prints x: not what it made, but what all made."""
import threading
import time

VARIANT = "sleep"  # sleep, locked, barrier
ACTORS = 10  # threads that add
PAUSE = 50  # ms between adding and printing

x = 0
lock = threading.Lock()
barrier = threading.Barrier(ACTORS)


def add_and_print():
    global x
    lock.acquire()  #: take
    seen = x  #: load
    x = seen + 1  #: store
    lock.release()  #: give

    # The lock kept the addition whole. It does not keep x as we left it.
    if VARIANT == "sleep":
        time.sleep(PAUSE / 1000)  #: sleep
        seen = x  #: look
    elif VARIANT == "locked":
        time.sleep(PAUSE / 1000)  #: sleep-first
        lock.acquire()  #: take-again
        seen = x  #: look-locked
        lock.release()  #: give-again
    else:
        barrier.wait()  #: meet
        seen = x  #: look-together
    print(seen)  #: print


threads = [threading.Thread(target=add_and_print) for _ in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
