"""A request needs three slow calls: one after another, or all at once through a pool."""
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

VARIANT = "sequence"  # sequence, pool
REQUESTS = 1  # requests that come at the same time
CALLS = 3  # slow calls for each request
WORKERS = 3  # threads in the pool that all requests share
PAUSE = 50  # ms that the first call takes; the second takes twice as long, and so on

moves = []  # +1 when a call begins, −1 when it ends
pool = ThreadPoolExecutor(WORKERS)


def call(number):
    moves.append(+1)
    time.sleep((number + 1) * PAUSE / 1000)  #: call
    moves.append(-1)
    return number


def handle():
    if VARIANT == "sequence":
        answers = [call(number) for number in range(CALLS)]
    else:
        futures = [pool.submit(call, number) for number in range(CALLS)]  #: submit
        answers = [future.result() for future in futures]  #: result
    print("answers", *answers)  #: answer


requests = [threading.Thread(target=handle) for _ in range(REQUESTS)]
for request in requests:
    request.start()  #: start
for request in requests:
    request.join()  #: join
pool.shutdown()  #: shutdown

# In sequence a request takes the sum of its calls; through a pool with room for all, the longest.
print(f"at most {max(itertools.accumulate(moves))} at once")
