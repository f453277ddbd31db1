"""Two threads eat a row of sweets, one from each end, until they meet."""
import collections
import threading

ITEMS = 2  # sweets that are put at each end

row = collections.deque()
from_left = []
from_right = []


def eat(side, mine):
    while True:
        try:
            if side == "left":
                sweet = row.popleft()  #: take-left
            else:
                sweet = row.pop()  #: take-right
        except IndexError:  # nothing is left
            return
        mine.append(sweet)


for number in range(1, ITEMS + 1):
    row.append(number)  #: append
    row.appendleft(-number)  #: append-left
print("row", *row)  #: print-row

# No lock: append and pop at either end of a deque are single steps in CPython.
eaters = [
    threading.Thread(target=eat, args=("left", from_left)),
    threading.Thread(target=eat, args=("right", from_right)),
]
for eater in eaters:
    eater.start()  #: start
for eater in eaters:
    eater.join()  #: join

print("left", *from_left)  #: print-left
print("right", *from_right)  #: print-right
