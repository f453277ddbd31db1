// The page for everybody: keys, screen readers, languages, themes, small screens, fast runs.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS, axe, launch, open, serve } from "./harness.mjs";
import {
    LIMIT,
    at,
    click,
    dinner,
    frames,
    laboratory,
    last,
    look,
    press,
    toTheEnd,
    until,
    valueOf,
} from "./lab.mjs";

const PHONE = { width: 390, height: 844 };

// Dinners that show every state there is: hungry, waiting and eating ones, and a deadlock.
const MIDDLE = { solution: "ordered", step: 13 };
const DEADLOCK = { solution: "naive", policy: "round-robin", think: 0, eat: 0, meals: 1, step: 99 };

// Colours that still glide from one to another are not the ones to judge.
const atRest = (page) =>
    until(page, "nothing moves", () =>
        document.getAnimations().every((one) => one.playState !== "running"),
    );

async function clean(page, what) {
    await atRest(page);
    assert.deepEqual(await axe(page), [], what);
}

for (const kind of BROWSERS) {
    describe(kind, () => {
        const visit = laboratory(kind);

        test("the player is worked by keys", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "ordered", meals: 20, speed: 15 }));
            const end = await last(page);
            await press(page, "ArrowRight", 3);
            const third = await at(page, 3);
            await press(page, "ArrowLeft");
            await at(page, 2);
            await press(page, "End");
            await at(page, end);
            await press(page, "Home");
            await at(page, 0);
            await press(page, " ");
            await until(
                page,
                "it plays",
                () => document.querySelector(".timeline input").value > 2,
            );
            await press(page, " ");
            await until(page, "it pauses", () => document.querySelector("button[aria-label=Play]"));

            const speed = () => page.$eval(".speed output", (one) => one.innerText);
            assert.equal(await speed(), "15 steps/s");
            for (const [key, shown] of [
                ["+", "30"],
                ["=", "60"],
                ["-", "30"],
                ["-", "15"],
                ["-", "8"],
            ]) {
                await press(page, key);
                await until(
                    page,
                    `'${key}' makes it ${shown}`,
                    (shown) => {
                        return (
                            document.querySelector(".speed output").innerText === `${shown} steps/s`
                        );
                    },
                    shown,
                );
            }
            await press(page, "r");
            await at(page, 0);
            await press(page, "ArrowRight", 3);
            assert.deepEqual(await at(page, 3), third, "the same run again");
        });

        test("keys typed into a field stay there", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "ordered", step: 5 }));
            const before = await look(page);
            await page.focus("input[name=seed]");
            // The number is long on purpose: a page that is drawn anew must not take a digit away.
            await page.$eval("input[name=seed]", (input) => input.select());
            await page.keyboard.type("9071");
            for (const key of ["ArrowLeft", "Home", "End", "r", "?", "+", " "])
                await press(page, key);
            assert.match(await valueOf(page, "seed"), /^$|9071/);
            assert.deepEqual(await look(page), before);
            assert.equal(await page.$("dialog[open]"), null);
            assert.equal(await page.$eval(".speed output", (one) => one.innerText), "8 steps/s");

            // While it plays as well.
            await page.evaluate(() => document.activeElement.blur());
            await until(page, "the run is known", () => !document.querySelector(".growing"));
            await press(page, "-", 3);
            await click(page, "Play");
            await until(page, "it plays", () => document.querySelector("button[aria-label=Pause]"));
            await page.focus("input[name=meals]");
            await page.$eval("input[name=meals]", (input) => input.select());
            await page.keyboard.type("1");
            const step = (await look(page)).step;
            await until(
                page,
                "it plays on",
                (step) => {
                    return document.querySelector(".timeline input").value > step;
                },
                step,
            );
            await page.keyboard.type("7");
            assert.equal(await valueOf(page, "meals"), "17");
            await press(page, "Tab");
            await until(page, "the longer dinner is there", () => {
                return (
                    document.querySelector("input[name=meals]").value === "17" &&
                    Number(document.querySelector(".timeline input").max) > 200
                );
            });
        });

        test("Tab reaches every control, and each says what it is", LIMIT, async (t) => {
            const page = await visit(t, dinner({ ...MIDDLE, tab: "actions" }));
            const all = await page.evaluate(() => {
                const wanted = "a[href], button:enabled, input, select, [tabindex='0']";
                const seen = [...document.querySelectorAll(wanted)].filter((one) =>
                    one.checkVisibility(),
                );
                for (const [idx, one] of seen.entries()) one.dataset.idx = idx;
                return seen.map((one) => one.outerHTML.slice(0, 90));
            });
            assert.ok(all.length > 20);
            const reached = new Set();
            for (let n = 0; n < all.length + 12 && reached.size < all.length; n += 1) {
                await press(page, "Tab");
                const idx = await page.evaluate(() => document.activeElement?.dataset.idx);
                if (idx !== undefined) reached.add(Number(idx));
            }
            assert.deepEqual(
                all.filter((_, idx) => !reached.has(idx)),
                [],
            );

            await page.focus("a.skip");
            await press(page, "Enter");
            await until(
                page,
                "the player is reached at once",
                () => document.activeElement.id === "player",
            );
        });

        test("the skip link leads to the player and loses nothing", LIMIT, async (t) => {
            const page = await visit(t, dinner({ ...MIDDLE, meals: 4 }));
            const before = await look(page);
            await page.focus("a.skip");
            await press(page, "Enter");
            await until(page, "the player has the focus", () => document.activeElement.id === "player");
            // The address is the link to the moment: another one would open another dinner.
            assert.match(await page.evaluate(() => location.hash), /^#\/philosophers/);
            assert.deepEqual(await look(page), before);
            assert.equal(await page.$eval("input[name=meals]", (field) => field.value), "4");
        });

        test(
            "the help opens, keeps the keys to itself, and gives the focus back",
            LIMIT,
            async (t) => {
                const page = await visit(t, dinner({ ...MIDDLE }));
                const opens = () =>
                    until(page, "the help is open", () => document.querySelector("dialog[open]"));
                const closes = () =>
                    until(
                        page,
                        "the help is closed",
                        () => !document.querySelector("dialog[open]"),
                    );
                await page.focus("nav button");
                await press(page, "?");
                await opens();
                const inside = () =>
                    document.querySelector("dialog[open]").contains(document.activeElement);
                await until(page, "the focus is inside", inside);
                // The page behind is at rest.
                for (const key of ["ArrowRight", "Home", "r"]) await press(page, key);
                await press(page, "Escape");
                await closes();
                await until(page, "the focus is back", () =>
                    document.activeElement.matches("nav button"),
                );
                assert.equal((await look(page)).step, MIDDLE.step);

                await click(page, "Help");
                await opens();
                await (await page.$("dialog[open] button")).click();
                await closes();
                await press(page, "?");
                await opens();
                await press(page, "Escape");
                await closes();
            },
        );

        test("axe finds nothing in light English", LIMIT, async (t) => {
            const page = await visit(t, dinner({ solution: "ordered", theme: "light" }));
            await clean(page, "the start");
            await press(page, "ArrowRight", MIDDLE.step);
            await at(page, MIDDLE.step);
            await clean(page, "in the middle");
            await click(page, "Counts");
            await clean(page, "counts");
            await click(page, "Actions");
            await clean(page, "actions");
            await toTheEnd(page);
            await clean(page, "a good end");
            await press(page, "?");
            await until(page, "the help is open", () => document.querySelector("dialog[open]"));
            await clean(page, "help");
            await clean(await visit(t, dinner({ ...DEADLOCK, theme: "light" })), "deadlock");
        });

        test("axe finds nothing in dark Chinese", LIMIT, async (t) => {
            const look = { theme: "dark", lang: "zh-CN" };
            for (const tab of ["next", "counts", "actions"]) {
                const page = await visit(t, dinner({ ...MIDDLE, ...look, tab }));
                await clean(page, tab);
            }
            const page = await visit(t, dinner({ ...DEADLOCK, ...look, think: "x" }));
            assert.match((await toTheEnd(page)).outcome ?? "", /./);
            await clean(page, "an end, and a notice");
            await press(page, "?");
            await until(page, "the help is open", () => document.querySelector("dialog[open]"));
            await clean(page, "help");
            await clean(await visit(t, dinner({ ...DEADLOCK, ...look })), "deadlock");
        });

        test("axe finds nothing at the other corners", LIMIT, async (t) => {
            for (const look of [
                { theme: "dark", lang: "en" },
                { theme: "light", lang: "zh-CN" },
            ]) {
                await clean(await visit(t, dinner({ ...MIDDLE, ...look })), JSON.stringify(look));
            }
            const crowd = { solution: "chandy-misra", philosophers: 100, meals: 2, step: 900 };
            await clean(await visit(t, dinner(crowd)), "a hundred philosophers");
        });

        test("nothing scrolls sideways on a phone, and axe finds nothing", LIMIT, async (t) => {
            const wide = () => document.scrollingElement.scrollWidth - innerWidth;
            for (const [what, values] of Object.entries({
                start: {},
                crowd: { philosophers: 100, meals: 2, tab: "counts" },
                deadlock: { ...DEADLOCK, theme: "dark" },
                Chinese: { ...MIDDLE, lang: "zh-CN", tab: "actions" },
                notice: { solution: "hope" },
            })) {
                const page = await visit(t, dinner(values), { size: PHONE });
                assert.ok(
                    (await page.evaluate(wide)) <= 0,
                    `${what}: ${await page.evaluate(wide)} px`,
                );
                if (what !== "crowd") await clean(page, what);
            }
            const page = await visit(t, "", { size: { width: 320, height: 640 } });
            assert.ok(
                (await page.evaluate(wide)) <= 0,
                `the smallest: ${await page.evaluate(wide)} px`,
            );
        });

        test("no tab and no picture is cut at its side", LIMIT, async (t) => {
            for (const size of [{ width: 1280, height: 720 }, { width: 1181, height: 600 }, PHONE]) {
                for (const lang of ["en", "zh-CN"]) {
                    for (const lesson of ["philosophers", "thread-pool", "worker-queue"]) {
                        const page = await visit(t, `#/${lesson}?step=30&lang=${lang}`, { size });
                        const what = `${lesson} in ${lang} at ${size.width} px shows all of it`;
                        await until(page, what, () =>
                            [...document.querySelectorAll(".tabs, .picture")].every(
                                (one) => one.scrollWidth <= one.clientWidth,
                            ),
                        );
                    }
                }
            }
        });

        test("who and what it is can be read in full, however many there are", LIMIT, async (t) => {
            for (const size of [{ width: 1280, height: 720 }, PHONE]) {
                for (const link of [
                    "#/thread-pool?workers=8&tasks=8&step=30",
                    "#/thread-pool?workers=8&tasks=8&step=30&lang=zh-CN",
                    "#/worker-queue?workers=11&step=30",
                    "#/event?actors=40&step=80",
                ]) {
                    const page = await visit(t, link, { size });
                    const cut = await page.$$eval(".actor b, .object .top", (all) =>
                        all
                            .filter((one) => {
                                const its = one.getBoundingClientRect();
                                const house = one.closest(".actor, .object").getBoundingClientRect();
                                return one.scrollWidth > one.clientWidth || its.right > house.right;
                            })
                            .map((one) => one.innerText),
                    );
                    assert.deepEqual(cut, [], `${link} at ${size.width} px`);
                }
            }
        });

        test("the player stays in view below a picture that is higher than the window", LIMIT, async (t) => {
            const page = await visit(t, "#/semaphore?step=30", { size: PHONE });
            // Where the picture and the player end, and the window.
            const ends = () =>
                ["picture", "transport"]
                    .map((one) => document.querySelector(`.${one}`).getBoundingClientRect().bottom)
                    .concat(innerHeight);
            await until(page, "the player, and more of the picture below", `() => {
                const [picture, player, window] = (${ends})();
                return player <= window && picture > window;
            }`);
            await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
            const [picture, player] = await page.evaluate(ends);
            assert.ok(player > picture, "below, it is in its place again");
        });

        test("themes and languages are switched, and the page is the same", LIMIT, async (t) => {
            const page = await visit(t, dinner({ ...MIDDLE }));
            const ground = () =>
                page.evaluate(() => getComputedStyle(document.body).backgroundColor);
            const theme = () => page.$eval("html", (root) => root.dataset.theme);
            const seen = {};
            for (const wanted of ["system", "light", "dark", "system"]) {
                assert.equal(await theme(), wanted);
                await atRest(page);
                seen[wanted] = await ground();
                const label = await page.$eval("nav button.icon", (one) => one.ariaLabel);
                await click(page, label);
                await until(
                    page,
                    "the next theme",
                    (was) => document.documentElement.dataset.theme !== was,
                    wanted,
                );
            }
            assert.notEqual(seen.light, seen.dark);
            assert.equal(seen.system, seen.light);

            const before = await look(page);
            await click(page, "中文");
            await until(page, "it is Chinese", () => document.documentElement.lang === "zh-CN");
            const chinese = await look(page);
            assert.equal(chinese.step, before.step);
            assert.match(chinese.narration, /哲学家/);
            await click(page, "English");
            await until(page, "it is English", () => document.documentElement.lang === "en");
            assert.deepEqual(await look(page), before);
        });

        test("forks glide, unless the reader wants no motion", LIMIT, async (t) => {
            const page = await visit(t, dinner({ ...MIDDLE }));
            const durations = (page) =>
                page.evaluate(() => {
                    const all = [...document.querySelectorAll("*")];
                    return [...new Set(all.map((one) => getComputedStyle(one).transitionDuration))];
                });
            assert.ok((await durations(page)).some((text) => parseFloat(text) > 0));

            // And with everything else a reader may ask for through the browser.
            const browser = await launch(t, kind, {
                lang: "zh-CN",
                theme: "dark",
                reducedMotion: true,
            });
            const still = await open(browser, (await serve(t)) + dinner({ ...MIDDLE }));
            await until(still, "the page is there", () => document.querySelector(".where"));
            assert.deepEqual(await durations(still), ["0s"]);
            const { lang, heading, ground } = await still.evaluate(() => ({
                lang: document.documentElement.lang,
                heading: document.querySelector("h1").innerText,
                ground: getComputedStyle(document.body).backgroundColor,
            }));
            assert.deepEqual([lang, heading], ["zh-CN", "哲学家就餐问题"]);
            const brightness = Math.max(
                ...ground
                    .match(/[\d.]+/g)
                    .slice(0, 3)
                    .map(Number),
            );
            assert.ok(brightness < 60, `dark as the system: ${ground}`);
            await click(still, "English");
            await until(still, "it is English", () => document.documentElement.lang === "en");
            assert.deepEqual(still.errors, []);
        });

        if (kind === "chrome") {
            test(
                "the page stays smooth with a hundred philosophers at full speed",
                LIMIT,
                async (t) => {
                    for (const tab of ["next", "counts", "actions"]) {
                        const values = {
                            solution: "ordered",
                            philosophers: 100,
                            meals: 60,
                            speed: 4000,
                            tab,
                        };
                        const page = await visit(t, dinner(values));
                        await press(page, " ");
                        await until(
                            page,
                            "it plays",
                            () => document.querySelector(".timeline input").value > 100,
                        );
                        const seen = await frames(page, 2_000);
                        const { step } = await look(page);
                        t.diagnostic(
                            `100 philosophers, ${tab}: ${JSON.stringify(seen)} (ms; step ${step})`,
                        );
                        assert.ok(seen.n > 10, "frames come");
                    }
                },
            );
        }
    });
}
