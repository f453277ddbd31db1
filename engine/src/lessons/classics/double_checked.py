"""Whoever needs the box first makes it. Looking for it before locking saves the lock later."""
import threading
import time

VARIANT = "double"  # double, single, early
ACTORS = 2  # threads that need the box
PAUSE = 50  # ms that making one takes

lock = threading.Lock()
box = None
made = []


class Box:
    value = 0  # until it is filled


def make():
    global box
    made.append("box")
    new = Box()
    if VARIANT == "early":
        box = new  #: publish-early
    time.sleep(PAUSE / 1000)  #: make
    new.value = 42  #: fill
    # Last, when it is ready: who sees the box takes no lock, and may use it at once.
    box = new  #: publish


def need():
    if box is None:  #: look
        lock.acquire()  #: take
        # Somebody may have made it while we waited for the lock.
        if VARIANT == "single" or box is None:  #: look-again
            make()
        lock.release()  #: give
    found = box  #: find
    value = found.value  #: look-inside
    print(f"value {value}")  #: print


threads = [threading.Thread(target=need) for _ in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"made {len(made)}")
