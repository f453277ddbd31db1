// The page with real threads: a pool of Web Workers runs the dinner, and where the page is not
// isolated it says why that cannot be.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS } from "./harness.mjs";
import {
    LIMIT,
    at,
    click,
    copy,
    dinner,
    frames,
    keepWhatLeaves,
    laboratory,
    last,
    look,
    press,
    save,
    toTheEnd,
    until,
    valueOf,
    wrongIn,
} from "./lab.mjs";

const toThreads = (page) => click(page, "on real threads");

const ended = (page) =>
    until(page, "the run ends by itself", () => document.querySelector(".outcome"));

for (const kind of BROWSERS) {
    describe(`${kind}, isolated`, () => {
        const visit = laboratory(kind);

        test("a real run is watched live and stays as a recording", LIMIT, async (t) => {
            const values = { solution: "ordered", meals: 5, think: 60, eat: 40, tab: "counts" };
            const page = await visit(t, dinner(values));
            await toThreads(page);
            await until(page, "it runs live", () => {
                const { max, value } = document.querySelector(".timeline input");
                return Number(max) > 5 && value === max && !document.querySelector(".outcome");
            });
            const early = await last(page);
            await until(
                page,
                "it grows",
                (early) => {
                    return Number(document.querySelector(".timeline input").max) > early;
                },
                early,
            );
            await until(page, "everybody has eaten", () => document.querySelector(".outcome.good"));
            await until(page, "the player rests", () =>
                document.querySelector("button[aria-label=Play]"),
            );

            const end = await last(page);
            const forth = [];
            for (let step = end; step > end - 12; step -= 1) {
                forth[step] = await at(page, step);
                await press(page, "ArrowLeft");
            }
            for (let step = end - 11; step <= end; step += 1) {
                await press(page, "ArrowRight");
                assert.deepEqual(await at(page, step), forth[step], `step ${step} of ${end}`);
            }
            await press(page, "Home");
            assert.equal((await at(page, 0)).narration, "Everybody is seated.");
            await press(page, "End");
            assert.deepEqual(await at(page, end), forth[end]);

            const box = await (await page.$(".timeline input")).boundingBox();
            await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
            await until(
                page,
                "the middle is shown",
                (end) => {
                    const step = document.querySelector(".timeline input").valueAsNumber;
                    return step > 0 && step < end;
                },
                end,
            );
            await press(page, "End");

            const { pane, picture } = await at(page, end);
            const rate = pane.match(/Meals per second\s+([\d.]+)/);
            assert.ok(Number(rate?.[1]) > 0, pane);
            assert.match(pane, /Fairness/);
            assert.equal(
                picture.match(/5 meals/g).length,
                2 * 5,
                "a label and a title for each seat",
            );

            await click(page, "Next");
            assert.match((await look(page)).pane, /recording of a real run/);
            await click(page, "Actions");
            await keepWhatLeaves(page);
            assert.equal(wrongIn(JSON.parse(await copy(page, "Copy list")), 5, 5), null);
            const trace = JSON.parse((await save(page, "Download trace")).text);
            assert.ok(trace.traceEvents.length > 100);
        });

        test("every solution that cannot deadlock feeds everybody", LIMIT, async (t) => {
            const page = await visit(
                t,
                dinner({ world: "threads", meals: 4, think: 2, eat: 1, tab: "actions" }),
            );
            await keepWhatLeaves(page);
            for (const solution of [
                "ordered",
                "odd-even",
                "waiter",
                "both-or-none",
                "try-lock",
                "chandy-misra",
            ]) {
                await page.select("select[name=solution]", solution);
                await until(
                    page,
                    `${solution} has been begun`,
                    (solution) => {
                        return document.querySelector("select[name=solution]").value === solution;
                    },
                    solution,
                );
                await until(page, `${solution} feeds everybody`, () =>
                    document.querySelector(".outcome.good"),
                );
                assert.equal(
                    wrongIn(JSON.parse(await copy(page, "Copy list")), 5, 4),
                    null,
                    solution,
                );
            }
        });

        test("the naive dinner ends by itself, one way or the other", LIMIT, async (t) => {
            const values = {
                solution: "naive",
                meals: 60,
                think: 1,
                eat: 1,
                world: "threads",
                seed: 1,
            };
            const page = await visit(t, dinner(values));
            for (const seed of [1, 2, 3]) {
                await until(
                    page,
                    "the next run has begun",
                    (seed) => {
                        return Number(document.querySelector("input[name=seed]").value) === seed;
                    },
                    seed,
                );
                await ended(page);
                const { outcome } = await look(page);
                assert.match(outcome, /Everybody has eaten 60 times|Deadlock/);
                if (outcome.includes("Deadlock")) {
                    assert.equal((await page.$$("path.arrow.cycle")).length, 5);
                    assert.equal((await page.$$("g.seat.in-cycle")).length, 5);
                }
                t.diagnostic(`${kind}: ${outcome.split("\n")[0]} after ${await last(page)} steps`);
                assert.ok((await frames(page, 500)).n > 3, "the page draws on");
                await click(page, "New seed");
            }
        });

        test("the workers come every time", LIMIT, async (t) => {
            // Firefox hangs now and then where a worker makes workers; see host.js.
            for (let n = 0; n < 10; n += 1) {
                const page = await visit(
                    t,
                    dinner({ solution: "waiter", meals: 1, think: 1, eat: 1 }),
                );
                await toThreads(page);
                await until(page, "it runs to its end", () =>
                    document.querySelector(".outcome.good"),
                );
                await page.goto("about:blank");
            }
        });

        test("threads are stopped, and begun anew many times in a row", LIMIT, async (t) => {
            const slow = { solution: "ordered", philosophers: 12, think: 10000, eat: 10000 };
            const page = await visit(t, dinner({ ...slow, world: "threads" }));
            const isLive = () =>
                /Running on Web Workers/.test(document.querySelector(".place").innerText);
            await until(page, "it runs", isLive);
            await click(page, "Stop the threads");
            await ended(page);
            assert.match((await look(page)).outcome, /stopped before the end/);

            // Each of these takes twelve of the sixteen workers and must give them back at once.
            for (let n = 0; n < 6; n += 1) {
                await press(page, "r");
                await until(page, "it runs", isLive);
            }
            await click(page, "in the model");
            await until(page, "the model is back", () =>
                document.querySelector("select[name=policy]"),
            );
            await page.evaluate(
                () =>
                    void (location.hash =
                        "#/philosophers?solution=waiter&philosophers=12&meals=2&think=1&eat=1&world=threads"),
            );
            await until(page, "and the pool still works", () =>
                document.querySelector(".outcome.good"),
            );
        });

        test("a link to real threads begins them, and too many are refused", LIMIT, async (t) => {
            const link = { solution: "waiter", meals: 2, think: 1, eat: 1, world: "threads" };
            const page = await visit(t, dinner(link));
            await until(page, "it runs to its end", () => document.querySelector(".outcome.good"));
            const crowd = await visit(t, dinner({ ...link, philosophers: 13 }));
            assert.match(await crowd.$eval(".notice", (one) => one.innerText), /from 2 to 12/);
            assert.ok((await toTheEnd(crowd)).outcome, "the model takes over");
            await click(crowd, "Close");
            await toThreads(crowd);
            await until(crowd, "it is refused", () =>
                /at most 12/.test(document.querySelector(".notice")?.innerText),
            );
        });

        if (kind === "chrome") {
            test("the main thread stays free while twelve threads run", LIMIT, async (t) => {
                const values = {
                    solution: "ordered",
                    philosophers: 12,
                    meals: 60,
                    think: 20,
                    eat: 15,
                };
                const page = await visit(t, dinner(values));
                await toThreads(page);
                await until(
                    page,
                    "it runs",
                    () => Number(document.querySelector(".timeline input").max) > 20,
                );
                const seen = await frames(page, 2_000);
                t.diagnostic(`12 threads: ${JSON.stringify(seen)} (ms; ${await last(page)} steps)`);
                assert.ok(seen.n > 10, "frames come");
                const n = await last(page);
                await until(page, "it ran all the time", (n) => {
                    return Number(document.querySelector(".timeline input").max) > n;
                }, n);
                await ended(page);
            });
        }
    });

    describe(`${kind}, not isolated`, () => {
        const visit = laboratory(kind, { isolated: false });

        test(
            "the switch says what is missing, and the model works all the same",
            LIMIT,
            async (t) => {
                const page = await visit(t, dinner({ solution: "ordered", meals: 2 }), {
                    query: "?isolate=off",
                });
                assert.equal(await page.evaluate(() => crossOriginIsolated), false);
                await toThreads(page);
                await until(page, "it explains", () => document.querySelector(".explain"));
                const { text, href, target } = await page.evaluate(() => ({
                    text: document.querySelector(".explain").innerText,
                    href: document.querySelector(".explain a").href,
                    target: document.querySelector(".explain a").target,
                }));
                assert.match(text, /no shared memory/);
                assert.match(text, /Cross-Origin-Opener-Policy: same-origin/);
                assert.match(text, /Cross-Origin-Embedder-Policy: require-corp/);
                assert.equal(target, "_blank");
                assert.match(href, /solution=ordered/);
                assert.match((await toTheEnd(page)).outcome, /Everybody has eaten 2 times/);
                await click(page, "in the model");
                await until(page, "it explains no more", () => !document.querySelector(".explain"));
            },
        );

        test("a link to real threads falls back to the model and says so", LIMIT, async (t) => {
            const link = dinner({ solution: "ordered", meals: 2, world: "threads" });
            const page = await visit(t, link, { query: "?isolate=off" });
            assert.match(
                await page.$eval(".notice", (one) => one.innerText),
                /cross-origin isolated/,
            );
            assert.equal(await valueOf(page, "policy"), "random");
            assert.match((await toTheEnd(page)).outcome, /Everybody has eaten 2 times/);
        });
    });
}
