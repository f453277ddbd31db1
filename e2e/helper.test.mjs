// The page that has its executions looked at by workers, where it may share memory with them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS } from "./harness.mjs";
import { LIMIT, dinner, laboratory, until } from "./lab.mjs";

// What takes minutes to explore.
const LONG = { philosophers: 5, meals: 3, tab: "explore" };

// How many executions were looked at, how many in a second, and by how many workers.
const counts = (page) =>
    page.$$eval(".explore dd", (all) => all.map((one) => Number(one.innerText.replaceAll(",", ""))));

// How many more are looked at in this time, in which the page's thread does nothing but wait, and
// shortly after.
async function countWhileBusy(page, ms) {
    const [before] = await counts(page);
    await page.evaluate((ms) => {
        const end = performance.now() + ms;
        while (performance.now() < end);
    }, ms);
    await new Promise((passed) => setTimeout(passed, 400));
    const [after, perSecond] = await counts(page);
    return { n: after - before, perSecond };
}

// Workers are at it, and have told of executions beyond these.
const explores = (page, known = 5_000) =>
    until(
        page,
        "it explores",
        (known) => {
            const n = document.querySelector(".explore dd")?.innerText.replaceAll(",", "");
            return Number(n) > known && document.querySelectorAll(".explore dd").length === 3;
        },
        known,
    );

async function isHelped(t, page) {
    const { n, perSecond } = await countWhileBusy(page, 2_000);
    t.diagnostic(`${n} while the page was busy, ${perSecond} in a second`);
    return n > 0.7 * perSecond;
}

// Everything that comes out in the end.
async function answer(page) {
    await page.click(".explore .row button");
    await until(page, "everything is explored", () =>
        /^These are all/.test(document.querySelector(".answer")?.innerText),
    );
    return page.$$eval(".explore .outcomes li", (all) => all.map((one) => one.innerText));
}

for (const kind of BROWSERS) {
    describe(kind, () => {
        const visit = laboratory(kind);
        const visitAlone = laboratory(kind, { isolated: false });

        test("a worker explores, also while the page is busy", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "ordered", ...LONG }));
            await page.click(".explore .row button");
            await explores(page);
            assert.ok(await isHelped(t, page));
            const said = await page.$eval(".answer", (one) => one.innerText);
            // What it may be in all is said until there are more.
            assert.match(said, /^Exploring …( about [\d,]+ in all)?$/);

            // It rests, and goes on.
            await page.click(".explore .row button");
            await until(page, "it rests", () =>
                /^There are more/.test(document.querySelector(".answer").innerText),
            );
            assert.equal((await countWhileBusy(page, 500)).n, 0);
            const [rested] = await counts(page);
            await page.click(".explore .row button");
            await explores(page, rested);
            assert.ok(await isHelped(t, page));

            // It leaves what nobody wants any more, or it could not begin anything else.
            const [before] = await counts(page);
            const other = dinner({ solution: "waiter", ...LONG });
            await page.evaluate((link) => location.assign(link), other);
            await until(
                page,
                "another program is explored",
                (before) => {
                    const n = document.querySelector(".explore dd")?.innerText.replaceAll(",", "");
                    return Number(n) < before;
                },
                before,
            );
            await explores(page);
            assert.ok(await isHelped(t, page));
            await page.evaluate(() => location.assign("#/lost-update?tab=explore"));
            await until(page, "nothing is known of it", () => !document.querySelector(".answer"));
            await page.evaluate((link) => location.assign(link), other);
            await until(page, "it is back", () => document.querySelector("svg.table"));
            await page.click(".explore .row button");
            await explores(page);
            assert.ok(await isHelped(t, page));
        });

        test("there is a worker for each processor but one", LIMIT, async (t) => {
            const link = dinner({ solution: "ordered", ...LONG });
            const page = await visit(t, link, { processors: 4 });
            await page.click(".explore .row button");
            await explores(page);
            await until(page, "all have found something", () => {
                return document.querySelectorAll(".explore dd")[2]?.innerText === "3";
            });
            assert.ok(await isHelped(t, page));
            await page.click(".explore .row button");
            await until(page, "all rest", () =>
                /^There are more/.test(document.querySelector(".answer").innerText),
            );
        });

        test("the answer is the same without one", LIMIT, async (t) => {
            const few = { philosophers: 4, meals: 1, tab: "explore" };
            const link = dinner({ solution: "waiter", ...few });
            const helped = await answer(await visit(t, link));
            const alone = await visitAlone(t, link, { query: "?isolate=off" });
            assert.equal(await alone.evaluate(() => crossOriginIsolated), false);
            assert.deepEqual(await answer(alone), helped);
            const three = await visit(t, link, { processors: 4 });
            assert.deepEqual(await answer(three), helped);
            assert.match(helped.join(), /9,176 of 9,176/);
        });

        test("what several cannot be sure of is left to one", LIMIT, async (t) => {
            // Nobody is stuck before hundreds of executions were looked at.
            const link = dinner({ solution: "naive", philosophers: 4, meals: 3, tab: "explore" });
            const page = await visit(t, link, { processors: 4 });
            const all = await answer(page);
            assert.match(all.join(), /of 64,131/);
            assert.deepEqual(all, await answer(await visit(t, link)));
        });
    });
}
