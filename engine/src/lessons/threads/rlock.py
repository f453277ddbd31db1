"""A function that holds a lock calls itself, and takes the lock again."""
import threading

VARIANT = "rlock"  # rlock, lock, stranger
DEPTH = 3  # how many times one thread takes the lock
PATIENCE = 500  # ms until we call it a deadlock

# An RLock knows its owner, and how many times the owner has taken it.
# A Lock knows neither: it blocks even the thread that holds it.
lock = threading.Lock() if VARIANT == "lock" else threading.RLock()


def descend(level=1):
    lock.acquire()  #: take
    if level < DEPTH:
        descend(level + 1)
    else:
        print(f"depth {level}")  #: print
    lock.release()  #: give


def release_only():
    try:
        lock.release()  #: give-stranger
    except RuntimeError:  # only the owner may; a plain Lock would let anyone do it
        print("RuntimeError")  #: refused


second = release_only if VARIANT == "stranger" else descend
threads = [threading.Thread(target=work, daemon=True) for work in (descend, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(PATIENCE / 1000)

if any(thread.is_alive() for thread in threads):
    print("deadlock")
