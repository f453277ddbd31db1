"""A priority queue gives the lowest number first, and among equals who came first."""
import itertools
import queue
import threading

WISHES = [(1, "work"), (-1, "life"), (1, "drink"), (-2, "sleep")]

wishes = queue.PriorityQueue()
arrival = itertools.count()


def fulfil():
    for _ in WISHES:
        _, _, wish = wishes.get()  #: get
        print(wish)  #: print


for priority, wish in WISHES:
    # Tuples are compared item by item: without the number in the middle, equal priorities would
    # be decided by the alphabet, and "drink" would come before "work".
    wishes.put((priority, next(arrival), wish))  #: put

reader = threading.Thread(target=fulfil)
reader.start()  #: start
reader.join()  #: join
