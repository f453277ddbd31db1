// What the panels of objects show. The narration tells what actors do; here the same is done to
// objects that know the rules of their kind and nothing else, and at each step the panels must show
// these. Whom the cards say to wait for an object must stand in its line, and a step back must show
// what the step forth has shown.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS } from "./harness.mjs";
import { LIMIT, laboratory, last, press, stands } from "./lab.mjs";

const bare = (name) => name.replace(/^the /, "");
const lower = (text) => text[0].toLowerCase() + text.slice(1);
const upper = (text) => text[0].toUpperCase() + text.slice(1);

// --- the rules

// An object: who has it, who waits for it, what is in it. `lets` says whether somebody may have it
// now, `stops` whether anybody may have to wait for it now, `becomes` takes a new state, and `state`
// says how it stands. So many `slots` are drawn in its panel, and this `word` over its line.
const thing = (rules = {}) => ({
    held: [],
    line: [],
    items: [],
    slots: 0,
    word: "waiting",
    stops: () => true,
    state: () => "",
    ...rules,
});

const lock = () =>
    thing({
        slots: 1,
        lets: ({ held }) => held.length === 0,
        stops: ({ held }) => held.length > 0,
        state: ({ held }) => (held.length > 0 ? "held" : "free"),
    });

const rlock = () => ({
    ...lock(),
    lets: ({ held }, who) => held.every((owner) => owner === who),
    state: ({ held }) => ["free", "held"][held.length] ?? `held ×${held.length}`,
});

const semaphore = (all, isOpen = false) =>
    thing({
        slots: all,
        free: all,
        got: (it) => void (it.free -= 1),
        gave: (it) => void (it.free += 1),
        lets: ({ free }) => free > 0,
        stops: ({ free }) => free === 0,
        // Whoever never took a permit may give one all the same.
        isOpen,
        places: ({ held, free }) => held.length + free,
        state({ free }) {
            assert.ok(free >= 0 && (isOpen || free <= all), `${free} of ${all}`);
            return free > all ? `${free} free` : `${free} of ${all} free`;
        },
    });

// One that is met at once. Who waits has a place in it; the last to come has it, and opens it.
const barrier = (parties) =>
    thing({
        slots: parties,
        hasLineInSlots: true,
        isOver: false,
        isBroken: false,
        gave: (it) => void (it.isOver = true),
        becomes: (it) => void (it.isOver = it.isBroken = true),
        lets: ({ line }) => line.length === parties - 1,
        stops: ({ isOver }) => !isOver,
        state: ({ line, held, isBroken }) =>
            isBroken ? "broken" : `${line.length + held.length} of ${parties} here`,
    });

const event = () =>
    thing({
        lamp: "red",
        becomes: (it, colour) => void (it.lamp = colour),
        stops: ({ lamp }) => lamp === "red",
        state: ({ lamp }) => (lamp === "red" ? "red: not set" : "green: set"),
    });

// It is notified once, and then so many who came first may go.
const condition = (notified) =>
    thing({ notified, isNotified: false, state: ({ line }) => `${line.length} wait` });

const writes = (who) => who.startsWith("writer");

const readersWriter = (all) =>
    thing({
        slots: all,
        // Who is inside says what is done there.
        becomes: () => {},
        lets: ({ held }, who) => held.length === 0 || ![who, ...held].some(writes),
        state: ({ held }) =>
            held.length === 0 ? "free" : held.some(writes) ? "writing" : "reading",
    });

// Where an item is put, among those in the order in which they come out.
const FIFO = (items, item) => [...items, item];
const LIFO = (items, item) => [item, ...items];
const URGENCY = { work: 1, life: -1, drink: 1, sleep: -2 };
const PRIORITY = (items, item) =>
    [...items, item].toSorted((one, other) => URGENCY[one] - URGENCY[other]);

const queue = (order, capacity) =>
    thing({
        order,
        word: "to take",
        isShut: false,
        takers: {},
        becomes: (it) => void (it.isShut = true),
        state({ items: { length: n }, isShut }) {
            if (isShut) return "shut down";
            if (capacity === undefined) return `${n} inside`;
            return n === capacity ? `full, ${n} of ${n}` : `${n} of ${capacity}`;
        },
    });

const pool = (workers) =>
    thing({
        held: Array.from({ length: workers }, (_, idx) => `worker ${idx}`),
        slots: workers,
        now: `${workers} workers`,
        becomes: (it, now) => void (it.now = now),
        state: ({ now }) => now,
    });

// A task is run by the one who took it out of the backlog, and by nobody who runs another.
const future = (number) =>
    thing({
        slots: 1,
        word: null,
        // It is there when its task was submitted.
        now: "none",
        becomes(it, now) {
            const ways = {
                none: ["pending"],
                pending: ["running", "cancelled"],
                running: ["done", "failed"],
            };
            assert.ok(ways[it.now]?.includes(now), `from ${it.now} to ${now}`);
            it.now = now;
        },
        lets({ now }, who, { "the pool": { held: workers }, "the backlog": backlog, ...tasks }) {
            const isFree = Object.values(tasks).every(({ held }) => !held.includes(who));
            const isIts = workers.includes(who) && backlog.takers[number] === who;
            return now === "running" && isFree && isIts;
        },
        stops: ({ now }) => ["pending", "running"].includes(now),
        state: ({ now }) => now,
    });

// Where everybody `adds` one, those writes that are not in the sum are lost.
const cell = (adds = false) =>
    thing({
        value: "0",
        writer: null,
        loss: null,
        nWrites: 0,
        nLost: 0,
        wrote(it, who, value) {
            it.nWrites += 1;
            const nLost = adds ? it.nWrites - value : 0;
            if (nLost > it.nLost) {
                it.loss = `${upper(who)} undid the write of ${it.writer} (${nLost} lost)`;
                it.by = who;
            }
            Object.assign(it, { value, writer: who, nLost });
        },
    });

function leave(those, who) {
    const at = those.lastIndexOf(who);
    assert.notEqual(at, -1, `${who} is there`);
    those.splice(at, 1);
}

// What a clause of the narration does to the objects.
const DEEDS = [
    [
        /^(.+) (?:gets|is the last at|begins to work on|joins) (.+?)(?: again: depth (\d+))?$/,
        (all, who, what, depth) => {
            const it = all[what];
            assert.ok(it.lets(it, who, all), `${who} may get ${what}`);
            it.held.push(who);
            assert.equal(it.held.length, Number(depth ?? it.held.length), `how deep ${who} is in ${what}`);
            it.got?.(it);
        },
    ],
    [
        /^(.+) (?:gives (.+) back(?: once: depth (\d+))?|(?:opens|is through with|leaves) (.+))$/,
        (all, who, given, depth, left) => {
            const what = given ?? left;
            const { held, isOpen } = all[what];
            if (!isOpen || held.includes(who)) leave(held, who);
            if (depth !== undefined) assert.equal(held.length, Number(depth), `how deep ${who} is in ${what}`);
            all[what].gave?.(all[what]);
        },
    ],
    [/^(.+) has to wait for (.+)$/, (all, who, what) => all[what].line.push(who)],
    [
        /^(.+) can go on$/,
        (all, who) => {
            const lines = Object.values(all).map(({ line }) => line);
            const [line, ...others] = lines.filter((line) => line.includes(who));
            assert.equal(others.length, 0, `${who} waited for one thing`);
            leave(line, who);
        },
    ],
    [/^.+ (?:sets|clears) (.+): (green|red)$/, (all, what, colour) => all[what].becomes(all[what], colour)],
    [/^.+ breaks (.+)$/, (all, what) => all[what].becomes(all[what])],
    [/^(.+): now (.+)$/, (all, what, state) => all[what].becomes(all[what], state)],
    [
        /^.+ puts “(.+)” into (.+)$/,
        (all, item, what) => void (all[what].items = all[what].order(all[what].items, item)),
    ],
    [
        /^(.+) takes “(.+)” out of (.+)$/,
        (all, who, item, what) => {
            assert.equal(item, all[what].items.shift(), `what comes out of ${what}`);
            all[what].takers[item] = who;
        },
    ],
    [/^.+ reads (\d+) from (.+)$/, (all, value, what) => assert.equal(value, all[what].value)],
    [
        /^(.+) writes (\d+) to (.+)$/,
        (all, who, value, what) => all[what].wrote(all[what], who, value),
    ],
    // What is done to no object.
    [/^data race on |^time passes$|^nothing has happened yet$/, () => {}],
    [/ (prints “.*”|gives up on .+)$/, () => {}],
    // What was done, as the card has announced it.
    [/^(the )?[a-z]+( \d+)?: (?!now )/, () => {}],
    [/ (comes to life|begins to run|goes on|comes to its end|is finished)$/, () => {}],
];

function follow(things, narration) {
    for (const clause of lower(narration.replace(/\.$/, "")).split("; ")) {
        // Whoever waits for somebody's end waits at nothing that is drawn.
        const life = / has to wait for (the end of .+)$/.exec(clause)?.[1];
        if (life) things[life] ??= thing();
        const [says, does] = DEEDS.find(([says]) => says.test(clause)) ?? [];
        assert.ok(does, `it is known what this means: ${clause}`);
        does(things, ...says.exec(clause).slice(1));
    }
}

// --- the panels

// The panel that an object must have.
function panel(name, it) {
    const holders = [...new Set(it.held)];
    // Who waits for all to be done wants nothing of it, and stays where it is.
    const line = it.line.filter((who) => !it.joins?.includes(who));
    const [inSlots, outside] = it.hasLineInSlots
        ? [[...line, ...holders], []]
        : [holders, line];
    const nPlaces = it.places?.(it) ?? it.slots;
    const nEmpty = Math.max(0, nPlaces - inSlots.length);
    const written = it.writer ? `written by ${it.writer}` : null;
    const listed = (what, all) => (all.length > 0 ? `${what} ${all.join(", ")}` : null);
    const told = [
        it.state(it),
        it.value,
        written,
        it.loss,
        listed("held by", holders),
        listed("inside:", it.items),
        listed("waiting:", it.line),
    ];
    return {
        label: `${upper(bare(name))}: ${told.filter(Boolean).join("; ")}`,
        state: it.state(it),
        slots: [...inSlots.map(bare), ...Array(nEmpty).fill(null)],
        outOfPlace: [],
        line: outside.map((who) => [it.word, bare(who)]),
        items: it.items,
        next: it.items.slice(0, 1),
        value: it.value ?? null,
        // Who undid something is named with that, as long as nobody else has written.
        writer: it.loss && it.by === it.writer ? null : written,
        loss: it.loss ? `✕ ${it.by === it.writer ? it.loss : `${it.nLost} lost`}` : null,
        lamp: it.lamp ?? null,
    };
}

// The panels as they are drawn, and what is said beside them. Tokens and items lie over the panels:
// where they are says what they are at.
const read = (page) =>
    page.evaluate(() => {
        const all = (selector, within = document) => [...within.querySelectorAll(selector)];
        const ems = (...texts) => texts.flatMap((text) => text.match(/-?[\d.]+(?=em)/g).map(Number));
        const names = (those) => those.map(({ name }) => name);
        const tokens = (selector) =>
            all(`${selector}:not(.home)`).map((one) => {
                const [x, y] = ems(one.style.transform);
                return { x, y, name: one.textContent, is: one.className };
            });
        const [chips, items] = [tokens(".chip"), tokens(".item")];
        const letter = parseFloat(getComputedStyle(document.querySelector(".picture")).fontSize);
        const panels = all(".object").map((one) => {
            const text = (selector) => one.querySelector(selector)?.textContent ?? null;
            const { left, top, width, height } = one.style;
            const [x, y, w, h] = ems(left, top, width, height);
            const isOver = (it) => it.x >= x && it.x < x + w && it.y >= y && it.y < y + h;
            const over = chips.filter(isOver).sort((a, b) => a.y - b.y || a.x - b.x);
            const slots = all(".slot", one).map(({ style }) => {
                const [dx, dy] = ems(style.left, style.top);
                // Places are given to a hundredth.
                const isHere = (chip) => Math.hypot(chip.x - x - dx, chip.y - y - dy) < 0.05;
                return over.find((chip) => chip.is.includes("held") && isHere(chip));
            });
            // A line begins where the word over it begins.
            const words = all(".word", one).map((word) => ({
                x: x + word.offsetLeft / letter - 0.2,
                text: word.textContent,
            }));
            const wordOver = (chip) => words.findLast((word) => word.x <= chip.x)?.text ?? null;
            const waits = over.filter((chip) => chip.is.includes("waits"));
            // What comes out next is on the right of a belt, and on top of a stack.
            const inside = items.filter(isOver).sort((a, b) => a.y - b.y || b.x - a.x);
            const mark = one.querySelector(".lamps path")?.getBBox();
            const lamp = all(".lamps circle", one).find((lamp) => {
                const { y, height } = lamp.getBBox();
                return mark.y >= y && mark.y + mark.height <= y + height;
            });
            return {
                label: one.ariaLabel,
                state: text(".state"),
                slots: slots.map((chip) => chip?.name ?? null),
                outOfPlace: names(over.filter((it) => ![...slots, ...waits].includes(it))),
                line: waits.map((chip) => [wordOver(chip), chip.name]),
                items: names(inside),
                next: names(inside.filter((item) => item.is.includes("next"))),
                value: text(".value"),
                writer: text(".writer"),
                loss: text(".loss"),
                lamp: lamp?.classList[0] ?? null,
            };
        });
        const cards = all(".actor .unseen").map((card) => card.textContent);
        return { narration: document.querySelector(".narration").innerText, cards, panels };
    });

// --- the lessons

const PLACES = /^2 of 2 free > 1 of 2 free > 0 of 2 free > .*> 1 of 2 free > 2 of 2 free$/;

const counted = (numbers, words) => numbers.map((n) => `${n} ${words}`).join(" > ");

const futures = (n) =>
    Object.fromEntries(Array.from({ length: n }, (_, idx) => [`future ${idx}`, future(idx)]));

// Links with the objects of their lessons, the first of those that the page draws. Of an object, how
// it changes from the first step to the last, and how many wait for it at most; of a cell, at which
// steps it is said that an update is lost. Where a link names no policy, the order is random, from
// seed 1.
const RUNS = [
    {
        link: "#/semaphore?actors=4&places=2",
        things: () => ({ "the places": semaphore(2) }),
        course: { "the places": PLACES },
        most: { "the places": 2 },
    },
    {
        // What is released too often is refused, so it changes nothing.
        link: "#/semaphore?variant=bounded&actors=3&places=2&extra=2",
        things: () => ({ "the places": semaphore(2) }),
        course: { "the places": PLACES },
        most: { "the places": 1 },
    },
    {
        // One permit too many makes room for one more.
        link: "#/semaphore?actors=3&places=2&extra=1",
        things: () => ({ "the places": semaphore(2, true) }),
        course: { "the places": /^2 of 2 free > 3 free > .*> 3 free$/ },
    },
    {
        link: "#/event?actors=3&late=1",
        things: () => ({ "the light": event() }),
        course: { "the light": "red: not set > green: set > red: not set" },
        most: { "the light": 3 },
    },
    {
        link: "#/barrier?parties=4",
        things: () => ({ "the barrier": barrier(4) }),
        course: { "the barrier": counted([0, 1, 2, 3, 4, 0], "of 4 here") },
        most: { "the barrier": 3 },
    },
    {
        link: "#/barrier?variant=abort&parties=3",
        things: () => ({ "the barrier": barrier(3) }),
        course: { "the barrier": `${counted([0, 1, 2], "of 3 here")} > broken` },
        most: { "the barrier": 2 },
    },
    {
        // Three wait, and two of them are woken at once. One loaf is eaten.
        link: "#/condition?waiters=4&notify=2&policy=round-robin",
        things: () => ({ "the lock": lock(), "the bread": condition(2), "the loaves": cell() }),
        course: {
            "the lock": /^free > held > free > .*held > free$/,
            "the bread": /^0 wait > 1 wait > 2 wait > 3 wait > 1 wait > .*> 0 wait$/,
            "the loaves": "0 > 1 > 0",
        },
        most: { "the lock": 3, "the bread": 3 },
    },
    {
        link: "#/rlock?depth=3",
        things: () => ({ "the lock": rlock() }),
        course: {
            "the lock": `free${" > held > held ×2 > held ×3 > held ×2 > held > free".repeat(2)}`,
        },
        most: { "the lock": 1 },
    },
    {
        // A stranger's release is refused.
        link: "#/rlock?variant=stranger&depth=2",
        things: () => ({ "the lock": rlock() }),
        course: { "the lock": "free > held > held ×2 > held > free" },
    },
    {
        link: "#/thread-pool?workers=2&tasks=4",
        things: () => ({ "the pool": pool(2), "the backlog": queue(FIFO), ...futures(4) }),
        course: {
            "the pool": "2 workers > shut down",
            "the backlog": /^0 inside > 1 inside > .*> 0 inside > shut down$/,
            "future 0": "none > pending > running > done",
            "future 1": "none > pending > running > done",
            "future 2": "none > pending > running > done",
            "future 3": "none > pending > running > done",
        },
        most: { "the backlog": 2, "future 0": 1 },
    },
    {
        // Both workers have long tasks when the last one is called off.
        link: "#/thread-pool?variant=errors&workers=2",
        things: () => ({ "the pool": pool(2), "the backlog": queue(FIFO), ...futures(4) }),
        course: {
            "future 0": "none > pending > running > failed",
            "future 1": "none > pending > running > done",
            "future 2": "none > pending > running > done",
            "future 3": "none > pending > cancelled",
        },
        most: { "the backlog": 2, "future 1": 1 },
    },
    {
        link: "#/readers-writer?variant=readers-first",
        things: () => ({ "the room": readersWriter(5) }),
        course: { "the room": "free > reading > free > writing > free > writing > free" },
        most: { "the room": 2 },
    },
    {
        link: "#/readers-writer?variant=fair",
        things: () => ({ "the room": readersWriter(5) }),
        course: {
            "the room": `free${" > reading > free > writing > free".repeat(2)} > reading > free`,
        },
        most: { "the room": 3 },
    },
    {
        link: "#/lock?actors=4&rounds=1",
        things: () => ({ x: cell(true), "the lock": lock() }),
        course: { x: "0 > 1 > 2 > 3 > 4", "the lock": `free${" > held > free".repeat(4)}` },
        most: { "the lock": 3 },
    },
    {
        link: "#/queue?capacity=3",
        things: () => ({ "the items": queue(FIFO, 3) }),
        course: {
            "the items": "0 of 3 > 1 of 3 > 2 of 3 > full, 3 of 3 > 2 of 3 > 1 of 3 > 0 of 3",
        },
    },
    {
        link: "#/queue?variant=join",
        things: () => ({ "the items": { ...queue(FIFO, 5), joins: ["main"] } }),
        course: { "the items": /^0 of 5 > 1 of 5 > .*> 1 of 5 > 0 of 5$/ },
    },
    {
        // What is inside when it is shut down still comes out.
        link: "#/queue?variant=shutdown",
        things: () => ({ "the items": queue(FIFO, 5) }),
        course: { "the items": /^0 of 5 > 1 of 5 > .*[1-5] of 5 > shut down$/ },
        most: { "the items": 1 },
    },
    {
        link: "#/lifo-queue",
        things: () => ({ "the stack": queue(LIFO) }),
        course: { "the stack": counted([0, 1, 2, 3, 2, 1, 0], "inside") },
    },
    {
        link: "#/priority-queue",
        things: () => ({ "the wishes": queue(PRIORITY) }),
        course: { "the wishes": counted([0, 1, 2, 3, 4, 3, 2, 1, 0], "inside") },
    },
    {
        // All three read before anybody writes.
        link: "#/lost-update?actors=3&policy=round-robin",
        things: () => ({ x: cell(true) }),
        course: { x: "0 > 1" },
        losses: {
            5: "✕ Adder 1 undid the write of adder 0 (1 lost)",
            6: "✕ Adder 2 undid the write of adder 1 (2 lost)",
        },
    },
    {
        // One store undoes two additions of the other.
        link: "#/lost-update?actors=2&rounds=2&policy=person&picks=0.0-1.1-2.1-3.1-4.1-5.0-6.0-7.0",
        things: () => ({ x: cell(true) }),
        course: { x: "0 > 1 > 2 > 1 > 2" },
        losses: { 6: "✕ Adder 0 undid the write of adder 1 (2 lost)" },
    },
    {
        // Both have read 1 when each writes 2; before and after that they take turns.
        link: "#/lost-update?rounds=2&policy=person&picks=0.0-1.0-2.0-3.1-4.0-5.1-6.1-7.1",
        things: () => ({ x: cell(true) }),
        course: { x: "0 > 1 > 2 > 3" },
        losses: { 6: "✕ Adder 1 undid the write of adder 0 (1 lost)" },
    },
];

// The condition that was notified in the last step: somebody was about to do it, and is no longer.
function notified(before, now) {
    const about = /is about to notify those who wait on (.+)$/;
    const [was, is] = [before, now].map(({ cards }) => cards.map((card) => about.exec(card)?.[1]));
    return was.find((what, idx) => what !== undefined && what !== is[idx]);
}

function checkStep(things, names, before, now) {
    const what = before && notified(before, now);
    const line = [...(things[what]?.line ?? [])];
    follow(things, now.narration);
    if (what) {
        things[what].isNotified = true;
        const rest = line.slice(things[what].notified);
        assert.deepEqual(things[what].line, rest, "who came first may go");
    }
    const isThere = (name) => things[name].now !== "none";
    assert.equal(now.panels.length, names.filter(isThere).length, "nothing else is drawn");
    for (const [idx, name] of names.filter(isThere).entries()) {
        const it = things[name];
        assert.deepEqual(now.panels[idx], panel(name, it));
        assert.ok(it.line.length === 0 || it.stops(it), `nobody waits for ${name}`);
        const waits = new RegExp(`^(.+): blocked; waits for ${name}([,;]|$)`);
        const blocked = now.cards.flatMap((card) => waits.exec(card)?.[1] ?? []);
        assert.deepEqual(blocked.map(lower).sort(), it.line.map(bare).sort(), "cards and lines");
    }
}

function checkCourse({ course, most = {}, losses = {} }, things, names, shown, lengths) {
    for (const [idx, name] of names.entries()) {
        // What comes later is behind what was there from the beginning.
        const stood = shown.map(({ panels }) => panels[idx]?.value ?? panels[idx]?.state ?? "none");
        const changed = stood.filter((now, step) => now !== stood[step - 1]).join(" > ");
        const wanted = course[name] ?? /./;
        assert.ok(wanted.test?.(changed) ?? wanted === changed, `${name}: ${changed}`);
        if (name in most) assert.equal(Math.max(...lengths[idx]), most[name], `line of ${name}`);
        assert.notEqual(things[name].isNotified, false, `${name} was notified`);
        const told = shown.map(({ panels }) => panels[idx]?.loss ?? null);
        const isNew = ([step, loss]) => loss?.includes("undid") && loss !== told[step - 1];
        const found = Object.entries(told).filter(isNew);
        if (things[name].writer) assert.deepEqual(Object.fromEntries(found), losses);
    }
}

for (const kind of BROWSERS) {
    describe(kind, () => {
        const visit = laboratory(kind);

        for (const run of RUNS) {
            test(`${run.link} is drawn by the rules, forth and back`, LIMIT, async (t) => {
                const page = await visit(t, run.link);
                const things = run.things();
                const names = Object.keys(things);
                const lengths = names.map(() => []);
                const end = await last(page);
                const shown = [];
                for (let step = 0; step <= end; step += 1) {
                    if (step > 0) await press(page, "ArrowRight");
                    await stands(page, step);
                    const now = await read(page);
                    try {
                        checkStep(things, names, shown.at(-1), now);
                    } catch (cause) {
                        throw new Error(`step ${step}: ${now.narration}`, { cause });
                    }
                    names.forEach((name, idx) => lengths[idx].push(things[name].line.length));
                    shown.push(now);
                }
                checkCourse(run, things, names, shown, lengths);

                for (let step = end - 1; step >= 0; step -= 1) {
                    await press(page, "ArrowLeft");
                    await stands(page, step);
                    assert.deepEqual(await read(page), shown[step], `back at step ${step}`);
                }
            });
        }
    });
}
