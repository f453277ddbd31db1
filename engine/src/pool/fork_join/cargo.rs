//! A value of any type in a place of one size: small ones lie in it, large ones in a box.
//!
//! A half that is offered to thieves is one, and so is what it gives. So neither has to be allocated,
//! and a thief need not know its type.

use std::mem::{ManuallyDrop, MaybeUninit};

/// As much as lies in it without a box: a closure with a few numbers and pointers.
type Room = MaybeUninit<[u64; 4]>;

/// A value of any type.
pub(super) struct Cargo {
    room: Room,
    /// Drops what is in the room.
    drop: unsafe fn(*mut Room),
}

// SAFETY: only values that may move between threads are loaded.
unsafe impl Send for Cargo {}

/// Whether a value of this type lies in the room itself.
const fn fits<T>() -> bool {
    size_of::<T>() <= size_of::<Room>() && align_of::<T>() <= align_of::<Room>()
}

/// Drops a value of this type, once.
///
/// # Safety
/// It was loaded and not unloaded.
unsafe fn drop_loaded<T>(room: *mut Room) {
    if fits::<T>() {
        // SAFETY: by the caller; it fits, so it lies here.
        unsafe { room.cast::<T>().drop_in_place() }
    } else {
        // SAFETY: by the caller; it does not fit, so its box lies here.
        unsafe { room.cast::<Box<T>>().drop_in_place() }
    }
}

impl Cargo {
    #[inline]
    pub fn load<T: Send + 'static>(value: T) -> Self {
        let mut room = Room::uninit();
        if fits::<T>() {
            // SAFETY: it fits, and the room is nobody else's.
            unsafe { room.as_mut_ptr().cast::<T>().write(value) }
        } else {
            // SAFETY: a box fits.
            unsafe { room.as_mut_ptr().cast::<Box<T>>().write(Box::new(value)) }
        }
        Self { room, drop: drop_loaded::<T> }
    }

    /// Takes the value out.
    ///
    /// # Safety
    /// It was loaded with a `T`.
    #[inline]
    pub unsafe fn unload<T>(self) -> T {
        let this = ManuallyDrop::new(self);
        if fits::<T>() {
            // SAFETY: by the caller; it fits, so it lies here, and it is not dropped too.
            unsafe { this.room.as_ptr().cast::<T>().read() }
        } else {
            // SAFETY: by the caller; it does not fit, so its box lies here, and it is not dropped too.
            unsafe { *this.room.as_ptr().cast::<Box<T>>().read() }
        }
    }
}

impl Drop for Cargo {
    fn drop(&mut self) {
        // SAFETY: whoever unloads it does not drop it.
        unsafe { (self.drop)(&mut self.room) }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_is_loaded_comes_out_or_is_dropped_once() {
        #[repr(align(64))]
        struct Wide(Arc<()>);

        let counted = Arc::new(());
        let one = || counted.clone();
        let all =
            [Cargo::load(one()), Cargo::load([(); 9].map(|()| one())), Cargo::load(Wide(one()))];
        assert_eq!(Arc::strong_count(&counted), 12);
        let [small, large, wide] = all;
        // SAFETY: these are the types they were loaded with.
        let (small, wide) = unsafe { (small.unload::<Arc<()>>(), wide.unload::<Wide>()) };
        assert!(Arc::ptr_eq(&small, &wide.0));
        drop((small, large, wide));
        assert_eq!(Arc::strong_count(&counted), 1);
        assert!(fits::<[Rc<()>; 4]>() && !fits::<[u8; 33]>() && !fits::<u128>());
        // SAFETY: as above.
        unsafe { Cargo::load(()).unload::<()>() };
    }
}
