// The helpers: workers on the page's modules and memory that do one job after the other, however long
// they take. Unlike those of the pool they wait for nobody but each other.
//
// The file is both halves: functions for the page, and the worker that they start.

import { enter } from "./rest.js";

const NAME = "five-forks-helper";

// Kept, because Firefox collects workers that nothing refers to.
const helpers = [];
// Those of them that have come.
const ready = [];

// One for each processor but the page's own, if there is such a one, and no more than `most`. Tells of
// each that comes.
export function startHelpers(main, module, memory, rest, most, tell) {
    const n = Math.min(most, navigator.hardwareConcurrency - 1) || 1;
    for (let nth = 0; nth < n; nth += 1) {
        const helper = new Worker(import.meta.url, { type: "module", name: NAME });
        helper.onmessage = ({ data }) => {
            ready.push(helper);
            tell(data);
        };
        helper.postMessage({ main, module, memory, rest });
        helpers.push(helper);
    }
}

export function doOnHelper(nth, job) {
    ready[nth].postMessage(job);
}

if (self.name === NAME) {
    self.addEventListener("message", ({ data }) => start(data), { once: true });
}

async function start(world) {
    const page = await enter(world);
    self.addEventListener("message", ({ data }) => page.do_job(data));
    self.postMessage("");
}
