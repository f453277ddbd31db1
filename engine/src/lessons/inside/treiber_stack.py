"""A stack without a lock: look at the top, and change it if it is still the same."""
import threading

VARIANT = "tagged"  # tagged, aba
ACTORS = 2  # threads that take nodes and put them back
NODES = 3
ROUNDS = 1  # by each

NONE = 0  # no node; the others are counted from 1
TAG = 100  # the top is a node and a tag times this


class Word:
    """A number in memory. A processor does each of these in one step."""

    def __init__(self, value):
        self.value = value
        self.bus = threading.Lock()

    def store(self, new):
        with self.bus:
            self.value = new

    def fetch_add(self, n):
        with self.bus:
            seen = self.value
            self.value = seen + n
            return seen

    def exchange(self, expected, new):
        with self.bus:
            is_as_expected = self.value == expected
            if is_as_expected:
                self.value = new
            return is_as_expected


top = Word(1)
# What is behind each node.
next_of = {node: Word(NONE if node == NODES else node + 1) for node in range(1, NODES + 1)}
through = Word(0)  # how many threads are


def take_two_and_put_them_back():
    first = pop()
    second = pop()
    for node in (first, second):
        if node != NONE:
            push(node)


def pop():
    while True:
        seen = top.value  #: look
        node = seen % TAG
        if node == NONE:
            return NONE
        following = next_of[node].value  #: look-behind
        # If the top is not the same any more, what was behind it may not be either.
        if replace(seen, following):
            return node


def push(node):
    while True:
        seen = top.value  #: look-to-push
        next_of[node].store(seen % TAG)  #: link
        if replace(seen, node):
            return


def replace(seen, node):
    tag = seen // TAG + 1 if VARIANT == "tagged" else 0
    return top.exchange(seen, tag * TAG + node)  #: replace


def count():
    """How many nodes are on the stack; one more than there are, if they form a circle."""
    n = 0
    seen = top.value  #: count-from-top
    node = seen % TAG
    while node != NONE and n <= NODES:
        node = next_of[node].value  #: count
        n += 1
    return n


def work():
    for _ in range(ROUNDS):
        take_two_and_put_them_back()
    n_before = through.fetch_add(1)  #: be-through
    if n_before + 1 == ACTORS:
        print(f"nodes {count()}")  #: print


threads = [threading.Thread(target=work) for _ in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
