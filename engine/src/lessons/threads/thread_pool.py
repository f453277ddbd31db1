"""A thread pool runs functions; a future is the promise of what one of them will return."""
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed

VARIANT = "submit"  # submit, map, completed, errors, list
WORKERS = 3  # threads in the pool
TASKS = 3  # functions to run; the last one is the quickest
PAUSE = 100  # ms that the quickest one takes


def task(number):
    time.sleep((TASKS - number) * PAUSE / 1000)  #: work
    return number


def kind(thing):
    return type(thing).__name__


def submit(pool):
    futures = [pool.submit(task, number) for number in range(TASKS)]  #: submit
    for future in futures:
        print(future.result())  #: result


def in_order(pool):
    results = pool.map(task, range(TASKS))  #: map
    for number in results:  #: next
        print(number)  #: print-map


def completed(pool):
    futures = [pool.submit(task, number) for number in range(TASKS)]  #: submit-completed
    for future in as_completed(futures):  #: next-completed
        print(future.result())  #: print-completed


def nap():
    time.sleep(4 * PAUSE / 1000)  #: nap


def errors(pool):
    broken = pool.submit(int, "five")  #: submit-broken
    raised = broken.exception()  #: exception
    print(kind(raised))  #: print-exception

    slow = [pool.submit(nap) for _ in range(WORKERS)]  #: submit-slow
    try:
        slow[0].result(timeout=PAUSE / 1000)  #: result-timeout
    except TimeoutError:  # only we gave up: the task itself goes on
        print("TimeoutError")  #: print-timeout
    cancelled = slow[0].cancel()  #: cancel-running
    print("running: cancelled", cancelled)  #: print-running

    waiting = pool.submit(task, 0)  #: submit-waiting
    cancelled = waiting.cancel()  #: cancel-waiting
    print("waiting: cancelled", cancelled)  #: print-waiting
    try:
        waiting.result()  #: result-cancelled
    except CancelledError:
        print("CancelledError")  #: print-cancelled


def list_or_items(pool):
    things = list(range(TASKS))
    whole = pool.submit(kind, things)  #: submit-list
    print(whole.result())  #: print-list
    kinds = pool.map(kind, things)  #: map-list
    items = list(kinds)  #: next-item
    print(*items)  #: print-items


lessons = {
    "submit": submit,
    "map": in_order,
    "completed": completed,
    "errors": errors,
    "list": list_or_items,
}
with ThreadPoolExecutor(WORKERS) as pool:  #: shutdown
    lessons[VARIANT](pool)

# The end of the "with" shut the pool down: it waited for the tasks, and takes no new ones.
try:
    pool.submit(task, 0)  #: submit-late
except RuntimeError:
    print("RuntimeError")  #: print-late
