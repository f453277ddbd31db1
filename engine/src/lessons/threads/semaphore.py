"""Twenty visitors, and a room for five. What if somebody hands out a place too many?"""
import itertools
import threading
import time

VARIANT = "plain"  # plain, bounded
ACTORS = 20  # visitors
PLACES = 5  # in the room
EXTRA = 0  # releases too many, before anybody comes
PAUSE = 50  # ms that a visitor stays

Semaphore = {"plain": threading.Semaphore, "bounded": threading.BoundedSemaphore}[VARIANT]
places = Semaphore(PLACES)
moves = []  # +1 for each who came in, −1 for each who went


def visit():
    places.acquire()  #: enter
    moves.append(+1)
    time.sleep(PAUSE / 1000)  #: stay
    moves.append(-1)
    places.release()  #: leave


for _ in range(EXTRA):
    try:
        places.release()  #: release-extra
    except ValueError:  # a BoundedSemaphore never holds more than it began with
        print("ValueError")  #: refused

visitors = [threading.Thread(target=visit) for _ in range(ACTORS)]
for visitor in visitors:
    visitor.start()  #: start
for visitor in visitors:
    visitor.join()  #: join

print(f"visits {len(moves) // 2}")
print(f"at most {max(itertools.accumulate(moves))} inside")
