//! What locks and queues are made of, word by word, in the order in which one teaches it.
//!
//! Each lesson has the right algorithm first, and then what nearly is. A loop that waits for a word to
//! change reads the words that it depends on, writes nothing, and ends with `relax`. On threads every
//! variant comes to an end: who could wait for ever sleeps, so that a deadlock is found.

super::found!(inside);
