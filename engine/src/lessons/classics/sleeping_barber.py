"""A barber sleeps until a customer comes. Who finds no free chair goes away again."""
import queue
import threading
import time

VARIANT = "queue"  # queue, nap
CUSTOMERS = 4  # they all come at once
CHAIRS = 2  # where they wait
PAUSE = 50  # ms that a haircut takes, or that the barber needs to fall asleep
PATIENCE = 500  # ms until we call it a deadlock

chairs = queue.Queue(CHAIRS)
bell = threading.Event()  # only in "nap": wakes the barber
served = []
turned_away = []


def next_customer():
    if VARIANT == "nap" and chairs.empty():  #: look
        # A customer who rings just now rings for nobody: the barber is about to forget it.
        time.sleep(PAUSE / 1000)  #: yawn
        bell.clear()  #: forget
        bell.wait()  #: nap
    return chairs.get()  #: call


def barber():
    while True:
        haircut = next_customer()
        time.sleep(PAUSE / 1000)  #: cut
        haircut.set()  #: finish


def customer(me):
    haircut = threading.Event()
    try:
        chairs.put_nowait(haircut)  #: sit-down
    except queue.Full:
        turned_away.append(me)
        return
    bell.set()  #: ring
    haircut.wait()  #: wait
    served.append(me)


threading.Thread(target=barber, daemon=True).start()
customers = [
    threading.Thread(target=customer, args=(me,), daemon=True) for me in range(CUSTOMERS)
]
for thread in customers:
    thread.start()
for thread in customers:
    thread.join(PATIENCE / 1000)

if any(thread.is_alive() for thread in customers):
    print("deadlock")
else:
    print(f"served {len(served)}")
    print(f"turned away {len(turned_away)}")
