//! Problems that everybody meets, in the order in which one teaches them.

super::lessons![abba_deadlock, bank_transfer, double_checked];
