//! Queues: Python's rules as a table, random runs against plain accounts, and threads.

use engine::block;
use engine::queue::{Fifo, Lifo, Priority};
use engine::real::Plain;

/// Runs a future outside of any run: nothing is ever stopped.
fn now<T>(future: impl Future<Output = T>) -> T {
    block(future).expect("nothing is stopped")
}

#[test]
fn each_order_gives_in_its_order() {
    let w = Plain::solo();
    for capacity in [None, Some(3), Some(100_000)] {
        let fifo = Fifo::new(&w, "fifo", 0, capacity);
        let lifo = Lifo::new(&w, "lifo", 0, capacity);
        let priority = Priority::new(&w, "priority", 0, capacity);
        for (rank, item) in [(2, 1), (1, 2), (2, 3)] {
            now(fifo.put(&w, item)).unwrap();
            now(lifo.put(&w, item)).unwrap();
            now(priority.put(&w, (rank, item))).unwrap();
        }
        assert_eq!([1, 2, 3], [(); 3].map(|()| now(fifo.get(&w)).unwrap()));
        assert_eq!([3, 2, 1], [(); 3].map(|()| now(lifo.get(&w)).unwrap()));
        assert_eq!([(1, 2), (2, 1), (2, 3)], [(); 3].map(|()| now(priority.get(&w)).unwrap()));
    }
}
