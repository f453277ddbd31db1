"""A queue with five places blocks, refuses, keeps count of unfinished work, and shuts down."""
import queue
import threading

VARIANT = "timeouts"  # timeouts, join, shutdown (the last needs Python 3.13)
CAPACITY = 5  # places in the queue
ITEMS = 3  # items that are handed over in "join" and "shutdown"
PATIENCE = 50  # ms that a put or a get waits

items = queue.Queue(maxsize=CAPACITY)


def attempt(step, *args, **kwargs):
    try:
        step(*args, **kwargs)
        print("fine")
    except (queue.Full, queue.Empty) as error:
        print(type(error).__name__)


def timeouts():
    for number in range(CAPACITY):
        items.put(number)  #: fill
    print(f"size {items.qsize()}, full {items.full()}")  #: look-full
    attempt(items.put, "more", timeout=PATIENCE / 1000)  #: put-timeout
    attempt(items.put_nowait, "more")  #: put-nowait
    for _ in range(CAPACITY):
        items.get()  #: drain
    print(f"size {items.qsize()}, empty {items.empty()}")  #: look-empty
    attempt(items.get, timeout=PATIENCE / 1000)  #: get-timeout
    attempt(items.get_nowait)  #: get-nowait


def join():
    def work():
        for _ in range(ITEMS):
            print(f"item {items.get()}")  #: get
            items.task_done()  #: done

    threading.Thread(target=work).start()  #: start
    for number in range(ITEMS):
        items.put(number)  #: put
    items.join()  #: join
    print("all done")  #: print-done
    try:
        items.task_done()  #: done-extra
    except ValueError:
        print("ValueError")  #: refused


def shutdown():
    def work():
        try:
            while True:
                item = items.get()  #: get-until
                print(f"item {item}")  #: print-until
        except queue.ShutDown:  # only when the queue is empty, too
            print("get: ShutDown")  #: get-shutdown

    worker = threading.Thread(target=work)
    worker.start()  #: start-until
    for number in range(ITEMS):
        items.put(number)  #: put-until
    items.shutdown()  #: shutdown
    worker.join()  #: join-worker
    try:
        items.put("more")  #: put-late
    except queue.ShutDown:
        print("put: ShutDown")  #: put-shutdown


{"timeouts": timeouts, "join": join, "shutdown": shutdown}[VARIANT]()
