"""A queue without a lock: a list with a head and a tail, where the tail may lag behind."""
import threading

VARIANT = "ms"  # ms, blind-put, blind-take
ACTORS = 2  # threads that put and take
ROUNDS = 1  # items by each

# No node, and the number of the first one, which holds no item and is never behind another.
# Every other node holds its own number as its item.
NONE = 0


class Word:
    """A number in memory. A processor does each of these in one step."""

    def __init__(self, value):
        self.value = value
        self.bus = threading.Lock()

    def store(self, new):
        with self.bus:
            self.value = new

    def exchange(self, expected, new):
        with self.bus:
            is_as_expected = self.value == expected
            if is_as_expected:
                self.value = new
            return is_as_expected


head = Word(NONE)  # the node before the first item
tail = Word(NONE)  # the last node, or one before it
next_of = [Word(NONE) for _ in range(ACTORS * ROUNDS + 1)]  # what is behind each node


def put(node):
    while True:
        last = tail.value  #: look-at-tail
        behind = next_of[last].value  #: look-behind-tail
        if behind != NONE:
            # Somebody has linked a node and not moved the tail yet.
            tail.exchange(last, behind)  #: help
        elif link(last, node):
            # If this fails, somebody has helped.
            tail.exchange(last, node)  #: move-tail
            return


def link(last, node):
    if VARIANT == "blind-put":
        next_of[last].store(node)  #: link-blindly
        return True
    return next_of[last].exchange(NONE, node)  #: link


def take():
    while True:
        before = head.value  #: look-at-head
        last = tail.value  #: compare-tail
        first = next_of[before].value  #: look-behind-head
        if first == NONE:
            return NONE
        if before == last:
            # The head must not overtake the tail.
            tail.exchange(last, first)  #: help-to-take
        elif advance(before, first):
            return first


def advance(before, first):
    if VARIANT == "blind-take":
        head.store(first)  #: take-blindly
        return True
    return head.exchange(before, first)  #: take


def work(me):
    for number in range(ROUNDS):
        mine = me * ROUNDS + number + 1
        put(mine)
        taken = take()
        if taken == NONE:
            print("nothing")  #: print-nothing
        else:
            print(f"took {taken}")  #: print


threads = [threading.Thread(target=work, args=(me,)) for me in range(ACTORS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
