//! The event under weak orderings.

use std::time::Duration;

use engine::sync::Event;

use super::{Loom, Plain, explore, now};

type Light = (Event<Loom>, Plain);

fn light(w: &Loom) -> Light {
    (Event::new(w, "light", 0), Plain::new())
}

fn write_and_set(w: &Loom, (light, number): &Light) {
    number.increment();
    now(light.set(w));
}

fn pass_and_read(w: &Loom, (light, number): &Light) {
    now(light.wait(w));
    assert_eq!(number.get(), 1, "what was done before it was set is seen after it");
}

fn pass_in_time_and_read(w: &Loom, (light, number): &Light) {
    if now(light.wait_timeout(w, Duration::from_secs(1))) || now(light.is_set(w)) {
        assert_eq!(number.get(), 1);
    }
}

fn set_clear_and_set(w: &Loom, (light, _): &Light) {
    now(light.set(w));
    now(light.clear(w));
    now(light.set(w));
}

fn set(w: &Loom, (light, _): &Light) {
    now(light.set(w));
}

fn pass(w: &Loom, (light, _): &Light) {
    now(light.wait(w));
}

#[test]
fn an_event_brings_what_was_written() {
    explore(light, [pass_and_read, write_and_set, pass_in_time_and_read], |w, (light, _)| {
        assert!(now(light.is_set(w)));
    });
}

#[test]
fn nobody_sleeps_on_after_an_event_was_set() {
    explore(light, [pass, set_clear_and_set, pass], |w, (light, _)| {
        assert!(now(light.is_set(w)));
    });
}

#[test]
fn an_event_that_is_set_stays_set_for_all() {
    explore(light, [pass, pass, set], |w, (light, _)| assert!(now(light.is_set(w))));
}
