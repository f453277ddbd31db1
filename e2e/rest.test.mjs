// The page opens with a part of its code. The rest comes later, and where it does not, the page says so.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brotliCompressSync } from "node:zlib";

import { BROWSERS, axe, launch, open, serve } from "./harness.mjs";
import {
    LIMIT,
    at,
    click,
    copy,
    fill,
    keepWhatLeaves,
    press,
    save,
    toTheEnd,
    until,
    wrongIn,
} from "./lab.mjs";

// What a reader may have to download before the page is open.
const FIRST_BYTES = 250_000;

const isRest = (file) => /^rest-.*\.wasm$/.test(file);

// The page, served by somebody who notes what is asked for and keeps the rest until it is released.
// `comes` says, each time it is asked for, whether there is one.
async function visit(t, kind, link, { comes = () => true, lang } = {}) {
    const asked = new Set();
    let release;
    const released = new Promise((resolve) => (release = resolve));
    const lets = async (file) => {
        asked.add(file);
        if (!isRest(file)) return true;
        await released;
        return comes();
    };
    const url = await serve(t, { lets });
    const browser = await launch(t, kind, { lang });
    const page = await open(browser, url + link);
    t.after(release);
    return { page, url, asked, release };
}

const isOpen = (page) => until(page, "the page is open", () => document.querySelector(".where"));

const waits = (page, where) =>
    until(page, `${where} waits`, (where) => document.querySelector(`${where} .waiting`), where);

async function brotli(url, files) {
    const code = [...files].filter((file) => /\.(js|wasm)$/.test(file));
    const sizes = code.map(async (file) => {
        const bytes = await (await fetch(url + file)).arrayBuffer();
        return brotliCompressSync(Buffer.from(bytes)).length;
    });
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

for (const kind of BROWSERS) {
    describe(kind, () => {
        test("the first lesson is there with a part of the code", LIMIT, async (t) => {
            const { page, url, asked, release } = await visit(t, kind, "");
            await isOpen(page);
            await until(page, "the run is known", () => !document.querySelector(".growing"));
            const first = [...asked].filter((file) => !isRest(file));
            const bytes = await brotli(url, first);
            t.diagnostic(`${bytes} bytes before the page is open`);
            assert.ok(bytes <= FIRST_BYTES, `${bytes} bytes`);

            // All of it works: the player, the settings, the panes that need no more.
            await press(page, "ArrowRight", 3);
            const third = await at(page, 3);
            await press(page, "ArrowLeft");
            await press(page, "ArrowRight");
            assert.deepEqual(await at(page, 3), third);
            await page.click(".next li button:not([disabled])");
            await at(page, 4);
            const solutions = await page.$$eval("[name=solution] option", (all) =>
                all.map((one) => one.value),
            );
            for (const solution of solutions) {
                await page.select("[name=solution]", solution);
                assert.ok((await toTheEnd(page)).outcome, solution);
            }
            await fill(page, "philosophers", "40");
            await page.select("[name=grain]", "words");
            await page.select("[name=policy]", "pct");
            await toTheEnd(page);
            await keepWhatLeaves(page);
            assert.match(await copy(page, "Copy link"), /#\/philosophers\?/);
            await click(page, "中文");
            await until(page, "it is Chinese", () => document.documentElement.lang === "zh-CN");
            await click(page, "English");

            // What does need more waits, and does not lose it.
            const late = ["source", "graph", "counts", "challenge", "explore", "actions"];
            for (const tab of late) {
                await page.click(`#tab-${tab}`);
                await waits(page, "#pane");
            }
            assert.deepEqual(await axe(page), []);
            await page.click("h1");
            await press(page, "?");
            await waits(page, "dialog[open]");
            await press(page, "Escape");
            await press(page, "g");
            await waits(page, "dialog[open]");
            assert.deepEqual(await axe(page), []);
            assert.equal(await page.$("dialog[open] .card"), null);
            release();
            await until(page, "the gallery is there", () => document.querySelector("dialog[open] .card"));
            await press(page, "Escape");
            await until(page, "the list is there", () => document.querySelector("#pane .lines"));
            const list = await save(page, "Download JSON");
            assert.equal(wrongIn(JSON.parse(list.text), 40, 3), null);
            await click(page, "Download trace");
            await until(page, "the trace is saved", () => globalThis.saved.at(-1).name === "trace.json");
            assert.deepEqual(page.errors, []);
        });

        for (const [what, link, seen] of [
            ["another lesson", "#/queue?step=7", ".object"],
            ["the explorer", "#/lost-update?tab=explore", ".explore .row button"],
            ["a challenge", "#/philosophers?challenge=break", "#pane .next"],
        ]) {
            test(`a link to ${what} waits for the rest`, LIMIT, async (t) => {
                const { page, release } = await visit(t, kind, link);
                await isOpen(page);
                await waits(page, "main");
                // Long enough for the page to write its address, if it did.
                await new Promise((passed) => setTimeout(passed, 500));
                assert.ok(page.url().endsWith(link) || link.includes("challenge"), page.url());
                release();
                await until(page, what, (seen) => document.querySelector(seen), seen);
                assert.equal(await page.$(".waiting"), null);
                assert.deepEqual(page.errors, []);
            });
        }

        test("with the rest a lesson is found, run on threads, and explored", LIMIT, async (t) => {
            const { page, release } = await visit(t, kind, "");
            release();
            await isOpen(page);
            await press(page, "g");
            const card = "dialog[open] a[href='#/lost-update']";
            await until(page, "the gallery is there", (card) => document.querySelector(card), card);
            await page.click(card);
            await until(page, "the lesson is there", () => document.querySelector(".object"));
            await page.click("#tab-explore");
            await page.click(".explore .row button");
            await until(page, "everything is explored", () =>
                /^These are all/.test(document.querySelector(".answer")?.innerText),
            );
            await click(page, "on real threads");
            await until(page, "the threads have ended", () => document.querySelector(".outcome"));
            assert.deepEqual(page.errors, []);
        });

        test("a link to a real run waits for the rest", LIMIT, async (t) => {
            const link = "#/philosophers?solution=ordered&meals=1&world=threads";
            const { page, release } = await visit(t, kind, link);
            await isOpen(page);
            await waits(page, "#player");
            release();
            await until(page, "everybody has eaten", () => document.querySelector(".outcome.good"));
            assert.deepEqual(page.errors, []);
        });

        test("what did not come is told, and comes when it is asked for again", LIMIT, async (t) => {
            let isThere = false;
            const { page, release } = await visit(t, kind, "#/queue", {
                comes: () => isThere,
                lang: "zh",
            });
            release();
            await until(page, "it says that it did not come", () =>
                document.querySelector("#player .waiting [role=alert]"),
            );
            assert.match(await page.$eval(".waiting", (one) => one.innerText), /未能加载/);
            assert.deepEqual(await axe(page), []);
            isThere = true;
            await click(page, "重试");
            await until(page, "the lesson is there", () => document.querySelector(".object"));
            // What the browser itself says of a file that is not there.
            assert.ok(page.errors.every((error) => /404/.test(error)), page.errors.join());
        });
    });
}
