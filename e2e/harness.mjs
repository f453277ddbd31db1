// What the browser tests share: a server for the built page, a browser, a page whose errors are
// kept, axe, and pictures. Everything that a function starts ends with the test that is passed to
// it first; in a suite or a file, pass `{ after }` of node:test.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import axeCore from "axe-core";
import puppeteer from "puppeteer-core";
import sirv from "sirv";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const DIST = process.env.DIST ?? here("../dist");
const SHOTS = here("shots/");

// The page of Perfetto. `./x test` tells where it is.
export const PERFETTO =
    process.env.PERFETTO ?? join(homedir(), ".cache/five-forks/tools/perfetto-52");

// The names are Debian's; `./x test` tells what it has found.
const PROGRAMS = {
    chrome: process.env.CHROME ?? "/usr/bin/chromium",
    firefox: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
};

// The same flags as for the tests inside the page.
const WEBDRIVER = JSON.parse(readFileSync(here("../frontend/webdriver.json"), "utf8"));
const CHROME_FLAGS = WEBDRIVER["goog:chromeOptions"].args;

const ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
};

export const BROWSERS = ["chrome", "firefox"];

// A name for this machine that browsers do not trust as they trust localhost.
export const FAR_HOST = "lab.test";

// Serves the built page, or another `folder`, on a free port and returns its address. `headers` come
// with every file. `extra` maps the names of files that are served beside it to their texts. `lets` is
// asked before a file is served, by its name: it may let one wait, or answer false, and then there is
// no such file.
export async function serve(
    t,
    { folder = DIST, isolated = true, headers = {}, extra = {}, lets = () => true } = {},
) {
    if (!existsSync(join(folder, "index.html"))) {
        const chore = folder === PERFETTO ? "test e2e" : "build";
        throw new Error(`no page in ${folder}: run ./x ${chore}`);
    }
    const files = sirv(folder, { dev: true });
    const server = createServer(async (request, response) => {
        const all = { ...(isolated ? ISOLATION : {}), ...headers };
        response.setHeaders(new Map(Object.entries(all)));
        if (!(await lets(request.url.slice(1)))) {
            response.writeHead(404).end();
            return;
        }
        const text = extra[request.url.slice(1)];
        if (text !== undefined) {
            const type = request.url.endsWith(".json") ? "application/json" : "text/javascript";
            response.setHeader("Content-Type", type);
            response.end(text);
        } else {
            files(request, response, () => response.writeHead(404).end());
        }
    });
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
    t.after(() => {
        server.close();
        server.closeAllConnections();
    });
    return `http://127.0.0.1:${server.address().port}/`;
}

// Starts a browser with an empty profile. How a reader likes things is a setting of the whole
// browser here, because Firefox offers no other way.
export async function launch(t, kind, { lang = "en", theme = "light", reducedMotion = false } = {}) {
    const browser = await puppeteer.launch({
        browser: kind,
        executablePath: PROGRAMS[kind],
        headless: true,
        defaultViewport: null,
        ...(kind === "chrome"
            ? {
                  args: [
                      ...CHROME_FLAGS,
                      `--accept-lang=${lang}`,
                      `--host-resolver-rules=MAP ${FAR_HOST} 127.0.0.1`,
                  ],
              }
            : {
                  extraPrefsFirefox: {
                      "intl.accept_languages": lang,
                      "layout.css.prefers-color-scheme.content-override": theme === "dark" ? 0 : 1,
                      "ui.prefersReducedMotion": reducedMotion ? 1 : 0,
                      "network.dns.localDomains": FAR_HOST,
                  },
              }),
    });
    t.after(() => browser.close());
    return Object.assign(browser, { kind, look: { theme, reducedMotion } });
}

// Opens an address in a page of its own. `page.errors` gathers what the console and uncaught
// exceptions say. A machine may be said to have so many `processors`.
export async function open(browser, url, { width = 1280, height = 800, processors } = {}) {
    const page = await browser.newPage();
    if (processors !== undefined) {
        await page.evaluateOnNewDocument((processors) => {
            Object.defineProperty(navigator, "hardwareConcurrency", { get: () => processors });
        }, processors);
    }
    await page.setViewport({ width, height });
    if (browser.kind === "chrome") {
        const { theme, reducedMotion } = browser.look;
        await page.emulateMediaFeatures([
            { name: "prefers-color-scheme", value: theme },
            { name: "prefers-reduced-motion", value: reducedMotion ? "reduce" : "no-preference" },
        ]);
    }
    page.errors = [];
    page.on("pageerror", (error) => page.errors.push(String(error)));
    page.on("console", (message) => {
        if (message.type() === "error") page.errors.push(message.text());
    });
    await page.goto(url);
    return page;
}

// Waits until `check` holds in the page, across reloads of it. Answers whether it did. `args` are
// handed to it.
export async function eventually(page, check, timeoutMs = 15_000, ...args) {
    // Whatever `check` answers: not every value can leave a page, an element cannot.
    const holds = `Boolean((${check})(...${JSON.stringify(args)}))`;
    const end = Date.now() + timeoutMs;
    while (Date.now() < end) {
        // A reload in the middle ends the evaluation with an error; the next one sees the new page.
        if (await page.evaluate(holds).catch(() => false)) return true;
        await new Promise((passed) => setTimeout(passed, 50));
    }
    return false;
}

// What axe finds wrong with the page: short enough to read in a failure.
export async function axe(page, options = {}) {
    await page.evaluate(axeCore.source);
    const { violations } = await page.evaluate((given) => globalThis.axe.run(given), options);
    return violations.map(({ id, impact, help, nodes }) => ({
        id,
        impact,
        help,
        where: nodes.map((node) => node.target.join(" ")),
    }));
}

// Keeps a picture of the page and returns its path.
export async function shot(page, name) {
    mkdirSync(SHOTS, { recursive: true });
    const path = join(SHOTS, `${name}.png`);
    await page.screenshot({ path });
    return path;
}
