// What the tests know of the laboratory's page: how one visits it, reads it, and works its player.

import assert from "node:assert/strict";
import { after, before } from "node:test";

import { eventually, launch, open, serve } from "./harness.mjs";

// How long a test may take. A machine may be busy; none needs a tenth of it.
export const LIMIT = { timeout: 100_000 };

// One server and one browser for all tests of a suite: starting them takes longer than most tests.
// Answers how to visit the page. A page is closed with its test, and its console must be clean.
export function laboratory(kind, { isolated = true, ...look } = {}) {
    const ends = [];
    const house = {};
    before(async () => {
        const suite = { after: (end) => ends.push(end) };
        house.url = await serve(suite, { isolated });
        house.browser = await launch(suite, kind, look);
    });
    after(async () => {
        for (const end of ends.reverse()) await end();
    });
    return async function visit(t, link = "", { size, processors, query = "", base = house.url } = {}) {
        const page = await open(house.browser, base + query + link, { ...size, processors });
        t.after(async () => {
            await page.close();
            assert.deepEqual(page.errors, [], "the console is clean");
        });
        await until(page, "the page is there", () => {
            const comes = document.querySelector(".growing, .waiting");
            return document.querySelector(".where") && !comes;
        });
        return page;
    };
}

// The link to a dinner, from what differs from the defaults.
export const dinner = (values) => `#/philosophers?${new URLSearchParams(values)}`;

// Waits until `check` holds in the page, and fails when it never does.
export async function until(page, what, check, ...args) {
    if (await eventually(page, check, 20_000, ...args)) return;
    assert.fail(`not seen: ${what}; the page says: ${JSON.stringify(await said(page))}`);
}

const said = (page) =>
    page.evaluate(() => {
        const text = (selector) => document.querySelector(selector)?.innerText;
        return [text(".where"), text(".narration"), text(".outcome"), text(".notice")];
    });

// Everything that one step shows.
export const look = (page) =>
    page.evaluate(() => {
        const text = (selector) => document.querySelector(selector)?.innerText ?? null;
        return {
            step: document.querySelector(".timeline input").valueAsNumber,
            picture: document.querySelector("svg.table").outerHTML,
            narration: text(".narration"),
            pane: text("#pane"),
            outcome: text(".outcome"),
        };
    });

export const last = (page) =>
    page.evaluate(() => Number(document.querySelector(".timeline input").max));

// Waits until the player stands at a step.
export const stands = (page, step) =>
    until(
        page,
        `step ${step} is shown`,
        (step) => document.querySelector(".timeline input").valueAsNumber === step,
        step,
    );

// Waits until the page shows a step, and reads it.
export async function at(page, step) {
    await stands(page, step);
    return look(page);
}

export async function press(page, key, times = 1) {
    for (let n = 0; n < times; n += 1) await page.keyboard.press(key);
}

// Clicks what carries this text or label.
export async function click(page, name) {
    const clicked = await page.evaluate((name) => {
        const all = [...document.querySelectorAll("button, a")];
        const found = all.find((one) => (one.ariaLabel ?? one.textContent).trim() === name);
        found?.click();
        return found !== undefined && !found.disabled;
    }, name);
    assert.ok(clicked, `there is a button '${name}'`);
}

// Goes to the end of a run of the model.
export async function toTheEnd(page) {
    await until(page, "the run is known", () => !document.querySelector(".growing"));
    // Not by the key: a field may have the focus, and then the key is the field's.
    await page.$eval("button[aria-label='To the end'], button[aria-label='到结尾']", (end) =>
        end.click(),
    );
    await until(page, "the run has ended", () => document.querySelector(".outcome"));
    return look(page);
}

// Types into a field as a person does, and leaves it.
export async function fill(page, name, text) {
    await page.focus(`input[name=${name}]`);
    await page.$eval(`input[name=${name}]`, (input) => input.select());
    if (text === "") await page.keyboard.press("Backspace");
    else await page.keyboard.type(text);
    await page.keyboard.press("Tab");
}

export const valueOf = (page, name) => page.$eval(`[name=${name}]`, (field) => field.value);

// Keeps what the page would copy or save, in place of the clipboard and the disk.
export const keepWhatLeaves = (page) =>
    page.evaluate(() => {
        globalThis.copied = [];
        globalThis.saved = [];
        const clipboard = { writeText: async (text) => void copied.push(text) };
        Object.defineProperty(navigator, "clipboard", { value: clipboard });
        const blobs = new Map();
        const createObjectURL = URL.createObjectURL.bind(URL);
        URL.createObjectURL = (blob) => {
            const url = createObjectURL(blob);
            blobs.set(url, blob);
            return url;
        };
        const clickOn = HTMLAnchorElement.prototype.click;
        HTMLAnchorElement.prototype.click = function () {
            if (!blobs.has(this.href)) return clickOn.call(this);
            blobs
                .get(this.href)
                .text()
                .then((text) => saved.push({ name: this.download, text }));
        };
    });

// What `name` copies.
export async function copy(page, name) {
    const n = await page.evaluate(() => copied.length);
    await click(page, name);
    await until(page, "something was copied", (n) => copied.length > n, n);
    return page.evaluate(() => copied.at(-1));
}

// What `name` saves.
export async function save(page, name) {
    const n = await page.evaluate(() => saved.length);
    await click(page, name);
    await until(page, "something was saved", (n) => saved.length > n, n);
    return page.evaluate(() => saved.at(-1));
}

// How many frames the page draws in the next while: none when it hangs.
export const frames = (page, ms) =>
    page.evaluate(
        (ms) =>
            new Promise((answer) => {
                const gaps = [];
                const longTasks = [];
                const watches = PerformanceObserver.supportedEntryTypes.includes("longtask");
                const observer = new PerformanceObserver((list) =>
                    longTasks.push(...list.getEntries().map((entry) => Math.round(entry.duration))),
                );
                if (watches) observer.observe({ type: "longtask" });
                const start = performance.now();
                let before = start;
                requestAnimationFrame(function draw(now) {
                    gaps.push(now - before);
                    before = now;
                    if (now - start < ms) return requestAnimationFrame(draw);
                    observer.disconnect();
                    gaps.sort((a, b) => a - b);
                    const share = (part) => Math.round(gaps[Math.floor((gaps.length - 1) * part)]);
                    answer({ n: gaps.length, median: share(0.5), p95: share(0.95), longTasks });
                });
            }),
        ms,
    );

// Judges a homework list by the rules alone. The right fork of philosopher i is fork i, the left one
// is fork i + 1. Answers what is wrong first, or null.
export function wrongIn(list, philosophers, meals) {
    const holder = Array(philosophers).fill(null);
    const eaten = Array(philosophers).fill(0);
    for (const [line, [who, side, action]] of list.entries()) {
        const forks = { 1: (who + 1) % philosophers, 2: who };
        const fork = forks[side];
        const wrong = (why) => `line ${line + 1}, [${who}, ${side}, ${action}]: ${why}`;
        if (!(who >= 0 && who < philosophers)) return wrong("there is no such philosopher");
        if (action === 3 && side === 0) {
            const hasBoth = Object.values(forks).every((fork) => holder[fork] === who);
            if (!hasBoth) return wrong("eats without both forks");
            eaten[who] += 1;
        } else if (action === 1 && fork !== undefined) {
            if (holder[fork] !== null) return wrong("the fork is in a hand");
            holder[fork] = who;
        } else if (action === 2 && fork !== undefined) {
            if (holder[fork] !== who) return wrong("the fork is not in this hand");
            holder[fork] = null;
        } else {
            return wrong("there is no such line");
        }
    }
    if (eaten.some((n) => n !== meals)) return `eaten: ${eaten}`;
    return holder.every((who) => who === null) ? null : `at the end: ${holder}`;
}

// What in the side pane, or the page itself, is wider than its place. The tree is looked around in.
export const tooWide = (page) =>
    page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll(".side *")]
            .filter((one) => one.scrollWidth > one.clientWidth + 1)
            .filter((one) => one.clientWidth > 1 && !one.closest(".boughs"))
            .map((one) => one.className || one.tagName),
    );
