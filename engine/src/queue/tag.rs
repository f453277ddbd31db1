//! What an item is called in the log.

use std::rc::Rc;
use std::sync::Arc;

/// A number by which the log and the page know an item. Where nothing is recorded, nobody asks.
///
/// ```
/// use engine::queue::Tag;
///
/// struct Page { number: u32, text: String }
///
/// impl Tag for Page {
///     fn tag(&self) -> u32 {
///         self.number
///     }
/// }
/// # let page = Page { number: 4, text: String::new() };
/// # assert_eq!((page.tag(), page.text.len()), (4, 0));
/// ```
pub trait Tag {
    /// The number.
    fn tag(&self) -> u32;
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Tag for $number {
            /// The number itself, cut to 32 bits.
            #[inline]
            fn tag(&self) -> u32 {
                *self as u32
            }
        })*
    };
}

numbers!(bool, char, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl Tag for () {
    fn tag(&self) -> u32 {
        0
    }
}

impl Tag for &'static str {
    /// Texts have no numbers.
    fn tag(&self) -> u32 {
        0
    }
}

impl<T: Tag> Tag for Option<T> {
    /// Nothing is often put into a queue to say that this was all: the largest number.
    fn tag(&self) -> u32 {
        self.as_ref().map_or(u32::MAX, Tag::tag)
    }
}

impl<P, T: Tag> Tag for (P, T) {
    /// That of the item, without its priority.
    #[inline]
    fn tag(&self) -> u32 {
        self.1.tag()
    }
}

macro_rules! pointers {
    ($($pointer:ident),*) => {
        $(impl<T: Tag + ?Sized> Tag for $pointer<T> {
            #[inline]
            fn tag(&self) -> u32 {
                (**self).tag()
            }
        })*
    };
}

pointers!(Box, Rc, Arc);
