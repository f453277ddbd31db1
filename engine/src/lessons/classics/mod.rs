//! Problems that everybody meets, in the order in which one teaches them.

super::lessons![sleeping_barber, bank_transfer, abba_deadlock, double_checked];
