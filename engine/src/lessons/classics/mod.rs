//! Problems that everybody meets, in the order in which one teaches them.

super::found!(classics);
