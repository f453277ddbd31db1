"""One thread takes lock a, then b; the other takes b, then a."""
import threading
import time

VARIANT = "abba"  # abba, ordered, timeout
HOLD = 50  # ms between the first lock and the second
PATIENCE = 500  # ms until we call it a deadlock

a = threading.Lock()
b = threading.Lock()


def work(first, second):
    first.acquire()  #: take-first
    time.sleep(HOLD / 1000)  #: hold
    second.acquire()  #: take-second
    print("both")  #: print
    second.release()  #: give-second
    first.release()  #: give-first


def work_or_back_off(first, second, patience):
    while True:
        first.acquire()  #: try-first
        time.sleep(HOLD / 1000)  #: try-hold
        if second.acquire(timeout=patience / 1000):  #: try-second
            break
        first.release()  #: give-up
        # Without a pause it could have its first lock back before the other one gets it.
        time.sleep(patience / 1000)  #: back-off
    print("both")  #: try-print
    second.release()  #: try-give-second
    first.release()  #: try-give-first


target, left, right = work, (a, b), (b, a)
if VARIANT == "ordered":
    right = (a, b)  # the same order for everybody: no circle of waiting can close
if VARIANT == "timeout":
    # With equal patience both could fail in step, again and again.
    target, left, right = work_or_back_off, (a, b, 2 * HOLD), (b, a, 4 * HOLD)

threads = [threading.Thread(target=target, args=args, daemon=True) for args in (left, right)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(PATIENCE / 1000)

if any(thread.is_alive() for thread in threads):
    print("deadlock")
