// The host worker. The page must never wait, and starting a thread pool waits; so a worker of its
// own, on the same module and memory, starts the pool and hands it the actors.
//
// The file is both halves: a function for the page, and the worker that the function starts.

const NAME = "five-forks-host";

// Kept, because Firefox collects workers that nothing refers to.
let host;

export function startHost(main, module, memory, threads, tell) {
    host = new Worker(import.meta.url, { type: "module", name: NAME });
    host.onmessage = ({ data }) => tell(data);
    host.onerror = (event) => tell(event.message || "the worker could not be loaded");
    host.postMessage({ main, module, memory, threads });
}

export function runOnPool(job) {
    host.postMessage(job);
}

if (self.name === NAME) {
    self.addEventListener("message", ({ data }) => start(data), { once: true });
}

async function start({ main, module, memory, threads }) {
    try {
        const page = await import(main);
        await page.default({ module_or_path: module, memory });
        await page.initThreadPool(threads);
        self.addEventListener("message", ({ data }) => page.run_job(data));
        self.postMessage("");
    } catch (error) {
        self.postMessage(String(error));
    }
}
