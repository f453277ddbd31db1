//! What may come out of the lessons: for each variant, and for some other settings, every outcome
//! that there is. An outcome is what is printed, line by line, joined by `|`.
//!
//! They hold where time is virtual: it moves only when nobody is ready, so a longer sleep ends after
//! a shorter one. On a machine that is very slow a sleep may lose its race.

/// A scenario without its schedule, and its outcomes.
pub type Allowed = (&'static str, &'static [&'static str]);

/// The dining philosophers' lists are too many to be listed: they have a judge of their own.
pub const ALLOWED: &[Allowed] = &[
    ("lost-update", &["x = 1", "x = 2"]),
    ("lost-update?actors=3", &["x = 1", "x = 2", "x = 3"]),
    // Never 1: whoever stores that has seen 0, and adds once more.
    ("lost-update?rounds=2", &["x = 2", "x = 3", "x = 4"]),
    ("dirty-read", &["10|10|10|10|10|10|10|10|10|10"]),
    ("dirty-read?actors=1", &["1"]),
    (
        "lock?variant=each",
        &[
            "x = 6|turns = 2",
            "x = 6|turns = 3",
            "x = 6|turns = 4",
            "x = 6|turns = 5",
            "x = 6|turns = 6",
        ],
    ),
    ("lock?variant=whole", &["x = 6|turns = 2"]),
    ("lock?variant=whole&actors=5&rounds=20", &["x = 100|turns = 5"]),
    ("rlock?variant=rlock", &["depth 3|depth 3"]),
    ("rlock?variant=lock", &["deadlock"]),
    ("rlock?variant=lock&depth=1", &["depth 1|depth 1"]),
    ("rlock?variant=stranger", &["depth 3|RuntimeError", "RuntimeError|depth 3"]),
    ("condition?variant=while", &["ate 1|gave up 2|loaves 0"]),
    ("condition?variant=while&notify=3", &["ate 1|gave up 2|loaves 0"]),
    ("condition?variant=if", &["ate 1|gave up 2|loaves 0", "ate 2|gave up 1|loaves -1"]),
    ("condition?variant=if&notify=2", &["ate 2|gave up 1|loaves -1", "ate 3|gave up 0|loaves -2"]),
    ("condition?variant=early", &["ate 0|gave up 3|loaves 1"]),
    ("condition?variant=early&notify=3", &["ate 0|gave up 3|loaves 1"]),
    ("producer-consumer?variant=one", &["received 16|in order"]),
    ("producer-consumer?variant=one&capacity=1&consumers=3", &["received 16|in order"]),
    ("producer-consumer?variant=two", &["received 16|in order"]),
    ("producer-consumer?variant=two&capacity=1&consumers=3", &["received 16|in order"]),
    ("producer-consumer?variant=hang", &["received 16|in order"]),
    ("producer-consumer?variant=hang&capacity=1", &["received 16|in order", "deadlock"]),
    (
        "event",
        &["passed|passed|passed|passed|passed|passed|passed|passed|passed|passed|turned round"],
    ),
    ("event?actors=2&late=0", &["passed|passed"]),
    ("event?actors=1&pause=200&patience=100", &["turned round|turned round"]),
    ("event?actors=1&late=0&pause=100&patience=100", &["passed", "turned round"]),
    ("timer?variant=run", &["ring|done"]),
    ("timer?variant=cancel", &["done"]),
    ("timer?variant=cancel&after=150", &["ring|done"]),
    ("timer?variant=cancel&after=100", &["ring|done", "done"]),
    ("semaphore?variant=plain", &["visits 20|at most 5 inside"]),
    ("semaphore?variant=plain&extra=1", &["visits 20|at most 6 inside"]),
    ("semaphore?variant=plain&actors=3", &["visits 3|at most 3 inside"]),
    ("semaphore?variant=bounded", &["visits 20|at most 5 inside"]),
    ("semaphore?variant=bounded&extra=1", &["ValueError|visits 20|at most 5 inside"]),
    ("barrier?variant=pass", &["open|passed|passed|passed|whole"]),
    ("barrier?variant=timeout", &["BrokenBarrierError|BrokenBarrierError|broken"]),
    ("barrier?variant=abort", &["BrokenBarrierError|BrokenBarrierError|broken"]),
    ("barrier?variant=reset", &["BrokenBarrierError|BrokenBarrierError|whole"]),
    (
        "readers-writer?variant=readers-first",
        &["order RRRWW|writers overtaken 3|readers overtaken 0"],
    ),
    (
        "readers-writer?variant=writers-first",
        &["order RWWRR|writers overtaken 0|readers overtaken 1"],
    ),
    ("readers-writer?variant=fair", &["order RWRWR|writers overtaken 0|readers overtaken 0"]),
    (
        "thread-life",
        &["new: alive False|join before start: RuntimeError|started: alive True|\
           after a timeout: alive True|joined: alive False|join twice: fine|\
           start twice: RuntimeError|join oneself: RuntimeError|daemon: alive True"],
    ),
    ("queue?variant=timeouts", &["size 5, full True|Full|Full|size 0, empty True|Empty|Empty"]),
    ("queue?variant=join", &["item 0|item 1|item 2|all done|ValueError"]),
    ("queue?variant=join&capacity=1", &["item 0|item 1|item 2|all done|ValueError"]),
    ("queue?variant=shutdown", &["item 0|item 1|item 2|get: ShutDown|put: ShutDown"]),
    ("queue?variant=shutdown&capacity=1", &["item 0|item 1|item 2|get: ShutDown|put: ShutDown"]),
    ("priority-queue", &["sleep|life|work|drink"]),
    ("lifo-queue", &["plate 2|plate 1|plate 0"]),
    (
        "deque",
        &[
            "row -2 -1 1 2|left -2 -1 1 2|right",
            "row -2 -1 1 2|left -2 -1 1|right 2",
            "row -2 -1 1 2|left -2 -1|right 2 1",
            "row -2 -1 1 2|left -2|right 2 1 -1",
            "row -2 -1 1 2|left|right 2 1 -1 -2",
        ],
    ),
    ("worker-queue", &["finished 12|workers 5"]),
    ("worker-queue?workers=1&items=3", &["finished 3|workers 1"]),
    ("thread-pool?variant=submit", &["0|1|2|RuntimeError"]),
    ("thread-pool?variant=map", &["0|1|2|RuntimeError"]),
    ("thread-pool?variant=completed", &["2|1|0|RuntimeError"]),
    ("thread-pool?variant=completed&workers=1", &["0|1|2|RuntimeError"]),
    (
        "thread-pool?variant=errors",
        &["ValueError|TimeoutError|running: cancelled False|waiting: cancelled True|\
           CancelledError|RuntimeError"],
    ),
    ("thread-pool?variant=list", &["list|int int int|RuntimeError"]),
    ("future-deadlock?variant=pair", &["deadlock"]),
    ("future-deadlock?variant=pair&spare=2", &["deadlock"]),
    ("future-deadlock?variant=child", &["deadlock"]),
    ("future-deadlock?variant=child&spare=1", &["child"]),
    ("web-server?variant=sequence", &["answers 0 1 2|at most 1 at once"]),
    ("web-server?variant=sequence&requests=2", &["answers 0 1 2|answers 0 1 2|at most 2 at once"]),
    ("web-server?variant=pool", &["answers 0 1 2|at most 3 at once"]),
    (
        "web-server?variant=pool&workers=2&requests=2",
        &["answers 0 1 2|answers 0 1 2|at most 2 at once"],
    ),
    ("peterson?variant=peterson", &["x = 2"]),
    ("peterson?variant=peterson&rounds=3", &["x = 6"]),
    ("peterson?variant=swapped", &["x = 1", "x = 2"]),
    ("peterson?variant=late", &["x = 1", "x = 2"]),
    ("dekker?variant=dekker", &["x = 2"]),
    ("dekker?variant=dekker&rounds=3", &["x = 6"]),
    ("dekker?variant=stubborn", &["x = 2", "deadlock"]),
    ("dekker?variant=look-first", &["x = 1", "x = 2"]),
    ("bakery?variant=bakery", &["x = 2"]),
    ("bakery?variant=bakery&actors=4&rounds=2", &["x = 8"]),
    ("bakery?variant=silent", &["x = 1", "x = 2"]),
    ("bakery?variant=silent&actors=3", &["x = 1", "x = 2", "x = 3"]),
    ("sleeping-barber?variant=queue", &["served 2|turned away 2", "served 3|turned away 1"]),
    (
        "sleeping-barber?variant=queue&pause=0",
        &["served 2|turned away 2", "served 3|turned away 1", "served 4|turned away 0"],
    ),
    (
        "sleeping-barber?variant=nap",
        &["served 2|turned away 2", "served 3|turned away 1", "deadlock"],
    ),
    ("abba-deadlock?variant=abba", &["deadlock"]),
    ("abba-deadlock?variant=abba&hold=0", &["both|both", "deadlock"]),
    ("abba-deadlock?variant=ordered", &["both|both"]),
    ("abba-deadlock?variant=timeout", &["both|both"]),
    (
        "bank-transfer?variant=unlocked",
        &["total 170", "total 180", "total 200", "total 220", "total 230"],
    ),
    ("bank-transfer?variant=naive", &["deadlock"]),
    ("bank-transfer?variant=naive&hold=0", &["deadlock", "total 200"]),
    ("bank-transfer?variant=ordered", &["total 200"]),
    ("double-checked?variant=double", &["value 42|value 42|made 1"]),
    ("double-checked?variant=single", &["value 42|value 42|made 2"]),
    (
        "double-checked?variant=single&pause=0",
        &["value 42|value 42|made 1", "value 42|value 42|made 2"],
    ),
    ("double-checked?variant=early", &["value 0|value 42|made 1", "value 42|value 42|made 1"]),
];

/// Those whose Python listing needs version 3.13 or later.
pub const NEEDS_PYTHON_3_13: &[&str] =
    &["queue?variant=shutdown", "queue?variant=shutdown&capacity=1"];
