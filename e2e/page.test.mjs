// The page with a run of the model: play, rewind, branch, endings, lists, links, fields.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS, axe } from "./harness.mjs";
import {
    LIMIT,
    at,
    click,
    copy,
    dinner,
    fill,
    keepWhatLeaves,
    laboratory,
    last,
    look,
    press,
    save,
    stands,
    toTheEnd,
    until,
    valueOf,
    wrongIn,
} from "./lab.mjs";

const SOLUTIONS = ["ordered", "odd-even", "waiter", "both-or-none", "try-lock", "chandy-misra"];

test("the judge of lists accepts a good one and rejects bad ones", () => {
    const meal = (who) => [
        [who, 1, 1],
        [who, 2, 1],
        [who, 0, 3],
        [who, 1, 2],
        [who, 2, 2],
    ];
    const good = [...meal(0), ...meal(1)];
    assert.equal(wrongIn(good, 2, 1), null);
    assert.notEqual(wrongIn(good, 2, 2), null);
    assert.notEqual(wrongIn(good, 3, 1), null);
    for (let line = 0; line < good.length; line += 1) {
        assert.notEqual(wrongIn(good.toSpliced(line, 1), 2, 1), null, `without line ${line}`);
    }
});

// All of this works without memory that is shared, too.
const KINDS = BROWSERS.flatMap((kind) => [true, false].map((isolated) => ({ kind, isolated })));

for (const { kind, isolated } of KINDS) {
    describe(isolated ? kind : `${kind}, not isolated`, () => {
        const visit = laboratory(kind, { isolated });

        test("it opens on the philosophers", LIMIT, async (t) => {
            const page = await visit(t);
            await until(page, "it was painted", () => {
                return performance.getEntriesByName("first-contentful-paint").length > 0;
            });
            const found = await page.evaluate(() => ({
                title: document.title,
                heading: document.querySelector("h1").innerText,
                landmarks: ["header", "nav", "main"].map(
                    (tag) => document.querySelectorAll(tag).length,
                ),
                sections: [...document.querySelectorAll("main > section")].map(
                    (one) => one.ariaLabel,
                ),
                paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
            }));
            t.diagnostic(`${kind}: first contentful paint after ${Math.round(found.paint)} ms`);
            assert.match(found.title, /^The dining philosophers/);
            assert.equal(found.heading, "The dining philosophers");
            assert.deepEqual(found.landmarks, [1, 1, 1]);
            assert.ok(found.sections.length === 3 && found.sections.every(Boolean));
            const { step, narration, picture } = await look(page);
            assert.equal(step, 0);
            assert.equal(narration, "Everybody is seated.");
            const live = await page.$eval(".narration", (one) => one.getAttribute("aria-live"));
            assert.equal(live, "polite");
            assert.equal(picture.match(/class="seat /g).length, 5);
            assert.equal(picture.match(/class="fork/g).length, 5);
        });

        test("it plays, pauses, and stops at the end", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "ordered", meals: 60, speed: 30 }));
            const start = await look(page);
            await click(page, "Play");
            await until(
                page,
                "it plays",
                () => document.querySelector(".timeline input").value > 5,
            );
            await click(page, "Pause");
            const paused = await look(page);
            assert.notEqual(paused.picture, start.picture);
            // Long enough for a dozen steps at this speed.
            await new Promise((passed) => setTimeout(passed, 400));
            assert.deepEqual(await look(page), paused);

            await press(page, "+", 20);
            await click(page, "Play");
            await until(page, "it ends", () => document.querySelector(".outcome.good"));
            await until(page, "it stops", () => document.querySelector("button[aria-label=Play]"));
            assert.equal((await look(page)).step, await last(page));
            await click(page, "Play");
            await until(page, "it begins again", () => !document.querySelector(".outcome"));
        });

        test("stepping back shows the very same pictures", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "ordered", tab: "counts" }));
            const forth = [await at(page, 0)];
            for (let step = 1; step <= 24; step += 1) {
                await press(page, "ArrowRight");
                forth.push(await at(page, step));
            }
            assert.equal(new Set(forth.map(({ picture }) => picture)).size > 15, true);
            for (let step = 23; step >= 0; step -= 1) {
                await click(page, "Step back");
                assert.deepEqual(await at(page, step), forth[step], `step ${step}`);
            }
            const end = await last(page);
            await press(page, "End");
            const atEnd = await at(page, end);
            await press(page, "Home");
            assert.deepEqual(await at(page, 0), forth[0]);
            await click(page, "To the end");
            assert.deepEqual(await at(page, end), atEnd);
            await click(page, "To the start");
            assert.deepEqual(await at(page, 0), forth[0]);

            // The slider by keyboard, its own way of stepping.
            await page.focus(".timeline input");
            await press(page, "ArrowRight", 7);
            assert.deepEqual(await at(page, 7), forth[7]);
            await press(page, "ArrowLeft", 2);
            assert.deepEqual(await at(page, 5), forth[5]);
            await press(page, "End");
            assert.deepEqual(await at(page, end), atEnd);

            // And by pointer: a press, then a drag.
            const box = await (await page.$(".timeline input")).boundingBox();
            const x = (step) => box.x + (box.width * step) / end;
            const y = box.y + box.height / 2;
            await page.mouse.move(x(12), y);
            await page.mouse.down();
            assert.deepEqual(await at(page, 12), forth[12]);
            await page.mouse.move(x(20), y);
            assert.deepEqual(await at(page, 20), forth[20]);
            await page.mouse.move(x(3), y);
            await page.mouse.up();
            assert.deepEqual(await at(page, 3), forth[3]);
        });

        test("one chooses who goes next, and the past stays as it was", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "ordered", think: 0, eat: 0 }));
            const before = [];
            for (let step = 0; step <= 6; step += 1) {
                before.push(await at(page, step));
                await press(page, "ArrowRight");
            }
            await press(page, "ArrowLeft", 3);
            await at(page, 4);
            const ready = await page.$$eval("#pane li button:enabled", (all) =>
                all.map((one) => Number(one.ariaLabel.match(/\d+/)[0])),
            );
            const went = Number(before[5].narration.match(/^Philosopher (\d+)/)[1]);
            assert.ok(ready.includes(went), `${went} went, ready were ${ready}`);
            const other = ready.find((who) => who !== went);
            await click(page, `Go, philosopher ${other}`);
            const branched = await at(page, 5);
            assert.match(branched.narration, RegExp(`^Philosopher ${other}\\b`));
            assert.notEqual(branched.picture + branched.pane, before[5].picture + before[5].pane);
            assert.match(branched.pane, /Choices of yours: 1/);

            // A seat in the picture is a button as well.
            const seat = await page.$("g.seat.can-go");
            const who = await seat.evaluate((one) => one.ariaLabel.match(/\d+/)[0]);
            await seat.click();
            const clicked = await at(page, 6);
            assert.match(clicked.narration, RegExp(`^Philosopher ${who}\\b`));
            assert.match(clicked.pane, /Choices of yours: 2/);

            await press(page, "ArrowLeft");
            const again = await at(page, 5);
            assert.deepEqual(
                [again.picture, again.narration],
                [branched.picture, branched.narration],
            );
            for (let step = 4; step >= 0; step -= 1) {
                await press(page, "ArrowLeft");
                const past = await at(page, step);
                assert.equal(past.picture, before[step].picture, `step ${step}`);
                assert.equal(past.narration, before[step].narration, `step ${step}`);
            }

            await press(page, "ArrowRight", 5);
            await at(page, 5);
            await click(page, "Forget them");
            await until(page, "the choices are gone", () => !document.querySelector(".picked"));
            assert.deepEqual(await at(page, 5), before[5]);
        });

        test("one lets time pass although somebody could go", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "waiter", seed: 3 }));
            // The first step at which somebody sleeps while somebody else is ready.
            let found = null;
            for (let step = 1; step < 40 && !found; step += 1) {
                await press(page, "ArrowRight");
                const { picture } = await at(page, step);
                const hasTime = await page.$("#pane button.time");
                if (hasTime && picture.includes("can-go")) found = step;
            }
            assert.ok(found, "there is such a step");
            await click(page, "Let time pass");
            const passed = await at(page, found + 1);
            assert.match(passed.narration, /^Time passes/);
            assert.match(passed.pane, /Choices of yours: 1/);
        });

        test("the naive dinner ends in a deadlock that is named and shown", LIMIT, async (t) => {
            const zero = { solution: "naive", policy: "round-robin", think: 0, eat: 0, meals: 1 };
            const page = await visit(t, dinner(zero));
            const { outcome, narration } = await toTheEnd(page);
            assert.match(outcome, /Deadlock/);
            for (const who of [0, 1, 2, 3, 4]) {
                assert.match(
                    outcome,
                    RegExp(`philosopher ${who} waits for fork ${who}, held by`, "i"),
                );
            }
            assert.ok(narration.length > 0);
            const whys = await page.$$eval("#pane .outlook", (all) => all.map((one) => one.innerText));
            assert.equal(whys.length, 5);
            whys.forEach((why, who) => assert.match(why, RegExp(`waits for fork ${who}`, "i")));
            const { seats, arrows, disabled } = await page.evaluate(() => ({
                seats: document.querySelectorAll("g.seat.in-cycle").length,
                arrows: document.querySelectorAll("path.arrow.cycle").length,
                disabled: document.querySelector("button[aria-label='Step forward']").disabled,
            }));
            assert.deepEqual([seats, arrows, disabled], [5, 5, true]);
            assert.equal((await page.$$("path.arrow:not(.cycle)")).length, 0);

            await press(page, "ArrowLeft");
            await until(page, "a step before there is no cycle yet", () => {
                return !document.querySelector(".outcome, .in-cycle, .arrow.cycle");
            });
        });

        test("every other solution feeds everybody, and its list is right", LIMIT, async (t) => {
            const page = await visit(t, dinner({ tab: "actions" }));
            await keepWhatLeaves(page);
            for (const [philosophers, meals] of [
                [5, 3],
                [2, 2],
                [12, 2],
            ]) {
                await fill(page, "philosophers", String(philosophers));
                await fill(page, "meals", String(meals));
                for (const solution of SOLUTIONS) {
                    const what = `${solution}, ${philosophers} philosophers`;
                    await page.select("select[name=solution]", solution);
                    await at(page, 0);
                    const { outcome } = await toTheEnd(page);
                    assert.match(outcome, RegExp(`Everybody has eaten ${meals} times`), what);
                    const list = JSON.parse(await copy(page, "Copy list"));
                    assert.equal(wrongIn(list, philosophers, meals), null, what);
                }
            }
            const list = await page.evaluate(() => copied.at(-1));
            const shown = await page.$eval("ol.lines li", (line) => line.textContent);
            assert.deepEqual(
                JSON.parse(shown),
                JSON.parse(list).at(-1),
                "the newest line is on top",
            );

            const file = await save(page, "Download JSON");
            assert.equal(file.name, "actions.json");
            assert.equal(file.text, list);
            const trace = await save(page, "Download trace");
            const { traceEvents } = JSON.parse(trace.text);
            assert.ok(traceEvents.length > JSON.parse(list).length);
            assert.ok(traceEvents.every((event) => typeof event.ph === "string"));
        });

        test("a link brings back the very same page", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "try-lock", speed: 60 }));
            await keepWhatLeaves(page);
            await fill(page, "philosophers", "7");
            await fill(page, "meals", "4");
            await fill(page, "seed", "12345678901");
            await page.select("select[name=policy]", "pct");
            await page.select("select[name=grain]", "words");
            await at(page, 0);
            // Two choices of one's own on the way.
            for (const step of [6, 11]) {
                await press(page, "ArrowRight", step - (await look(page)).step);
                await at(page, step);
                await (await page.$("#pane li button:enabled")).click();
                await at(page, step + 1);
            }
            await press(page, "ArrowRight", 9);
            await at(page, 21);
            await click(page, "Counts");
            await click(page, "中文");
            await press(page, "+");
            while ((await page.$eval("html", (root) => root.dataset.theme)) !== "dark") {
                const label = await page.$eval("nav button.icon", (one) => one.ariaLabel);
                await click(page, label);
            }
            const link = await copy(page, "复制链接");
            const settings = (page) =>
                page.evaluate(() => ({
                    fields: [...document.querySelectorAll("form [name]")].map(({ name, value }) => [
                        name,
                        value,
                    ]),
                    tab: document.querySelector("[role=tab][aria-selected=true]").id,
                    speed: document.querySelector(".speed output").innerText,
                    last: document.querySelector(".timeline input").max,
                    lang: document.documentElement.lang,
                    theme: document.documentElement.dataset.theme,
                }));
            const before = [await look(page), await settings(page)];

            const other = await visit(t, "", { base: link });
            assert.deepEqual([await look(other), await settings(other)], before);
            assert.equal(await other.$(".notice"), null);
            const { lang, theme, tab } = before[1];
            assert.deepEqual([lang, theme, tab], ["zh-CN", "dark", "tab-counts"]);

            // The choices came along: going on leads to the same end.
            const ends = [await toTheEnd(page), await toTheEnd(other)];
            assert.deepEqual(ends[1], ends[0]);
            await keepWhatLeaves(other);
            const links = [await copy(page, "复制链接"), await copy(other, "复制链接")];
            assert.equal(links[1], links[0]);
            await until(other, "the address follows", (link) => location.href === link, links[0]);
        });

        test("a link that is broken or newer says so and opens what it can", LIMIT, async (t) => {
            const good = { meals: 2, tab: "counts" };
            const cases = [
                [dinner({ solution: "hope", ...good }), /solution must be one of naive, .*'hope'/],
                [dinner({ step: "soon", ...good }), /step must be a whole number .*'soon'/],
                [dinner({ v: 9, ...good }), /version '9'/],
                [dinner({ philosophers: 1000, ...good }), /philosophers must be .* from 2 to 100/],
                ["#/quicksort?tab=counts", /no lesson 'quicksort'/],
                ["#what%20%3F%26%25", /no lesson/],
            ];
            for (const [link, said] of cases) {
                const page = await visit(t, link);
                assert.match(await page.$eval(".notice", (one) => one.innerText), said, link);
                if (link.includes("meals=2")) assert.equal(await valueOf(page, "meals"), "2", link);
                if (link.includes("tab=counts")) assert.ok(await page.$(".counts table"), link);
                assert.equal(
                    await page.$eval("h1", (one) => one.innerText),
                    "The dining philosophers",
                );
                const { outcome } = await toTheEnd(page);
                assert.ok(outcome, `${link}: it runs`);
                await click(page, "Close");
                await until(page, "the notice is gone", () => !document.querySelector(".notice"));
            }
            // A step beyond the end is the end.
            const page = await visit(t, dinner({ step: 100000, ...good }));
            assert.equal((await look(page)).step, await last(page));
            assert.equal(await page.$(".notice"), null);

            // An address typed into a page that is open already is followed as well.
            await page.evaluate(
                () => void (location.hash = "#/philosophers?meals=7&step=3&tab=next"),
            );
            await at(page, 3);
            assert.equal(await valueOf(page, "meals"), "7");
        });

        test("a number out of range is refused, and the field goes back", LIMIT, async (t) => {
            const page = await visit(t, dinner({ meals: 4, step: 5 }));
            for (const bad of ["0", "61", "-1", "", "1e9", "2.5"]) {
                await fill(page, "meals", bad);
                await until(page, `'${bad}' is refused`, () => {
                    return /Meals each: From 1 to 60/.test(
                        document.querySelector(".notice")?.innerText,
                    );
                });
                assert.equal(await valueOf(page, "meals"), "4", `after '${bad}'`);
                assert.equal((await look(page)).step, 5, `the run stays after '${bad}'`);
                await click(page, "Close");
                await until(page, "the notice is gone", () => !document.querySelector(".notice"));
            }
            for (const [name, bad] of [
                ["philosophers", "1"],
                ["philosophers", "101"],
                ["think", "10001"],
                ["seed", "-5"],
            ]) {
                const before = await valueOf(page, name);
                await fill(page, name, bad);
                await until(page, `${name} ${bad} is refused`, () =>
                    document.querySelector(".notice"),
                );
                assert.equal(await valueOf(page, name), before);
                await click(page, "Close");
                await until(page, "the notice is gone", () => !document.querySelector(".notice"));
            }
            await fill(page, "meals", "60");
            await at(page, 0);
            assert.equal(await valueOf(page, "meals"), "60");
            assert.equal(await page.$(".notice"), null);
        });

        test("a lesson without a table is drawn as actors and objects", LIMIT, async (t) => {
            const page = await visit(t, "#/lost-update?actors=2&rounds=1&step=0");
            const picture = () =>
                page.evaluate(() => ({
                    actors: [...document.querySelectorAll(".actor .unseen")].map(
                        (one) => one.textContent,
                    ),
                    x: document.querySelector(".object.cell").ariaLabel,
                    tabs: [...document.querySelectorAll("[role=tab]")].map((one) => one.id),
                }));
            const start = await picture();
            assert.deepEqual(start.actors, [
                "Adder 0: ready; is about to load x",
                "Adder 1: ready; is about to load x",
            ]);
            assert.match(start.x, /^X: 0/);
            assert.ok(!start.tabs.includes("tab-actions"), "the homework's list is the table's");

            // Whoever is pressed goes next: both load before either stores.
            const go = async (who, step) => {
                await (await page.$$(".actor"))[who].focus();
                await press(page, "Enter");
                await stands(page, step);
            };
            await go(0, 1);
            await go(1, 2);
            const loaded = await picture();
            assert.match(loaded.actors[0], /saw x = 0$/);
            await go(0, 3);
            assert.match((await picture()).actors[1], /saw x = 0, which is out of date$/);
            await go(1, 4);
            const { x } = await picture();
            assert.match(x, /adder 1 undid the write of adder 0 \(1 lost\)/i);
            const outcome = await page.$eval(".outcome", (one) => one.innerText);
            assert.match(outcome, /not as it should/);
            assert.match(outcome, /Did not hold: x ends as the number of all additions/);
            assert.match(outcome, /x = 1/);

            await press(page, "Home");
            assert.deepEqual(await picture(), start);
            await press(page, "End");
            assert.equal(await page.$(".outcome button"), null, "the last step is what broke it");

            const longer = await visit(t, "#/lost-update?policy=round-robin&rounds=3");
            await press(longer, "End");
            await stands(longer, await last(longer));
            const name = await longer.$eval(".outcome button", (one) => one.innerText);
            const broke = Number(/^Go to the step that broke it \((\d+)\)$/.exec(name)[1]);
            assert.ok(broke < (await last(longer)), name);
            await longer.click(".outcome button");
            await stands(longer, broke);
            await until(longer, "it is shown", () => document.querySelector(".loss"));
        });

        test("who waits for whom is drawn as a graph, and a cycle told", LIMIT, async (t) => {
            const link = "#/abba-deadlock?policy=round-robin&tab=graph&step=0";
            const page = await visit(t, link);
            const pane = () => page.$eval("#pane", (one) => one.innerText);
            assert.match(await pane(), /Nobody waits/);
            await press(page, "End");
            await until(page, "it is stuck", () => document.querySelector(".outcome.bad"));
            assert.match(await pane(), /A cycle: each waits for the next/);
            const found = await page.evaluate(() => ({
                nodes: document.querySelectorAll(".graph .node.cycle").length,
                edges: document.querySelectorAll(".graph .edge.cycle").length,
                cards: document.querySelectorAll(".actor.in-cycle").length,
                wires: document.querySelectorAll(".wire.cycle").length,
            }));
            assert.deepEqual(found, { nodes: 4, edges: 4, cards: 2, wires: 4 });
            await click(page, "中文");
            await until(page, "it is Chinese", () => /环路/.test(document.querySelector("#pane").innerText));
        });

        for (const id of ["lost-update", "sleeping-barber", "thread-pool", "producer-consumer"]) {
            test(`${id} has no violations of accessibility`, LIMIT, async (t) => {
                for (const theme of ["light", "dark"]) {
                    const page = await visit(t, `#/${id}?step=14&theme=${theme}`);
                    assert.deepEqual(await axe(page), [], theme);
                    await press(page, "End");
                    assert.deepEqual(await axe(page), [], `${theme}, at the end`);
                }
            });
        }
    });
}
