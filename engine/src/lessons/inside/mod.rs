//! What locks and queues are made of, word by word, in the order in which one teaches it.

mod atom;

super::lessons![
    peterson,
    dekker,
    bakery,
    spinlock,
    ticket_lock,
    mcs_lock,
    futex_mutex,
    seqlock,
    treiber_stack,
    ms_queue
];
