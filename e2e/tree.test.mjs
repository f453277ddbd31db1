// The page that explores: which step decided, and the tree of executions.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS, axe } from "./harness.mjs";
import { LIMIT, dinner, laboratory, press, stands, tooWide, until } from "./lab.mjs";

const PHONE = { width: 390, height: 844 };
const NAIVE = { solution: "naive", philosophers: 3, meals: 1, tab: "explore" };

// Explores to the end, and counts the interleavings as well.
async function explore(page) {
    await page.click(".explore .row button");
    await until(page, "everything is explored", () =>
        document.querySelector(".explore .row [aria-disabled]"),
    );
}

// Chooses the first outcome, and waits until it is known which step decided it.
async function see(page) {
    await page.click(".explore .outcomes li > button");
    await until(page, "it is known when it was decided", () => {
        const told = document.querySelector(".fate")?.innerText ?? "";
        return /decides|决定/.test(told) && !/Looking|正在/.test(told);
    });
}

async function openTree(page) {
    await page.click(".tree > summary");
    await until(page, "the tree is drawn", () => document.querySelector("[role=treeitem]"));
}

// What the tree shows, line by line.
const items = (page) =>
    page.$$eval("[role=treeitem]", (all) =>
        all.map((one) => ({
            text: one.querySelector("[aria-hidden]").innerText.replaceAll(/\s+/g, " ").trim(),
            label: one.querySelector(".unseen").textContent,
            level: Number(one.getAttribute("aria-level")),
            open: one.getAttribute("aria-expanded"),
            here: one.getAttribute("aria-current") === "step",
            focused: one === document.activeElement,
            tabbable: one.tabIndex === 0,
        })),
    );

// Waits until the tree shows so many branches.
const count = (page, n) =>
    until(page, `${n} are seen`, (n) => document.querySelectorAll(".bough").length === n, n);

// Waits until it is known which step decided the run in the player.
const decided = (page) =>
    until(page, "the step that decides is marked", () => document.querySelector(".decisive"));

const step = (page) => page.$eval(".where", (one) => Number(/\d+/.exec(one.innerText)[0]));

for (const kind of BROWSERS) {
    describe(kind, () => {
        const visit = laboratory(kind);

        test("the step that decides is marked, told, and led to", LIMIT, async (t) => {
            const page = await visit(t, "#/lost-update?actors=2&rounds=1&tab=explore&step=0");
            await explore(page);
            const every = await page.$$eval(".every", (all) => all.map((one) => one.innerText));
            assert.deepEqual(every, ["4 of 6 interleavings", "2 of 6 interleavings"]);
            assert.equal(await page.$(".decisive"), null);
            await see(page);
            const told = await page.$eval(".fate", (one) => one.innerText);
            assert.match(told, /^Fewest preemptions: 1\.\s+Up to step 1 it could still go well;/);
            const label = await page.$eval(".decisive", (one) => one.ariaLabel);
            assert.equal(label, "Step 2 decides: after it, nothing can go well.");
            // On the axis it ends where the play head is at this step.
            await page.click(".fate button");
            await stands(page, 2);
            const ends = await page.$$eval(".decisive, .head", (all) =>
                all.map((one) => one.getBoundingClientRect().right),
            );
            assert.ok(Math.abs(ends[0] - ends[1]) < 3, `${ends}`);
            // Another way to go on from there is another run.
            await page.click("#tab-next");
            await page.click(".next li button:enabled");
            await until(page, "nothing is marked", () => !document.querySelector(".decisive"));
        });

        test("where everything goes wrong, no step decides", LIMIT, async (t) => {
            const page = await visit(t, "#/future-deadlock?variant=pair&tab=explore&step=0");
            await explore(page);
            await see(page);
            const told = await page.$eval(".fate", (one) => one.innerText);
            assert.match(told, /No single step decides/);
            assert.equal(await page.$(".decisive"), null);
        });

        test("the tree shows where executions part, and leads there", LIMIT, async (t) => {
            const page = await visit(t, "#/lost-update?actors=2&rounds=1&tab=explore&step=0");
            await explore(page);
            await openTree(page);
            const all = await items(page);
            assert.deepEqual(
                all.map(({ text, level }) => `${level} ${text}`),
                [
                    "1 −",
                    "2 0 −",
                    "3 0 1 ×2 ✓ x = 2",
                    "3 1 −",
                    "4 0 1 ✕ x = 1",
                    "4 1 0 ✕ x = 1",
                    "2 1 ×2 0 ×2 ✓ x = 2",
                ],
            );
            assert.equal(all[3].label, "Adder 1: load x; from here 2 executions, bad: 2");
            const isHere = async (at) => (await items(page)).findIndex((one) => one.here) === at;
            assert.ok(await isHere(0), "at the beginning");

            // To a place in the middle, and on from there.
            const marks = (at) => page.$$(`[role=treeitem]:nth-of-type(${at + 1}) .mark`);
            await (await marks(3))[0].click();
            await stands(page, 2);
            assert.ok(await isHere(3));
            await decided(page);
            await page.evaluate(() => document.activeElement.blur());
            await press(page, "ArrowRight");
            assert.equal(await step(page), 3);
            assert.ok(await isHere(4), "on the way to its end");
            const turns = await page.$$eval(".bough .at", (all) => all.map((one) => one.innerText));
            assert.deepEqual(turns, ["0"], "after the first of its turns");

            // Closed, it says how many there are; what was in it is marked where it grows from.
            await (await page.$$(".fold"))[1].click();
            await count(page, 3);
            assert.equal((await items(page))[1].text, "0 + 3 ✕ 2");
            assert.ok(await isHere(1));
            await (await marks(2))[0].click();
            await until(page, "it is elsewhere", () => !document.querySelector(".decisive"));
            assert.deepEqual([await step(page), await isHere(2)], [2, true]);
        });

        test("a run that is not in the tree is followed as far as it is", LIMIT, async (t) => {
            const page = await visit(t, dinner(NAIVE));
            await explore(page);
            await openTree(page);
            assert.equal(await page.$(".bough.left"), null);
            // The simplest way to a deadlock takes its turns in another order.
            await see(page);
            await until(page, "it is marked", () => document.querySelector(".bough.left"));
            assert.equal((await items(page)).some((one) => one.here), false);
            const said = await page.$$eval(".tree .summary", (all) => all.at(-1).innerText);
            assert.match(said, /^From the dashed place on/);
        });

        test("the tree scrolls to where the player is", LIMIT, async (t) => {
            const page = await visit(t, "#/lost-update?actors=3&rounds=2&tab=explore&step=0");
            await explore(page);
            await openTree(page);
            const isSeen = (page) =>
                until(page, "the place is in view", () => {
                    const [box, at] = [".boughs", ".bough .at"].map((it) =>
                        document.querySelector(it)?.getBoundingClientRect(),
                    );
                    if (!at) return false;
                    const isWithin = (from, to) => at[from] >= box[from] && at[to] <= box[to];
                    return isWithin("top", "bottom") && isWithin("left", "right");
                });
            await isSeen(page);
            // To an end that is out of view, and back to the beginning.
            await page.$$eval("[role=treeitem]", (all) => all.at(-1).click());
            await isSeen(page);
            const down = await page.$eval(".boughs", (one) => one.scrollTop);
            assert.ok(down > 0);
            const before = await page.evaluate(() => scrollY);
            await page.click("button[aria-label='To the start']");
            await isSeen(page);
            assert.equal(await page.evaluate(() => scrollY), before, "the page stays");
            // Closed and opened again it shows the place at once.
            await page.click(".tree > summary");
            await until(page, "nothing is drawn", () => !document.querySelector(".boughs"));
            await openTree(page);
            await isSeen(page);
        });

        test("the tree by keyboard", LIMIT, async (t) => {
            const page = await visit(t, dinner(NAIVE));
            await explore(page);
            await openTree(page);
            const before = await items(page);
            assert.equal(before.filter((one) => one.tabbable).length, 1, "one stop for tab");
            await page.focus("[role=treeitem][tabindex='0']");
            const focused = async () => (await items(page)).findIndex((one) => one.focused);
            assert.equal(await focused(), 0);
            await press(page, "ArrowDown");
            assert.equal(await focused(), 1);
            await press(page, "ArrowUp");
            assert.equal(await focused(), 0);
            await press(page, "ArrowLeft");
            await count(page, 1);
            await press(page, "ArrowRight");
            await count(page, before.length);
            await press(page, "ArrowRight");
            assert.equal(await focused(), 1);
            // An open branch is closed first.
            await press(page, "ArrowLeft", 2);
            assert.equal(await focused(), 0, "to the parent");
            await press(page, "ArrowDown");
            await press(page, "ArrowRight");
            assert.deepEqual((await items(page)).length, before.length, "all is open again");
            await press(page, "End");
            assert.equal(await focused(), before.length - 1);
            await press(page, "Home");
            assert.equal(await focused(), 0);
            assert.equal(await step(page), 0, "the player stays where it is");

            // To a deadlock, and one step back: the run is that of the branch.
            const bad = before.findIndex((one) => /Deadlock/.test(one.label));
            await press(page, "ArrowDown", bad);
            await press(page, "Enter");
            await until(page, "it is there", () => document.querySelector(".outcome.bad"));
            const end = await step(page);
            await decided(page);
            assert.equal(await focused(), bad, "the focus stays");
            assert.ok((await items(page))[bad].here);
            await press(page, "ArrowUp");
            await press(page, " ");
            await until(page, "it is elsewhere", () => !document.querySelector(".outcome.bad"));
            assert.ok((await items(page))[bad - 1].here);
            assert.ok((await step(page)) !== end);
        });

        for (const lang of ["en", "zh-CN"]) {
            test(`${lang}: no violations of accessibility, nothing cut off`, LIMIT, async (t) => {
                for (const theme of ["light", "dark"]) {
                    for (const size of [{ width: 1280, height: 720 }, PHONE]) {
                        const page = await visit(t, dinner({ ...NAIVE, lang, theme }), { size });
                        await explore(page);
                        await see(page);
                        await openTree(page);
                        const what = `${theme}, ${size.width}`;
                        assert.deepEqual(await axe(page), [], what);
                        assert.deepEqual(await tooWide(page), [], what);
                    }
                }
            });
        }
    });
}
