// The page that explores: everything that can come out of a lesson, and the way to each.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS, axe } from "./harness.mjs";
import { LIMIT, click, dinner, frames, laboratory, press, tooWide, until, valueOf } from "./lab.mjs";

const PHONE = { width: 390, height: 844 };

// What the pane shows.
const found = (page) =>
    page.evaluate(() => ({
        n: document.querySelector(".explore dd").innerText,
        answer: document.querySelector(".answer").innerText,
        outcomes: [...document.querySelectorAll(".explore .outcomes li > button")].map((one) => [
            one.className,
            one.querySelector(".what").innerText,
            one.querySelector(".printed")?.innerText ?? null,
            one.querySelector(".n").innerText,
        ]),
        current: document.querySelector(".explore .outcomes li > [aria-current] .what")?.innerText ?? null,
    }));

const outcomes = async (page) => (await found(page)).outcomes;

// Explores to the end.
async function explore(page, name = "Explore", answer = "^These are all") {
    await page.$$eval(
        ".explore .row button",
        (all, name) => all.find((one) => one.innerText === name).click(),
        name,
    );
    await until(
        page,
        "everything is explored",
        (answer) => new RegExp(answer).test(document.querySelector(".answer")?.innerText),
        answer,
    );
    return found(page);
}

// Chooses the outcome at this place, and waits for the run that leads to it.
async function see(page, at) {
    await page.$$eval(".explore .outcomes li > button", (all, at) => all[at].click(), at);
    await until(
        page,
        "a run with it is shown",
        (at) => {
            const all = [...document.querySelectorAll(".explore .outcomes li > button")];
            return all[at].ariaCurrent === "true" && document.querySelector(".outcome");
        },
        at,
    );
    return page.$eval(".outcome", (one) => one.innerText);
}

const isFree = async (page) => (await page.$(".free")) !== null;

for (const kind of BROWSERS) {
    describe(kind, () => {
        const visit = laboratory(kind);

        test("the lost update can go wrong, and a click shows how", LIMIT, async (t) => {
            const page = await visit(t, "#/lost-update?actors=2&rounds=1&step=0");
            await click(page, "Explore");
            const { n, outcomes: all } = await explore(page);
            assert.equal(n, "4");
            assert.deepEqual(all, [
                ["bad", "Finished wrong", "x = 1", "2 of 4"],
                ["good", "Finished", "x = 2", "2 of 4"],
            ]);
            const told = await page.$eval(".unseen[role=status]", (one) => one.textContent);
            assert.match(told, /at rest.*it can go wrong.*Executions: 4; outcomes: 2; bad: 1/);
            assert.equal(await isFree(page), false);

            const banner = await see(page, 0);
            assert.match(banner, /not as it should/);
            assert.match(banner, /Did not hold: x ends as the number of all additions/);
            assert.match(banner, /x = 1/);
            assert.equal((await found(page)).current, "Finished wrong");
            assert.ok(await isFree(page), "a note tells of the free time");

            // The link leads to the very same run.
            await until(page, "the address follows", () => /time=free/.test(location.hash));
            const other = await visit(t, await page.evaluate(() => location.hash));
            assert.equal(await other.$eval(".outcome", (one) => one.innerText), banner);
            assert.ok(await isFree(other));
            // A page behind another draws no frames.
            await page.bringToFront();

            assert.match(await see(page, 1), /x = 2/);

            // Back: the same lesson in virtual time, and what was found stays.
            await click(page, "Back to virtual time");
            await until(page, "the note is gone", () => !document.querySelector(".free"));
            assert.equal((await found(page)).current, null);
            assert.deepEqual(await outcomes(page), all);
            await until(page, "the address follows", () => !/time=free/.test(location.hash));
        });

        test("what nobody came to is shown in the source", LIMIT, async (t) => {
            const page = await visit(t, "#/lost-update?actors=2&rounds=1&tab=explore&step=0");
            await explore(page);
            const told = ".explore ul:not(.outcomes) li:last-child > button";
            const said = await page.$eval(told, (one) => one.innerText);
            const [, from, to] = /^•\s+Lines never reached with these settings: (\d+)–(\d+)$/.exec(said);
            await page.focus(told);
            await press(page, "Enter");
            await until(page, "the lines are shown", () => document.querySelector(".unreached"));
            const lines = () =>
                page.$$eval(".unreached .n", (all) => all.map((one) => Number(one.innerText)));
            assert.deepEqual([(await lines())[0], (await lines()).at(-1)], [from, to].map(Number));
            await until(page, "the listing has the focus", () => {
                const [code, line] = [".code", ".unreached"].map((it) => document.querySelector(it));
                const [outer, inner] = [code, line].map((it) => it.getBoundingClientRect());
                const isSeen = inner.top >= outer.top && inner.bottom <= outer.bottom;
                return document.activeElement === code && isSeen;
            });
            // Whoever goes on wants to see something else.
            await page.evaluate(() => document.activeElement.blur());
            await press(page, "ArrowRight");
            await until(page, "they are shown no longer", () => !document.querySelector(".unreached"));
        });

        test("the deadlock of the philosophers is on top, by keyboard", LIMIT, async (t) => {
            const values = { solution: "naive", philosophers: 3, meals: 1, tab: "explore" };
            const page = await visit(t, dinner(values));
            await page.focus(".explore .row button");
            await press(page, "Enter");
            await until(page, "it is explored", () =>
                /^These are all: it can/.test(document.querySelector(".answer")?.innerText),
            );
            assert.deepEqual(await outcomes(page), [
                ["bad", "Deadlock", null, "1 of 7"],
                ["good", "Finished", null, "6 of 7"],
            ]);
            await page.focus(".explore .outcomes li > button");
            await press(page, "Enter");
            await until(page, "it is shown", () => document.querySelector(".outcome.bad"));
            assert.match(await page.$eval(".outcome", (one) => one.innerText), /Deadlock/);
            assert.equal((await page.$$(".arrow.cycle")).length, 3, "the cycle is drawn");
            await until(page, "it is the current one", () =>
                document.querySelector(".explore .outcomes li > [aria-current]"),
            );
            const focused = () => page.evaluate(() => document.activeElement.innerText);
            assert.match(await focused(), /Deadlock/, "the focus stays");
        });

        test("another program is explored anew, another lesson when asked", LIMIT, async (t) => {
            const page = await visit(t, "#/lost-update?actors=2&rounds=1&tab=explore&step=0");
            await explore(page);
            const rounds = "input[name=rounds]";
            await page.focus(rounds);
            await page.$eval(rounds, (input) => input.select());
            await page.keyboard.type("2");
            await press(page, "Tab");
            await until(
                page,
                "it is explored with two rounds",
                () =>
                    /^These are all/.test(document.querySelector(".answer")?.innerText) &&
                    document.querySelectorAll(".explore .outcomes li").length === 3,
            );
            const printed = (await outcomes(page)).map((one) => one[2]);
            assert.deepEqual(printed, ["x = 2", "x = 3", "x = 4"]);
            assert.equal(await valueOf(page, "rounds"), "2");
            await page.evaluate(() => document.activeElement.blur());
            await press(page, "]");
            await until(page, "nothing is known of it", () => !document.querySelector(".answer"));
            assert.ok(await page.$(".explore .primary"));
        });

        test("it never blocks, is stopped, and goes on", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "ordered", meals: 3, tab: "explore" }));
            await page.click(".explore .row button");
            await until(page, "it explores", () => document.querySelector(".explore .outcomes li"));
            const seen = await frames(page, 2_000);
            t.diagnostic(`exploring: ${JSON.stringify(seen)} (ms)`);
            assert.ok(seen.n > 10, "frames come");
            const n = () =>
                page.$eval(".explore dd", (one) => Number(one.innerText.replaceAll(",", "")));
            const first = await n();
            await until(
                page,
                "the count grows",
                (first) => {
                    const now = document.querySelector(".explore dd").innerText;
                    return Number(now.replaceAll(",", "")) > first;
                },
                first,
            );
            const said = await page.$eval(".answer", (one) => one.innerText);
            assert.match(said, /^Exploring …( about [\d,]+ in all)?$/);
            // The player works beside it.
            await page.evaluate(() => document.activeElement.blur());
            await press(page, "ArrowRight", 3);
            await until(page, "the step is in the address", () => /step=3/.test(location.hash));

            await page.click(".explore .row button");
            await until(page, "it rests", () =>
                /^There are more/.test(document.querySelector(".answer").innerText),
            );
            const stopped = await n();
            await frames(page, 300);
            assert.equal(await n(), stopped, "it rests");
            await page.click(".explore .row button");
            await until(
                page,
                "it goes on",
                (stopped) => {
                    const now = document.querySelector(".explore dd").innerText;
                    return Number(now.replaceAll(",", "")) > stopped;
                },
                stopped,
            );
        });

        for (const [lang, button, answer] of [
            ["en", "Explore", "^These are all"],
            ["zh-CN", "开始探索", "^已全部探索"],
        ]) {
            test(`${lang}: no violations of accessibility, nothing cut off`, LIMIT, async (t) => {
                for (const theme of ["light", "dark"]) {
                    for (const size of [{ width: 1280, height: 720 }, PHONE]) {
                        const link = dinner({
                            solution: "naive",
                            philosophers: 3,
                            meals: 1,
                            tab: "explore",
                            lang,
                            theme,
                        });
                        const page = await visit(t, link, { size });
                        await explore(page, button, answer);
                        await see(page, 0);
                        const what = `${theme}, ${size.width}`;
                        await until(page, "nothing moves", () =>
                            document.getAnimations().every((one) => one.playState !== "running"),
                        );
                        assert.deepEqual(await axe(page), [], what);
                        assert.deepEqual(await tooWide(page), [], what);
                    }
                }
            });
        }
    });
}
