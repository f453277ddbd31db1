"""Readers take no lock: they look at a version before and after, and read again if it has changed."""
import threading
import time

VARIANT = "seqlock"  # seqlock, unchecked, uncounted
READERS = 1
READS = 1  # by each reader
WRITES = 2

version = 0  # odd while somebody writes
a = 0
b = 0  # the same as a, if nobody is writing


def write(value):
    # There is one writer only; several would need a lock among themselves.
    global version, a, b
    if VARIANT != "uncounted":
        version = 2 * value - 1  #: begin
    a = value  #: write-a
    b = value  #: write-b
    version = 2 * value  #: end


def read():
    while True:
        before = version  #: look
        if before % 2 == 1:
            time.sleep(0)
            continue
        left = a  #: read-a
        right = b  #: read-b
        if VARIANT == "unchecked" or is_still(before):
            return left, right


def is_still(before):
    return version == before  #: look-again


def writer():
    for value in range(1, WRITES + 1):
        write(value)


def reader():
    for _ in range(READS):
        left, right = read()
        if left == right:
            print(f"read {left}")  #: whole
        else:
            print("torn")  #: torn


threads = [threading.Thread(target=writer)]
threads += [threading.Thread(target=reader) for _ in range(READERS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
