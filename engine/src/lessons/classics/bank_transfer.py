"""Two clerks transfer money between the same two accounts, in opposite directions."""
import threading
import time

VARIANT = "unlocked"  # unlocked, naive, ordered
HOLD = 50  # ms that a clerk dawdles at the worst moment
PATIENCE = 500  # ms until we call it a deadlock


class Account:
    def __init__(self, number):
        self.number = number
        self.balance = 100
        self.lock = threading.Lock()


def move(source, target, amount):
    left = source.balance  #: load-source
    time.sleep(HOLD / 1000)  #: count
    source.balance = left - amount  #: store-source
    there = target.balance  #: load-target
    target.balance = there + amount  #: store-target


def transfer(source, target, amount):
    first, second = source, target
    if VARIANT == "ordered":
        # Both clerks begin with the same account, so none holds what the other waits for.
        first, second = sorted((source, target), key=lambda account: account.number)
    first.lock.acquire()  #: take-first
    time.sleep(HOLD / 1000)  #: hold
    second.lock.acquire()  #: take-second
    move(source, target, amount)
    second.lock.release()  #: give-second
    first.lock.release()  #: give-first


a, b = Account(0), Account(1)
work = move if VARIANT == "unlocked" else transfer
clerks = [
    threading.Thread(target=work, args=(a, b, 30), daemon=True),
    threading.Thread(target=work, args=(b, a, 20), daemon=True),
]
for clerk in clerks:
    clerk.start()
for clerk in clerks:
    clerk.join(PATIENCE / 1000)

if any(clerk.is_alive() for clerk in clerks):
    print("deadlock")
else:
    print(f"total {a.balance + b.balance}")
