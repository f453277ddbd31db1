"""Readers share, writers are alone. Who goes first when both are waiting?"""
import itertools
import threading
import time

VARIANT = "readers-first"  # readers-first, writers-first, fair
READERS = 3  # they come by turns with the writers: R W R W R
WRITERS = 2  # threads that write
PAUSE = 40  # ms from one arrival to the next
HOLD = 100  # ms that each stays inside

changed = threading.Condition()
waiting = []  # in order of arrival, as "R0", "W0", …
inside = []
came = []
went_in = []


def may_enter(me):
    if any(me[0] == "W" or other[0] == "W" for other in inside):
        return False  # a writer is alone
    if VARIANT == "fair":
        return waiting[0] == me
    favoured = "R" if VARIANT == "readers-first" else "W"
    return me[0] == favoured or not any(other[0] == favoured for other in waiting)


def enter(me):
    changed.acquire()
    came.append(me)
    waiting.append(me)
    changed.wait_for(lambda: may_enter(me))
    waiting.remove(me)
    inside.append(me)
    went_in.append(me)
    changed.notify_all()
    changed.release()


def leave(me):
    changed.acquire()
    inside.remove(me)
    changed.notify_all()
    changed.release()


def reader(me, delay):
    time.sleep(delay / 1000)  #: reader-arrives
    enter(me)  #: enter-reader
    time.sleep(HOLD / 1000)  #: read
    leave(me)  #: leave-reader


def writer(me, delay):
    time.sleep(delay / 1000)  #: writer-arrives
    enter(me)  #: enter-writer
    time.sleep(HOLD / 1000)  #: write
    leave(me)  #: leave-writer


def overtaken(kind):  # how often one of these saw a later one of the others go first
    pairs = itertools.combinations(came, 2)
    return sum(a[0] == kind != b[0] and went_in.index(b) < went_in.index(a) for a, b in pairs)


visits = [(reader, f"R{i}", 2 * i * PAUSE) for i in range(READERS)]
visits += [(writer, f"W{i}", (2 * i + 1) * PAUSE) for i in range(WRITERS)]
threads = [threading.Thread(target=visit, args=args) for visit, *args in visits]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print("order " + "".join(name[0] for name in went_in))
print(f"writers overtaken {overtaken('W')}")  # without end, this is starvation of writers
print(f"readers overtaken {overtaken('R')}")  # and this of readers
