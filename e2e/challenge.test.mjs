// The challenge: a lesson is made to break, and mended; and what a link to it shows and hides.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS, axe } from "./harness.mjs";
import {
    LIMIT,
    click,
    copy,
    keepWhatLeaves,
    laboratory,
    press,
    stands,
    tooWide,
    until,
} from "./lab.mjs";

const PHONE = { width: 390, height: 844 };
const UPDATE = "#/lost-update?challenge=break";

// What the pane shows.
const shown = (page) =>
    page.evaluate(() => {
        const text = (selector) => document.querySelector(selector)?.innerText ?? null;
        return {
            goal: text(".challenge .goal"),
            verdict: text(".challenge .verdict p"),
            told: document.querySelector(".unseen[role=status]").textContent,
            numbers: [...document.querySelectorAll(".challenge dd")].map((one) => one.innerText),
            hints: document.querySelectorAll(".challenge details").length,
            ways: /It can fail like this/.test(text(".challenge")),
            tabs: [...document.querySelectorAll("[role=tab]")].map((one) => one.innerText),
        };
    });

const isCounted = (page) =>
    until(page, "the par is known", () =>
        /^\d+$/.test(document.querySelectorAll(".challenge dd")[1]?.innerText),
    );

const isSolved = (page) =>
    until(page, "it is solved", () => document.querySelector(".challenge .verdict.good"));

// Lets these go, one after the other.
async function go(page, names, step = 0) {
    for (const [idx, name] of names.entries()) {
        await click(page, `Go, ${name}`);
        await stands(page, step + idx + 1);
    }
}

async function choose(page, variant) {
    await page.select("select[name=mend]", variant);
    await until(page, "nothing is known", () => !document.querySelector(".challenge .verdict"));
    await click(page, "Check");
    await until(page, "it is known", () => document.querySelector(".challenge .verdict"));
    return shown(page);
}

for (const kind of BROWSERS) {
    describe(kind, () => {
        const visit = laboratory(kind);

        test("one breaks it step by step, and the link proves it", LIMIT, async (t) => {
            const page = await visit(t, "#/lost-update?tab=challenge");
            await keepWhatLeaves(page);
            await click(page, "Make it break");
            await isCounted(page);
            const begun = await shown(page);
            assert.match(begun.goal, /does not hold: x ends as the number of all additions/);
            assert.deepEqual(begun.numbers, ["0", "4"]);
            assert.ok(begun.ways && begun.hints === 2 && begun.told === "", JSON.stringify(begun));

            // One after the other, and it goes well; then back, and otherwise.
            const [one, other] = ["adder 0", "adder 1"];
            await go(page, [one, one, other, other]);
            assert.match((await shown(page)).verdict, /It went well/);
            await page.evaluate(() => document.activeElement.blur());
            await press(page, "ArrowLeft", 3);
            await stands(page, 1);
            await go(page, [other, one, other], 1);
            await isSolved(page);
            const solved = await shown(page);
            assert.match(solved.verdict, /Solved, with as few steps as there can be: 4/);
            assert.match(solved.told, /Solved, with as few steps/);
            assert.match(await page.$eval(".outcome", (one) => one.innerText), /x = 1/);

            const link = new URL(await copy(page, "Copy the link that proves it")).hash;
            const proof = await visit(t, link);
            await isSolved(proof);
            await isCounted(proof);
            assert.deepEqual(await shown(proof), solved);

            // A link that only says so proves nothing.
            const empty = await visit(t, link.replace(/&picks=[^&]*/, ""));
            await isCounted(empty);
            assert.equal((await shown(empty)).verdict, null);
        });

        test("philosophers who think in free time can be chosen, by keyboard", LIMIT, async (t) => {
            const page = await visit(t, "#/philosophers?challenge=break");
            const rows = ".challenge .next li button";
            for (const [step, who] of [0, 0, 1, 1, 2, 2].entries()) {
                const all = await page.$$(rows);
                await all[who].focus();
                await press(page, "Enter");
                await stands(page, step + 1);
            }
            await isSolved(page);
            assert.match(await page.$eval(".outcome", (one) => one.innerText), /Deadlock/);
            await click(page, "Start over");
            await stands(page, 0);
            await until(page, "it is begun anew", () => !document.querySelector(".outcome"));
        });

        test("what mends it is proved, and what does not can be watched", LIMIT, async (t) => {
            const page = await visit(t, "#/bank-transfer?tab=challenge");
            await keepWhatLeaves(page);
            await click(page, "Mend it");
            await until(page, "it is begun", () => document.querySelector("select[name=mend]"));
            const naive = await choose(page, "naive");
            assert.match(naive.verdict, /It still fails: Deadlock/);
            assert.match(naive.told, /It still fails: Deadlock/);
            await click(page, "Watch how");
            await until(page, "it is shown", () => document.querySelector(".outcome.bad"));
            assert.match(await page.$eval(".outcome", (one) => one.innerText), /Deadlock/);
            assert.match((await shown(page)).verdict, /It still fails/);

            const mended = await choose(page, "ordered");
            assert.match(mended.verdict, /Mended: 2 of 2 executions end well/);
            const link = new URL(await copy(page, "Copy the link that proves it")).hash;
            const proof = await visit(t, link);
            await isSolved(proof);
            assert.equal((await shown(proof)).verdict, mended.verdict, "it is checked anew");
            await page.bringToFront();

            // What is still broken is found broken, whatever a link says.
            const broken = await visit(t, link.replace("variant=ordered", "variant=naive"));
            await until(broken, "it is checked", () =>
                document.querySelector(".challenge .verdict.bad"),
            );
        });

        test("a teacher's link hides what gives the solution away", LIMIT, async (t) => {
            const page = await visit(t, UPDATE);
            await keepWhatLeaves(page);
            const link = new URL(await copy(page, "Copy teacher's link")).hash;
            const lesson = await visit(t, link);
            await isCounted(lesson);
            const hidden = await shown(lesson);
            assert.ok(!hidden.tabs.includes("Explore"), JSON.stringify(hidden));
            assert.ok(hidden.hints === 0 && !hidden.ways, JSON.stringify(hidden));
            await go(lesson, ["adder 0", "adder 1", "adder 0", "adder 1"]);
            await isSolved(lesson);
            const solved = await shown(lesson);
            assert.ok(solved.tabs.includes("Explore"), JSON.stringify(solved));
            assert.ok(solved.hints === 2 && solved.ways, JSON.stringify(solved));

            // The pane that is hidden cannot be asked for either.
            const asked = await visit(t, "#/lost-update?hints=none&tab=explore");
            assert.equal(await asked.$(".explore"), null);
            assert.ok(await asked.$(".challenge"));
        });

        test("what a link has wrong is told", LIMIT, async (t) => {
            const page = await visit(t, "#/lost-update?challenge=win&hints=all");
            const notice = await page.$eval(".notice", (one) => one.innerText);
            assert.match(notice, /challenge must be one of break, mend, not 'win'/);
            assert.match(notice, /hints must be one of none, some, not 'all'/);
        });

        test("the gallery tells which lessons have one", LIMIT, async (t) => {
            const page = await visit(t, "#/lock");
            assert.equal(await page.$("#tab-challenge"), null, "it cannot fail");
            await click(page, "Lessons");
            await until(page, "it is open", () => document.querySelector(".gallery[open] .card"));
            const has = (id) => page.$(`.card[href='#/${id}'] .badge`);
            assert.equal(await has("lock"), null);
            const badge = await has("lost-update");
            assert.equal(await badge.evaluate((one) => one.innerText), "Challenge");
        });

        for (const lang of ["en", "zh-CN"]) {
            test(`${lang}: no violations of accessibility, nothing cut off`, LIMIT, async (t) => {
                const links = [
                    "#/philosophers?challenge=break",
                    `${UPDATE}&picks=0.0-1.1-2.0-3.1&time=free&policy=person&step=4`,
                    "#/bank-transfer?challenge=mend&variant=ordered&time=free",
                    "#/bank-transfer?challenge=mend&variant=naive&time=free",
                    "#/lost-update?tab=challenge&hints=none",
                ];
                for (const theme of ["light", "dark"]) {
                    for (const size of [{ width: 1280, height: 720 }, PHONE]) {
                        for (const link of links) {
                            const page = await visit(t, `${link}&theme=${theme}&lang=${lang}`, { size });
                            await until(page, "it is settled", () => {
                                const settled = ".challenge .verdict, .challenge > .summary";
                                const [, par] = document.querySelectorAll(".challenge dd");
                                return /^\d/.test(par?.innerText) || document.querySelector(settled);
                            });
                            const what = `${link}, ${theme}, ${size.width}`;
                            assert.deepEqual(await axe(page), [], what);
                            assert.deepEqual(await tooWide(page), [], what);
                        }
                    }
                }
            });
        }
    });
}
