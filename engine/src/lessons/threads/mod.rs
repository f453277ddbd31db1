//! Threads and what they share, in the order in which one teaches them.

super::found!(threads);
