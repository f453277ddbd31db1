"""The life of a thread: new, started, finished; and what one may not do with it."""
import threading
import time

PAUSE = 100  # ms that the worker works


def work():
    time.sleep(PAUSE / 1000)  #: work


def attempt(what, step):
    try:
        step()
        print(f"{what}: fine")
    except RuntimeError:
        print(f"{what}: RuntimeError")


def join_myself():
    attempt("join oneself", threading.current_thread().join)  #: join-self


worker = threading.Thread(target=work)
print(f"new: alive {worker.is_alive()}")  #: look-new
attempt("join before start", worker.join)  #: join-early

worker.start()  #: start
print(f"started: alive {worker.is_alive()}")  #: look-started
worker.join(PAUSE / 2 / 1000)  #: join-timeout
alive = worker.is_alive()  #: look-timeout
print(f"after a timeout: alive {alive}")  #: print-timeout
worker.join()  #: join
print(f"joined: alive {worker.is_alive()}")  #: look-joined

attempt("join twice", worker.join)  #: join-twice
attempt("start twice", worker.start)  #: start-twice

loner = threading.Thread(target=join_myself)
loner.start()  #: start-loner
loner.join()  #: join-loner

# It waits for something that never happens. A daemon does not keep the program from ending.
daemon = threading.Thread(target=threading.Event().wait, daemon=True)  #: wait-for-ever
daemon.start()  #: start-daemon
print(f"daemon: alive {daemon.is_alive()}")  #: look-daemon
