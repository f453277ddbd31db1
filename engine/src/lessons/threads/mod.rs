//! Threads and what they share, in the order in which one teaches them.

super::lessons![
    philosophers,
    lost_update,
    dirty_read,
    lock,
    rlock,
    condition,
    producer_consumer,
    semaphore,
    event,
    timer,
    barrier,
    readers_writer,
    thread_life,
    queue,
    priority_queue,
    lifo_queue,
    deque,
    worker_queue,
    thread_pool,
    future_deadlock,
    web_server
];
