// A helper: a worker on the page's module and memory that does one job after the other, however long
// they take. Unlike those of the pool it waits for nobody.
//
// The file is both halves: functions for the page, and the worker that they start.

const NAME = "five-forks-helper";

// Kept, because Firefox collects workers that nothing refers to.
let helper;

export function startHelper(main, module, memory, tell) {
    helper = new Worker(import.meta.url, { type: "module", name: NAME });
    helper.onerror = ({ message }) => tell(message || "the worker could not be loaded");
    helper.onmessage = ({ data }) => tell(data);
    helper.postMessage({ main, module, memory });
}

export function doOnHelper(job) {
    helper.postMessage(job);
}

if (self.name === NAME) {
    self.addEventListener("message", ({ data }) => start(data), { once: true });
}

async function start({ main, module, memory }) {
    try {
        const page = await import(main);
        await page.default({ module_or_path: module, memory });
        self.addEventListener("message", ({ data }) => page.do_job(data));
        self.postMessage("");
    } catch (error) {
        self.postMessage(String(error));
    }
}
