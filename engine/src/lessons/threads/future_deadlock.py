"""Tasks in a pool wait for other tasks. Each worker that waits is one that does not work."""
import threading
from concurrent.futures import ThreadPoolExecutor

VARIANT = "pair"  # pair, child, handed
SPARE = 0  # workers more than the two of "pair", or the one of the others
PATIENCE = 500  # ms until we call it a deadlock

both_submitted = threading.Event()


def ask(other):
    both_submitted.wait()  #: wait-submitted
    # The timeout is only there to end this program. Without it, both would wait for ever.
    return futures[other].result(PATIENCE / 1000)  #: result-other


def child():
    return "child"


def parent():
    future = pool.submit(child)  #: submit-child
    return future.result(PATIENCE / 1000)  #: result-child


def hand_over():
    # Does not wait: it has done its work when its child is submitted.
    return pool.submit(child)  #: submit-handed


needed = 2 if VARIANT == "pair" else 1
with ThreadPoolExecutor(needed + SPARE) as pool:  #: shutdown
    if VARIANT == "pair":
        futures = []
        for other in (1, 0):
            futures.append(pool.submit(ask, other))  #: submit
        both_submitted.set()  #: set-submitted
    elif VARIANT == "handed":
        handing = pool.submit(hand_over)  #: submit-handing
        futures = [handing.result()]  #: result-handing
    else:
        futures = [pool.submit(parent)]  #: submit-parent
    try:
        print(futures[0].result())  #: result
    except TimeoutError:
        print("deadlock")
