//! Items between two ends.

use std::collections::VecDeque;
use std::marker::PhantomData;

use super::keep::Shelf;
use super::store::End;
use super::tag::Tag;
use crate::world::Order;

/// Items between two ends. The rule `R` says from which end they are taken, unless somebody asks for
/// the other one.
pub struct Ends<T, R>(VecDeque<T>, PhantomData<R>);

/// A rule for [`Ends`].
pub trait Rule: Send + 'static {
    /// Which item comes out next.
    const ORDER: Order;
    /// Where that item lies.
    const OUT: End = End::Front;
}

/// What went in first is taken first.
pub struct FirstIn;

/// What went in last is taken first.
pub struct LastIn;

/// What lies at the end that is asked for is taken first.
pub struct Asked;

impl Rule for FirstIn {
    const ORDER: Order = Order::Fifo;
}

impl Rule for LastIn {
    const ORDER: Order = Order::Lifo;
    const OUT: End = End::Back;
}

impl Rule for Asked {
    const ORDER: Order = Order::Deque;
}

impl<T, R> Default for Ends<T, R> {
    fn default() -> Self {
        Self(VecDeque::new(), PhantomData)
    }
}

impl<T: Tag + Send + 'static, R: Rule> Shelf for Ends<T, R> {
    type Item = T;
    const ORDER: Order = R::ORDER;
    const OUT: End = R::OUT;

    #[inline]
    fn behind(&self, _: &T, end: End) -> usize {
        if end == R::OUT { usize::MAX } else { 0 }
    }

    fn put(&mut self, item: T, end: End) {
        match end {
            End::Front => self.0.push_front(item),
            End::Back => self.0.push_back(item),
        }
    }

    fn take(&mut self, end: End) -> Option<T> {
        match end {
            End::Front => self.0.pop_front(),
            End::Back => self.0.pop_back(),
        }
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}
