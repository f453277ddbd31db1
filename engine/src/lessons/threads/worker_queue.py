"""Five workers take downloads from a queue; the main thread waits until none is unfinished."""
import queue
import threading
import time

WORKERS = 5  # threads that download
ITEMS = 12  # downloads
PAUSE = 20  # ms that a download takes

downloads = queue.Queue()
finished = []


def work():
    while True:
        page = downloads.get()  #: get
        time.sleep(PAUSE / 1000)  #: download
        finished.append(page)
        downloads.task_done()  #: done


workers = [threading.Thread(target=work, daemon=True) for _ in range(WORKERS)]
for worker in workers:
    worker.start()  #: start
for page in range(ITEMS):
    downloads.put(page)  #: put

downloads.join()  #: join
print(f"finished {len(finished)}")  #: print-finished

# They wait for more work and always will. Being daemons, they do not hold the program up.
alive = sum(worker.is_alive() for worker in workers)  #: look
print(f"workers {alive}")  #: print-workers
