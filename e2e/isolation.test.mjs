// Where the page gets shared memory: from the host's headers, or from its own service worker.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BROWSERS, FAR_HOST, eventually, launch, open, serve } from "./harness.mjs";

const isIsolated = () => crossOriginIsolated;
const navigation = () => performance.getEntriesByType("navigation")[0].type;
const countWorkers = async () => (await navigator.serviceWorker.getRegistrations()).length;

// Long enough for a registration and a reload that must not happen.
const settle = () => new Promise((passed) => setTimeout(passed, 1_000));

// Counts the documents that a tab loads from one address.
function countLoads(page) {
    const count = { loads: 0 };
    page.on("domcontentloaded", () => (count.loads += 1));
    return count;
}

for (const kind of BROWSERS) {
    test(`${kind}: a host with the headers isolates the page, without a worker`, async (t) => {
        const url = await serve(t, { isolated: true });
        const page = await open(await launch(t, kind), url);
        assert.equal(await page.evaluate(isIsolated), true);
        await settle();
        assert.equal(await page.evaluate(countWorkers), 0);
        assert.equal(await page.evaluate(navigation), "navigate");
    });

    test(`${kind}: on a plain host the page isolates itself after one reload`, async (t) => {
        const worker = "postMessage(crossOriginIsolated)";
        const url = await serve(t, { isolated: false, extra: { "worker.js": worker } });
        const browser = await launch(t, kind);
        const page = await open(browser, "about:blank");
        const count = countLoads(page);
        const moment = `${url}?from=slides#/philosophers?meals=4`;
        await page.goto(moment).catch(() => {});

        assert.equal(await eventually(page, isIsolated), true);
        await settle();
        assert.equal(count.loads, 2, "the first load and one reload");
        // The page itself completes the link to the moment.
        assert.match(page.url(), /\?from=slides#\/philosophers\?.*\bmeals=4\b/);

        const inWorker = await page.evaluate(
            () =>
                new Promise((answer, fail) => {
                    const worker = new Worker("worker.js");
                    worker.onmessage = ({ data }) => answer(data);
                    worker.onerror = () => fail(new Error("the worker did not start"));
                }),
        );
        assert.equal(inWorker, true, "a worker is isolated as well");

        const next = await open(browser, url);
        assert.equal(await next.evaluate(isIsolated), true, "a new tab is isolated at once");
        const optedOut = await open(browser, `${url}?isolate=off`);
        assert.equal(await optedOut.evaluate(isIsolated), false, "the worker knows the way out");
    });

    test(`${kind}: where isolation cannot be had the page reloads once only`, async (t) => {
        const extra = {};
        const url = await serve(t, { isolated: false, extra });
        const script = await (await fetch(`${url}isolate.js`)).text();
        extra["isolate.js"] = script.replace("require-corp", "unsafe-none");
        const page = await open(await launch(t, kind), "about:blank");
        const count = countLoads(page);
        await page.goto(url).catch(() => {});

        // The worker takes its time; then nothing more may come.
        for (let n = 0; n < 20 && count.loads < 2; n += 1) await settle();
        await settle();
        await settle();
        assert.equal(count.loads, 2);
        assert.equal(await page.evaluate(isIsolated), false);
    });

    test(`${kind}: ?isolate=off leaves a plain host's page as it is`, async (t) => {
        const url = await serve(t, { isolated: false });
        const page = await open(await launch(t, kind), `${url}?isolate=off`);
        await settle();
        assert.equal(await page.evaluate(isIsolated), false);
        assert.equal(await page.evaluate(countWorkers), 0);
    });

    test(`${kind}: in an iframe the page does not register itself`, async (t) => {
        const url = await serve(t, { isolated: false, extra: { deck: "a slide" } });
        const page = await open(await launch(t, kind), `${url}deck`);
        await page.evaluate(
            (src) =>
                new Promise((loaded) => {
                    const frame = document.createElement("iframe");
                    frame.onload = loaded;
                    frame.src = src;
                    document.body.append(frame);
                }),
            url,
        );
        await settle();
        assert.equal(await page.evaluate(countWorkers), 0);
    });

    test(`${kind}: on plain http of another host nothing happens`, async (t) => {
        const url = await serve(t, { isolated: false });
        const page = await open(await launch(t, kind), url.replace("127.0.0.1", FAR_HOST));
        await settle();
        assert.equal(await page.evaluate(isIsolated), false);
        assert.equal(await page.evaluate(navigation), "navigate");
    });
}
