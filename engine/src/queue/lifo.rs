//! Last in, first out.

use super::keep::Shelf;
use super::store::End;
use super::tag::Tag;
use crate::world::Order;

/// What went in last is taken first.
pub struct Stack<T>(Vec<T>);

impl<T> Default for Stack<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Tag + Send + 'static> Shelf for Stack<T> {
    type Item = T;
    const ORDER: Order = Order::Lifo;
    const OUT: End = End::Back;

    fn put(&mut self, item: T, _: End) {
        self.0.push(item);
    }

    fn take(&mut self, _: End) -> Option<T> {
        self.0.pop()
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}
