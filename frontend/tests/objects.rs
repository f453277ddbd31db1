//! What draws any lesson: layouts, the wait-for graph, traces and words, in the browser.

use std::collections::HashSet;

use engine::lessons::{Kind, Lesson, Picture, Scenario, catalogue};
use engine::log::{Deadlock, Event, EventKind, Holdings, Label, Names};
use engine::model;
use engine::world::{Act, ActorId, ObjectId, ObjectKind, Order};
use frontend::layout::{Chip, Form, Graph, Layout, Node, Rect, Room, Wire};
use frontend::recording::{Recording, Tone};
use frontend::traces::{Belt, Traces};
use frontend::words::{self, Beside};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Every kind of object, some in several sizes.
fn kinds() -> Vec<ObjectKind> {
    let orders = [Order::Fifo, Order::Lifo, Order::Priority, Order::Deque];
    let queues = orders.into_iter().flat_map(|order| {
        [None, Some(1), Some(5), Some(40)].map(|capacity| ObjectKind::Queue { order, capacity })
    });
    let mut kinds = vec![
        ObjectKind::Lock,
        ObjectKind::RLock,
        ObjectKind::Cell { initial: 7 },
        ObjectKind::Resource,
        ObjectKind::Condition,
        ObjectKind::Event,
        ObjectKind::ReadersWriter,
        ObjectKind::Once,
        ObjectKind::Future,
        ObjectKind::Thread,
    ];
    kinds.extend([0, 1, 5, 30].map(|permits| ObjectKind::Semaphore { permits }));
    kinds.extend([1, 4, 20].map(|parties| ObjectKind::Barrier { parties }));
    kinds.extend([1, 4, 16].map(|workers| ObjectKind::Pool { workers }));
    kinds.extend(queues);
    kinds
}

const CROWDS: [usize; 6] = [1, 2, 6, 9, 20, 100];

fn is_inside(inner: Rect, outer: Rect) -> bool {
    let near = 1e-6;
    inner.x >= outer.x - near
        && inner.y >= outer.y - near
        && inner.x + inner.w <= outer.x + outer.w + near
        && inner.y + inner.h <= outer.y + outer.h + near
}

// --- panels ----------------------------------------------------------------------------------

#[wasm_bindgen_test]
fn however_many_come_to_an_object_they_stand_inside_its_panel() {
    for kind in kinds() {
        for n_actors in CROWDS {
            let chip = Chip::new(n_actors);
            let form = Form::new(kind, n_actors, chip, 6, false);
            let panel = Rect { x: 0.0, y: 0.0, w: form.w, h: form.h };
            let zones = [form.holders.map(|(zone, _)| zone), form.waiting, form.putters];
            for zone in zones.into_iter().flatten() {
                assert!(is_inside(zone.rect, panel), "{kind:?}, {n_actors}: {zone:?}");
                for n in 1..=n_actors {
                    for idx in 0..n {
                        let at = zone.place(idx, n);
                        let token = Rect { x: at.x, y: at.y, w: chip.w, h: chip.h };
                        assert!(is_inside(token, panel), "{kind:?}, {n_actors}: {idx} of {n}");
                    }
                }
            }
            let zones: Vec<Rect> = zones.into_iter().flatten().map(|zone| zone.rect).collect();
            for (idx, zone) in zones.iter().enumerate() {
                let mut others = zones[idx + 1..].iter().chain(form.belt.as_ref().map(|b| &b.rect));
                assert!(!others.any(|other| zone.overlaps(*other)), "{kind:?}, {n_actors}");
            }
        }
    }
}

#[wasm_bindgen_test]
fn items_stay_on_their_belt_in_their_order() {
    for kind in kinds() {
        let Some(belt) = Form::new(kind, 3, Chip::new(3), 6, false).belt else { continue };
        for n in 1..40 {
            let places: Vec<_> = (0..n).map(|idx| belt.place(idx, n)).collect();
            for at in &places {
                let item = Rect { x: at.x, y: at.y, w: belt.item_w, h: 1.7 };
                assert!(is_inside(item, belt.rect), "{kind:?}: {n} items");
            }
            let in_order = |a: f64, b: f64| a <= b + 1e-9;
            if belt.is_stack {
                assert!(places.is_sorted_by(|a, b| in_order(a.y, b.y)), "the next one is on top");
            } else {
                assert!(
                    places.is_sorted_by(|a, b| in_order(b.x, a.x)),
                    "the next one is rightmost"
                );
            }
        }
    }
}

// --- the whole picture -----------------------------------------------------------------------

#[wasm_bindgen_test]
fn cards_and_panels_never_overlap_and_fit_where_there_is_room() {
    let rooms = [(800.0, Some(440.0)), (1100.0, Some(700.0)), (362.0, None), (700.0, None)];
    for (w, h) in rooms {
        for n_actors in CROWDS {
            for n_panels in [0, 1, 3, 8] {
                let forms = kinds().into_iter().take(n_panels);
                let sizes: Vec<(f64, f64)> = forms
                    .map(|kind| Form::new(kind, n_actors, Chip::new(n_actors), 4, false))
                    .map(|form| (form.w, form.h))
                    .collect();
                let room = Room { w, h };
                let layout = Layout::new(n_actors, &sizes, room);
                let what = format!("{n_actors} actors, {n_panels} panels in {room:?}");
                let all: Vec<Rect> = layout.cards.iter().chain(&layout.panels).copied().collect();
                assert_eq!(all.len(), n_actors + n_panels, "{what}");
                let whole = Rect { x: 0.0, y: 0.0, w: layout.w, h: layout.h };
                for (idx, rect) in all.iter().enumerate() {
                    assert!(is_inside(*rect, whole), "{what}: {rect:?} in {whole:?}");
                    let mut others = all[idx + 1..].iter();
                    assert!(!others.any(|other| rect.overlaps(*other)), "{what}: {rect:?}");
                }
                let needed_w = layout.w * layout.letter;
                assert!(needed_w <= w + 1e-6, "{what}: {needed_w} wide");
                if let Some(h) = h.filter(|_| n_actors <= 20 && n_panels <= 3) {
                    assert!(layout.h * layout.letter <= h + 1e-6, "{what}: too high");
                }
                assert!(layout.letter > 8.0, "{what}: {} a letter", layout.letter);
            }
        }
    }
}

#[wasm_bindgen_test]
fn an_arrow_begins_and_ends_at_the_edges() {
    let (from, to) =
        (Rect { x: 0.0, y: 0.0, w: 4.0, h: 2.0 }, Rect { x: 9.0, y: 7.0, w: 4.0, h: 2.0 });
    for wire in [
        Wire::direct(from, to),
        Wire::facing(from, to, true, [0.4, 0.6]),
        Wire::facing(from, to, false, [0.4, 0.6]),
        Wire::facing(to, from, false, [0.4, 0.6]),
    ] {
        assert!(!wire.crosses(from) && !wire.crosses(to), "{wire:?}");
        assert!(!wire.path().contains("NaN"), "{wire:?}");
        let between = Rect { x: 4.5, y: 2.5, w: 4.0, h: 4.0 };
        assert!(wire.crosses(between), "{wire:?}");
    }
}

// --- the wait-for graph ----------------------------------------------------------------------

fn graph(holds: &[(u16, u16)], waits: &[(u16, u16)]) -> Graph {
    let mut holdings = Holdings::default();
    holds.iter().for_each(|(actor, object)| holdings.got(ObjectId(*object), ActorId(*actor)));
    let waits = waits.iter().map(|(actor, object)| (ActorId(*actor), ObjectId(*object)));
    Graph::new(&Deadlock::new(waits, &holdings), &holdings)
}

#[wasm_bindgen_test]
fn a_graph_has_everybody_once_and_marks_the_cycle() {
    let none = graph(&[(0, 0), (1, 1)], &[]);
    assert!(none.nodes.is_empty(), "who holds something that nobody wants is not in it");

    let line = graph(&[(0, 0)], &[(1, 0), (2, 0)]);
    assert_eq!((line.nodes.len(), line.edges.len()), (4, 3), "one object, three actors");
    assert!(line.edges.iter().all(|edge| !edge.in_cycle));

    for n in 1..12 {
        let hold: Vec<_> = (0..n).map(|idx| (idx, idx)).collect();
        let wait: Vec<_> = (0..n).map(|idx| (idx, (idx + 1) % n)).collect();
        let tail = [(n, 0), (n + 1, 0)];
        let ring = graph(&hold, &[&wait[..], &tail].concat());
        let in_cycle = ring.edges.iter().filter(|edge| edge.in_cycle).count();
        assert_eq!(in_cycle, 2 * usize::from(n), "each waits, and each holds");
        let nodes: HashSet<Node> = ring.nodes.iter().map(|(node, _)| *node).collect();
        assert_eq!(nodes.len(), ring.nodes.len(), "everybody once");
        assert_eq!(nodes.len(), 2 * usize::from(n) + 2);
        for (idx, (node, rect)) in ring.nodes.iter().enumerate() {
            let whole = Rect { x: 0.0, y: 0.0, w: ring.w, h: ring.h };
            assert!(is_inside(*rect, whole), "{n}: {node:?} at {rect:?}");
            let mut others = ring.nodes[idx + 1..].iter();
            assert!(!others.any(|(_, other)| rect.overlaps(*other)), "{n}: {node:?}");
        }
    }
}

// --- traces ----------------------------------------------------------------------------------

fn event(kind: EventKind, actor: u16, value: u32) -> Event {
    let (actor, object) = (ActorId(actor), ObjectId(0));
    Event { value, object, ..Event::new(0, actor, kind) }
}

fn queue(order: Order) -> Names {
    let label = Label { name: "queue", idx: 0 };
    let mut names = Names::default();
    names.objects.push((ObjectKind::Queue { order, capacity: None }, label));
    names
}

/// An item that is put in before all that come out after it: so many.
fn put(actor: u16, value: u32, behind: u16) -> Event {
    Event { place: behind, ..event(EventKind::Put, actor, value) }
}

fn serials(belt: &Belt) -> Vec<u32> {
    belt.items.iter().map(|item| item.serial).collect()
}

#[wasm_bindgen_test]
fn equal_items_are_told_apart_by_who_leaves_first() {
    for (behind, left) in [(0, 1), (u16::MAX, 0)] {
        let mut traces = Traces::default();
        for event in [put(0, 5, 0), put(1, 5, behind), event(EventKind::Took, 2, 5)] {
            traces.apply(&event);
        }
        let belt = traces.belt(ObjectId(0)).unwrap();
        assert_eq!(serials(belt), [left]);
        assert_eq!(belt.gone.map(|item| item.by), Some(ActorId(2)));
    }
}

#[wasm_bindgen_test]
fn items_lie_in_the_order_in_which_they_come_out() {
    let mut traces = Traces::default();
    for (value, behind) in [(7, 0), (8, u16::MAX), (9, 1), (6, 0)] {
        traces.apply(&put(0, value, behind));
    }
    assert_eq!(serials(traces.belt(ObjectId(0)).unwrap()), [1, 2, 0, 3]);
    // What is gone but not yet seen to be is at the front, where it counts for nobody.
    traces.apply(&put(0, 5, 2));
    traces.apply(&event(EventKind::Took, 1, 8));
    assert_eq!(serials(traces.belt(ObjectId(0)).unwrap()), [2, 4, 0, 3]);
}

#[wasm_bindgen_test]
fn what_was_read_is_in_mind_until_it_is_written() {
    let mut traces = Traces::default();
    traces.apply(&event(EventKind::Read, 1, 4));
    assert_eq!(traces.seen(ActorId(1)).map(|seen| seen.value), Some(4));
    traces.apply(&event(EventKind::Wrote, 0, 5));
    assert!(traces.seen(ActorId(1)).is_some(), "somebody else wrote");
    traces.apply(&event(EventKind::Wrote, 1, 5));
    assert_eq!(traces.seen(ActorId(1)), None);
    traces.apply(&event(EventKind::Read, ActorId::SETUP.0, 4));
    assert!(traces.seen.len() < 3, "the setup is no actor");
}

// --- lanes -----------------------------------------------------------------------------------

fn recorded(text: &str) -> (Scenario, Recording) {
    let scenario: Scenario = text.parse().unwrap();
    let mut run = scenario.run(model::Config::default());
    let ending = run.finish(&mut scenario.scheduler());
    let mut recording = Recording::new(&scenario, true);
    recording.follow(&run.log());
    recording.end(ending);
    (scenario, recording)
}

#[wasm_bindgen_test]
fn in_every_turn_one_lane_is_busy() {
    let (_, recording) = recorded("lost-update?actors=4&rounds=5");
    for stop in 1..=recording.last_stop() {
        let busy = recording.lanes().iter().filter(|lane| {
            let now = lane.iter().rev().find(|segment| segment.from <= stop);
            now.is_some_and(|segment| segment.tone == Tone::Busy)
        });
        assert_eq!(busy.count(), 1, "stop {stop}");
    }
}

#[wasm_bindgen_test]
fn the_stop_of_an_event_is_the_first_at_which_it_has_happened() {
    let (_, recording) = recorded("lost-update?actors=3&rounds=2");
    let mut position = 0;
    for stop in 0..=recording.last_stop() {
        let after = position + recording.events_of(stop).len();
        for event in position..after {
            assert_eq!(recording.stop_of(event), stop, "event {event}");
        }
        position = after;
    }
}

// --- words -----------------------------------------------------------------------------------

/// The text with this key in this language alone, without falling back to another.
fn text(language: &str, key: &str) -> Option<String> {
    rust_i18n::set_locale(language);
    frontend::words::exactly(language, key)
}

fn a_lesson(picture: Picture) -> &'static Lesson {
    catalogue().find(|lesson| lesson.picture == picture).unwrap()
}

#[wasm_bindgen_test]
fn every_act_is_called_something_in_both_languages() {
    for act in Act::ALL {
        let key = format!("act.{}", act.name());
        let [en, zh] = ["en", "zh"].map(|language| text(language, &key));
        assert!(en.is_some() && zh.is_some(), "{key}: {en:?}, {zh:?}");
        assert_ne!(en, zh, "{key}");
    }
}

#[wasm_bindgen_test]
fn every_event_but_turns_and_declarations_is_told_in_both_languages() {
    for kind in EventKind::ALL {
        let said = ["en", "zh-CN"].map(|language| {
            rust_i18n::set_locale(language);
            let mut names = queue(Order::Fifo);
            names.actors = vec![Label { name: "worker", idx: 0 }];
            words::say(a_lesson(Picture::Objects), &names, &event(kind, 0, 0), Beside::default())
        });
        let is_silent = matches!(kind, EventKind::Turn | EventKind::Declared);
        assert_eq!(said.each_ref().map(Option::is_some), [!is_silent; 2], "{kind:?}: {said:?}");
        for said in said.iter().flatten() {
            assert!(!said.contains("%{") && !said.contains("say."), "{kind:?}: {said}");
        }
        assert!(is_silent || said[0] != said[1], "{kind:?}: {said:?}");
    }
}

/// Whether time is chosen to pass or passes because nobody can go on.
#[wasm_bindgen_test]
fn time_that_passes_is_told_once() {
    rust_i18n::set_locale("en");
    let scenario: Scenario = "timer".parse().unwrap();
    let run = |is_chosen: bool| {
        let mut run = scenario.run(model::Config::default());
        while run.ending().is_none() {
            let clock = (is_chosen && run.can_pass_time()).then_some(ActorId::CLOCK);
            let next = clock.or_else(|| run.ready().iter().next()).expect("somebody can move");
            run.turn(next).unwrap();
        }
        let mut recording = Recording::new(&scenario, true);
        recording.follow(&run.log());
        recording
    };
    for recording in [true, false].map(run) {
        let stops = 1..=recording.last_stop();
        let said = stops.map(|stop| words::step(scenario.lesson(), &recording, stop));
        let n_told = said.map(|said| said.to_lowercase().matches("time passes").count());
        assert_eq!(n_told.filter(|n| *n > 0).collect::<Vec<_>>(), [1]);
    }
}

#[wasm_bindgen_test]
fn every_kind_and_state_has_words_in_both_languages() {
    for kind in kinds() {
        for language in ["en", "zh-CN"] {
            rust_i18n::set_locale(language);
            let said = words::kind(kind);
            assert!(!said.contains("kind."), "{kind:?}: {said}");
            for state in 0..5 {
                let name = kind.state(state);
                if !name.is_empty() {
                    let key = format!("state.{name}");
                    let short = &language[..2];
                    assert!(words::exactly(short, &key).is_some(), "{language}: {key}");
                }
            }
        }
    }
}

#[wasm_bindgen_test]
fn a_name_has_its_number_only_among_its_like() {
    let actors = [("adder", 0), ("adder", 1), ("main", 0), ("bolt", 0)];
    let actors = actors.map(|(name, idx)| Label { name, idx }).to_vec();
    let mut names = Names::default();
    names.actors = actors;
    let said = |language: &str| {
        rust_i18n::set_locale(language);
        [0, 1, 2, 3].map(|idx| words::actor_caption(&names, ActorId(idx)))
    };
    assert_eq!(said("en"), ["adder 0", "adder 1", "main", "bolt"]);
    assert_eq!(said("zh-CN"), ["0 号加法者", "1 号加法者", "主线程", "bolt"]);
    rust_i18n::set_locale("en");
    assert_eq!([0, 1, 2].map(|idx| words::initials(&names, ActorId(idx))), ["A0", "A1", "M"]);
}

#[wasm_bindgen_test]
fn whatever_a_lesson_names_has_a_name_in_chinese() {
    rust_i18n::set_locale("zh-CN");
    let is_han = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    let (mut n_named, mut without) = (0, HashSet::new());
    for lesson in catalogue() {
        let fresh = Scenario::new(lesson);
        let mut scenarios = vec![fresh.clone()];
        for param in lesson.params {
            if let Kind::Choice { options, .. } = param.kind {
                scenarios.extend(options.iter().map(|option| {
                    let mut scenario = fresh.clone();
                    scenario.values.set(param.id, option.id).unwrap();
                    scenario
                }));
            }
        }
        for scenario in scenarios {
            let mut run = scenario.run(model::Config::default());
            run.finish(&mut scenario.scheduler());
            let names = run.log().names.clone();
            let actors = (0..names.actors.len()).map(|idx| {
                let actor = ActorId(idx as u16);
                (names.actor(actor).name, words::actor(&names, actor))
            });
            let objects = names
                .objects
                .iter()
                .zip(0..)
                .map(|((_, label), idx)| (label.name, words::object(&names, ObjectId(idx))));
            for (name, said) in actors.chain(objects) {
                // What has one letter is called so; a future is no word of Chinese.
                let is_left = name.len() == 1 || name == "future";
                if !is_left && !said.contains(is_han) {
                    without.insert((lesson.id, name));
                }
                n_named += 1;
            }
        }
    }
    rust_i18n::set_locale("en");
    assert!(without.is_empty(), "{without:?}");
    assert!(n_named > 500, "{n_named}");
}

#[wasm_bindgen_test]
fn a_space_stands_between_two_scripts_and_nowhere_else_in_chinese() {
    assert_eq!(words::spaced("0 号加法者 读取 锁"), "0 号加法者读取锁");
    assert_eq!(words::spaced("从x读到1"), "从 x 读到 1");
    assert_eq!(words::spaced("a b c"), "a b c");
}
