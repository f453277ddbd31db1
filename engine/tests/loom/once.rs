//! What is done once.

use engine::sync::Once;

use super::*;

type Task = (Once<Loom>, Plain);

fn task(w: &Loom) -> Task {
    (Once::new(w, "once", 0), Plain::new())
}

fn do_once(w: &Loom, (once, number): &Task) {
    let job = async || {
        number.increment();
        Ok::<(), ()>(())
    };
    assert_eq!(now(once.call(w, job)), Ok(()));
    assert_eq!(number.get(), 1, "done once, and seen by whoever did not do it");
}

fn fail_once(w: &Loom, (once, number): &Task) {
    let in_vain = async || {
        number.increment();
        // As if it had not been.
        number.0.with_mut(|number| {
            // SAFETY: loom checks that no other access is concurrent.
            unsafe { *number -= 1 }
        });
        Err(())
    };
    let _ = now(once.call(w, in_vain));
}

fn look_if_done(w: &Loom, (once, number): &Task) {
    if now(once.is_done(w)) {
        assert_eq!(number.get(), 1, "whoever is told so sees it");
    }
    let timeout = Duration::from_secs(1);
    if now(once.call_timeout(w, timeout, async || Err("not this one"))) == Ok(true) {
        assert_eq!(number.get(), 1);
    }
}

fn done(w: &Loom, (once, number): &Task) {
    assert!(now(once.is_done(w)));
    assert_eq!(number.get(), 1);
}

#[test]
fn a_once_is_done_once_and_orders_those_who_wait() {
    explore(task, [do_once, do_once], done);
    explore(task, [do_once, do_once, do_once], done);
}

#[test]
fn a_once_that_failed_is_done_by_the_next() {
    explore(task, [fail_once, do_once], done);
    explore(task, [fail_once, do_once, do_once], done);
}

fn fail_and_do_once(w: &Loom, task: &Task) {
    fail_once(w, task);
    do_once(w, task);
}

#[test]
fn who_fails_and_is_there_again_leaves_nobody_asleep() {
    explore(task, [fail_and_do_once, do_once, do_once], done);
}

#[test]
fn who_asks_for_a_once_sees_what_was_done() {
    explore(task, [do_once, look_if_done], done);
    explore(task, [fail_once, do_once, look_if_done], done);
}
