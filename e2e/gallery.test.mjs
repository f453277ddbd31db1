// All lessons and their sources: search, keys, the browser's history, links, who is at which line.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS, axe, launch, open, serve } from "./harness.mjs";
import {
    LIMIT,
    click,
    copy,
    fill,
    keepWhatLeaves,
    laboratory,
    press,
    stands,
    until,
    valueOf,
} from "./lab.mjs";

const PHONE = { width: 390, height: 844 };
const UPDATE = "#/lost-update?actors=3&rounds=2&tab=source";

const heading = (page) => page.$eval("h1", (one) => one.innerText);

const opens = (page) =>
    until(page, "the gallery is open, and its field has the focus", () => {
        return document.activeElement?.matches("dialog[open].gallery input");
    });

const closes = (page) =>
    until(page, "the gallery is closed", () => !document.querySelector("dialog[open]"));

const isOn = (page, title) =>
    until(page, `it is on '${title}'`, (title) => document.querySelector("h1").innerText === title, title);

const cards = (page) => page.$$eval(".gallery .card strong", (all) => all.map((one) => one.innerText));

const clean = async (page, what) => {
    await until(page, "nothing moves", () =>
        document.getAnimations().every((one) => one.playState !== "running"),
    );
    assert.deepEqual(await axe(page), [], what);
};

// The listing as one sees it: who is at which line, which line is next, which was just done.
async function source(page) {
    await until(page, "the listing is there", () => document.querySelector(".code li"));
    return page.evaluate(() => {
        const code = (one) => one?.querySelector("code").textContent.trim() ?? null;
        const at = {};
        for (const pin of document.querySelectorAll(".code .pin")) {
            at[pin.textContent + (pin.classList.contains("was") ? " was" : "")] = code(
                pin.closest("li"),
            );
        }
        const rows = document.querySelectorAll(".code .next-line");
        return {
            at,
            n: rows.length,
            next: code(rows[0]),
            took: code(document.querySelector(".code .took-line")),
        };
    });
}

for (const kind of BROWSERS) {
    describe(kind, () => {
        const visit = laboratory(kind);

        test("a lesson is found and opened by keyboard alone", LIMIT, async (t) => {
            const page = await visit(t, "#/philosophers?speed=30&theme=dark&step=5&picks=3.1");
            await press(page, "/");
            await opens(page);
            const all = await cards(page);
            assert.equal(all[0], "The dining philosophers");
            assert.ok(all.length > 1);
            await until(page, "every lesson has its picture", () =>
                [...document.querySelectorAll(".card svg")].every((one) => one.innerHTML.length > 40),
            );

            // By a word of the other language, and a key that is another's elsewhere.
            await page.keyboard.type("丢失的更新");
            await until(page, "it is found first", () => {
                return document.querySelector(".card strong").innerText === "The lost update";
            });
            const found = await cards(page);
            assert.ok(found.length < all.length);
            const told = await page.$eval(".gallery output", (one) => one.innerText);
            assert.equal(told, `${found.length} found`);
            await press(page, "Enter");
            await isOn(page, "The lost update");
            await closes(page);
            const kept = await page.evaluate(() => [
                document.querySelector(".speed output").innerText,
                document.documentElement.dataset.theme,
                document.querySelector(".timeline input").value,
                document.querySelector(".picked"),
            ]);
            assert.deepEqual(kept, ["30 steps/s", "dark", "0", null]);

            // Arrows: from the field to the first card, along, and back.
            await press(page, "g");
            await opens(page);
            assert.deepEqual(await cards(page), all, "the old words are gone");
            const focused = () =>
                page.evaluate(() => document.activeElement.querySelector("strong")?.innerText);
            await press(page, "ArrowDown");
            assert.equal(await focused(), all[0]);
            await press(page, "ArrowRight");
            assert.equal(await focused(), all[1]);
            await press(page, "ArrowLeft");
            assert.equal(await focused(), all[0]);
            await press(page, "End");
            assert.equal(await focused(), all.at(-1));
            await press(page, "/");
            await opens(page);
            await press(page, "ArrowDown");
            await press(page, "Enter");
            await isOn(page, all[0]);
            await closes(page);

            // What nothing says is told; Escape leaves everything as it was.
            await press(page, "g");
            await opens(page);
            await page.keyboard.type("zebra");
            await until(page, "none is found", () => /No lesson/.test(document.querySelector(".families").innerText));
            await press(page, "Enter");
            await press(page, "Escape");
            await closes(page);
            assert.equal(await heading(page), all[0]);
        });

        test("one goes from lesson to lesson, and the browser goes back", LIMIT, async (t) => {
            const page = await visit(t, "#/philosophers?meals=7&step=9&speed=60");
            const label = await page.$$eval(".bar .lesson button.icon", (all) =>
                all.map((one) => [one.ariaLabel, one.disabled]),
            );
            assert.equal(label[0][1], true, "there is none before the first");
            assert.match(label[1][0], /^Next lesson: ./);
            await press(page, "]");
            const second = label[1][0].replace("Next lesson: ", "");
            await isOn(page, second);
            await stands(page, 0);
            await page.goBack();
            await isOn(page, "The dining philosophers");
            await stands(page, 9);
            assert.equal(await valueOf(page, "meals"), "7");
            await page.goForward();
            await isOn(page, second);
            await press(page, "[");
            await isOn(page, "The dining philosophers");
            assert.equal(await valueOf(page, "meals"), "3", "as it comes");

            // A lesson's name alone is a link, in an open page as well. On the way back the page stays
            // in the language that one reads by now.
            await page.evaluate(() => void (location.hash = "#lost-update"));
            await isOn(page, "The lost update");
            await click(page, "中文");
            await isOn(page, "丢失的更新");
            await page.goBack();
            await isOn(page, "哲学家就餐问题");
            await page.goForward();
            await isOn(page, "丢失的更新");
            assert.equal(await page.$(".notice"), null);
        });

        test("any lesson's fields take what is in range and refuse the rest", LIMIT, async (t) => {
            const page = await visit(t, "#lost-update");
            assert.equal(await heading(page), "The lost update");
            await fill(page, "actors", "9");
            await until(page, "it is refused", () => /Actors: From 2 to 8/.test(document.querySelector(".notice")?.innerText));
            assert.equal(await valueOf(page, "actors"), "2");
            await fill(page, "rounds", "3");
            await until(page, "more to do", () => document.querySelector(".timeline input").max === "12");
            const broken = await visit(t, "#/lost-update?actors=9&tab=counts");
            assert.match(await broken.$eval(".notice", (one) => one.innerText), /actors must be .* from 2 to 8/);
        });

        test("the source follows the play head, forth and back", LIMIT, async (t) => {
            const page = await visit(t, UPDATE);
            const forth = [];
            for (let n = 0; n <= 6; n += 1) {
                await stands(page, n);
                forth.push(await source(page));
                await press(page, "ArrowRight");
            }
            const load = "let seen = x.load(w).await;";
            const store = "x.store(w, seen + 1).await;";
            assert.deepEqual(forth[0], { at: { 0: load, 1: load, 2: load }, n: 0, next: null, took: null });
            for (const { at, n, next, took } of forth.slice(1)) {
                const [who] = Object.keys(at).filter((key) => key.endsWith("was"));
                assert.ok([load, store].includes(took));
                assert.equal(at[who], took);
                assert.equal(next, at[who.replace(" was", "")] ?? null);
                assert.equal(n, next === null ? 0 : 1);
            }
            for (let n = 6; n >= 0; n -= 1) {
                await press(page, "ArrowLeft");
                await stands(page, n);
                assert.deepEqual(await source(page), forth[n], `step ${n}`);
            }

            // In Python it is the same, line by line, with the parameters in it.
            await click(page, "Python");
            await until(page, "it is Python", () => /^def add/m.test(document.querySelector(".code")?.innerText));
            const text = await page.$eval(".code", (one) => one.innerText);
            assert.match(text, /ACTORS = 3/);
            assert.match(text, /ROUNDS = 2/);
            const python = (line) => ({ [load]: "seen = x", [store]: "x = seen + 1" })[line] ?? null;
            for (let n = 0; n <= 6; n += 1) {
                await stands(page, n);
                const { at, next, took } = await source(page);
                const wanted = Object.entries(forth[n].at).map(([who, line]) => [who, python(line)]);
                assert.deepEqual(at, Object.fromEntries(wanted), `step ${n}`);
                assert.deepEqual([next, took], [python(forth[n].next), python(forth[n].took)]);
                await press(page, "ArrowRight");
            }

            // One may stay with somebody, and a link keeps that.
            await page.select("select[aria-label='Whom to follow']", "2");
            await press(page, "Home");
            await until(page, "2 is followed", () => document.querySelector(".next-line .pin"));
            await keepWhatLeaves(page);
            const link = await copy(page, "Copy link");
            assert.match(link, /listing=python&follow=2/);
            const other = await visit(t, "", { base: link });
            assert.deepEqual(await source(other), await source(page));
        });

        test("who is in another file is shown there", LIMIT, async (t) => {
            const page = await visit(t, "#/philosophers?solution=ordered&tab=source&grain=words&lang=zh-CN");
            const files = new Set();
            for (let n = 1; n <= 12; n += 1) {
                await press(page, "ArrowRight");
                await stands(page, n);
                await until(page, "somebody is in it", () => document.querySelector(".code .pin"));
                files.add(await page.$eval(".source .file", (one) => one.selectedOptions?.[0].text ?? one.innerText));
            }
            assert.ok([...files].some((file) => file.startsWith("philosophers/")), [...files].join());
            assert.ok([...files].some((file) => file.startsWith("sync/")), [...files].join());

            // The listing scrolls, the page does not.
            const scrolled = await page.evaluate(() => [scrollY, document.querySelector("#pane").scrollTop]);
            assert.deepEqual(scrolled, [0, 0]);
        });

        test("a source that cannot be had is told, and tried again", LIMIT, async (t) => {
            const browser = await launch(t, kind);
            const page = await open(browser, await serve(t));
            await until(page, "the page is there", () => document.querySelector(".where"));
            await page.evaluate(() => {
                const { fetch } = globalThis;
                globalThis.fetch = async (url, init) =>
                    globalThis.isOffline ? Promise.reject(new TypeError("offline")) : fetch(url, init);
                globalThis.isOffline = true;
            });
            await click(page, "Source");
            await until(page, "it is told", () => /could not be read: .*offline/.test(document.querySelector(".source")?.innerText));
            await page.evaluate(() => void (globalThis.isOffline = false));
            await click(page, "Next");
            await until(page, "it is closed", () => !document.querySelector(".source"));
            await click(page, "Source");
            await source(page);
        });

        test("the service worker lets sources through", LIMIT, async (t) => {
            const browser = await launch(t, kind);
            const page = await open(browser, (await serve(t, { isolated: false })) + UPDATE);
            await until(page, "the page is isolated", () => globalThis.crossOriginIsolated);
            assert.equal(Object.keys((await source(page)).at).length, 3);
        });

        test("axe finds nothing, and nothing scrolls sideways", LIMIT, async (t) => {
            for (const [look, size] of [
                ["theme=light&lang=en"],
                ["theme=dark&lang=zh-CN"],
                ["theme=dark&lang=en", PHONE],
                ["theme=light&lang=zh-CN", PHONE],
            ]) {
                const link = `#/philosophers?solution=ordered&tab=source&step=13&${look}`;
                const page = await visit(t, link, { size });
                await source(page);
                const wide = () => document.scrollingElement.scrollWidth - innerWidth;
                assert.ok((await page.evaluate(wide)) <= 0, look);
                await clean(page, `source, ${look}`);
                await press(page, "g");
                await opens(page);
                assert.ok((await page.evaluate(wide)) <= 0, look);
                await clean(page, `gallery, ${look}`);
            }
        });
    });
}
