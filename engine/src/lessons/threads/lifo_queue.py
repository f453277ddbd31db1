"""A stack of plates: the one that was put down last is taken first."""
import queue
import threading

ITEMS = 3  # plates

stack = queue.LifoQueue()


def wash():
    for _ in range(ITEMS):
        plate = stack.get()  #: get
        print(f"plate {plate}")  #: print


for plate in range(ITEMS):
    stack.put(plate)  #: put

washer = threading.Thread(target=wash)
washer.start()  #: start
washer.join()  #: join
