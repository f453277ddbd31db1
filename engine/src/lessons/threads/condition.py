"""Hungry people wait for bread. One loaf comes, and some of them are woken."""
import threading
import time

VARIANT = "while"  # while, if, early
WAITERS = 3  # people; the last one is late
NOTIFY = 1  # how many the baker wakes
PAUSE = 50  # ms from one event to the next
PATIENCE = 400  # ms until a waiter gives up

bread = threading.Condition()
loaves = 0
eaten = []
gave_up = []


def has_bread():
    return loaves > 0  #: look


def wait_for_bread():
    if VARIANT == "while":
        # Looks first, and again after each wake-up, as a while loop around wait() would.
        return bread.wait_for(has_bread, PATIENCE / 1000)  #: wait-for
    if VARIANT == "early" or not has_bread():
        # Believes whoever wakes it; by then the late one may have had the loaf.
        return bread.wait(PATIENCE / 1000)  #: wait
    return True


def waiter(me):
    global loaves
    if VARIANT == "early":
        time.sleep(PAUSE / 1000)  #: oversleep
    elif me == WAITERS - 1:
        time.sleep(2 * PAUSE / 1000)  #: be-late
    bread.acquire()  #: take
    if wait_for_bread():
        seen = loaves  #: load
        loaves = seen - 1  #: store
        eaten.append(me)
    else:
        gave_up.append(me)
    bread.release()  #: give


def baker():
    global loaves
    if VARIANT != "early":
        time.sleep(PAUSE / 1000)  #: let-them-wait
    bread.acquire()  #: bake
    if VARIANT != "early":
        time.sleep(2 * PAUSE / 1000)  #: baking
    seen = loaves  #: load-baker
    loaves = seen + 1  #: store-baker
    if NOTIFY < WAITERS:
        bread.notify(NOTIFY)  #: notify
    else:
        bread.notify_all()  #: notify-all
    bread.release()  #: open


threads = [threading.Thread(target=waiter, args=(me,)) for me in range(WAITERS)]
threads.append(threading.Thread(target=baker))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"ate {len(eaten)}")
print(f"gave up {len(gave_up)}")
print(f"loaves {loaves}")  # fewer than none: somebody ate a loaf that was not there
