"""Producers put items into a buffer that has an end; consumers take them out."""
import collections
import threading

VARIANT = "one"  # one, two, hang
PRODUCERS = 2  # threads that put
CONSUMERS = 1  # threads that take
CAPACITY = 10  # places in the buffer
ITEMS = 8  # items from each producer
PATIENCE = 500  # ms until we call it a deadlock

lock = threading.Lock()
not_empty = threading.Condition(lock)
not_full = threading.Condition(lock) if VARIANT == "two" else not_empty
buffer = collections.deque()
received = []


def wake(condition):
    if VARIANT == "one":
        condition.notify_all()  #: notify-all
    else:
        # With two conditions, everybody who waits here can use the news. With one, the single
        # call may reach a producer when only a consumer could go on: variant "hang".
        condition.notify()  #: notify


def produce(me):
    for number in range(ITEMS):
        lock.acquire()  #: take-put
        while len(buffer) == CAPACITY:  #: look-full
            not_full.wait()  #: wait-full
        buffer.append((me, number))  #: put
        wake(not_empty)
        lock.release()  #: give-put


def consume(me):
    for _ in range(me, PRODUCERS * ITEMS, CONSUMERS):  # an even share of all items
        lock.acquire()  #: take-get
        while not buffer:  #: look-empty
            not_empty.wait()  #: wait-empty
        received.append(buffer.popleft())  #: get
        wake(not_full)
        lock.release()  #: give-get


work = [(consume, me) for me in range(CONSUMERS)] + [(produce, me) for me in range(PRODUCERS)]
threads = [threading.Thread(target=what, args=(me,), daemon=True) for what, me in work]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(PATIENCE / 1000)

if any(thread.is_alive() for thread in threads):
    print("deadlock")
else:
    print(f"received {len(received)}")
    # Sorted by producer only: within a producer the order stays as it came.
    by_producer = sorted(received, key=lambda item: item[0])
    print("in order" if by_producer == sorted(received) else "out of order")
