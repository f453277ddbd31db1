//! The lowest priority number first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::keep::Shelf;
use super::store::End;
use super::tag::Tag;
use crate::world::Order;

/// Items with their priorities. The one with the lowest number is taken first; among equals, the one
/// that went in first, which Python leaves open.
pub struct Heap<P, T> {
    items: BinaryHeap<Ranked<P, T>>,
    /// The number of the next item.
    ticket: u64,
}

struct Ranked<P, T> {
    priority: P,
    ticket: u64,
    item: T,
}

impl<P: Ord, T> Ord for Ranked<P, T> {
    /// Backwards: the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_priority = other.priority.cmp(&self.priority);
        by_priority.then_with(|| other.ticket.cmp(&self.ticket))
    }
}

impl<P: Ord, T> PartialOrd for Ranked<P, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P: Ord, T> PartialEq for Ranked<P, T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<P: Ord, T> Eq for Ranked<P, T> {}

impl<P: Ord, T> Default for Heap<P, T> {
    fn default() -> Self {
        Self { items: BinaryHeap::new(), ticket: 0 }
    }
}

impl<P: Ord + Send + 'static, T: Tag + Send + 'static> Shelf for Heap<P, T> {
    type Item = (P, T);
    const ORDER: Order = Order::Priority;

    #[inline]
    fn behind(&self, (priority, _): &(P, T), _: End) -> usize {
        self.items.iter().filter(|other| other.priority > *priority).count()
    }

    fn put(&mut self, (priority, item): (P, T), _: End) {
        self.items.push(Ranked { priority, ticket: self.ticket, item });
        self.ticket += 1;
    }

    fn take(&mut self, _: End) -> Option<(P, T)> {
        self.items.pop().map(|Ranked { priority, item, .. }| (priority, item))
    }

    fn len(&self) -> usize {
        self.items.len()
    }
}
