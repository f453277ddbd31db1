// The host worker. The page must never wait, and starting a thread pool waits; so a worker of its
// own, on the same module and memory, starts the pool and hands it the actors.
//
// The workers of the pool are made by the page all the same: in Firefox a worker that makes workers
// itself now and then hangs for ever in `new Worker` (seen in 153, without any WebAssembly). Inside
// the host a stand-in for Worker asks the page for them, and the page passes messages on both ways.
//
// The file is both halves: a function for the page, and the worker that the function starts.

const NAME = "five-forks-host";

// Kept, because Firefox collects workers that nothing refers to.
let host;
const pool = [];

export function startHost(main, module, memory, threads, tell) {
    const failed = (event) => tell(event.message || "the worker could not be loaded");
    host = new Worker(import.meta.url, { type: "module", name: NAME });
    host.onerror = failed;
    host.onmessage = ({ data }) => {
        if (typeof data === "string") {
            tell(data);
        } else if (data.url) {
            const worker = new Worker(data.url, data.options);
            worker.onerror = failed;
            worker.onmessage = ({ data: message }) => host.postMessage({ from: data.to, message });
            pool[data.to] = worker;
        } else {
            pool[data.to].postMessage(data.message);
        }
    };
    host.postMessage({ main, module, memory, threads });
}

export function runOnPool(job) {
    host.postMessage(job);
}

if (self.name === NAME) {
    self.addEventListener("message", ({ data }) => start(data), { once: true });
}

async function start({ main, module, memory, threads }) {
    const standIns = [];
    self.Worker = class extends EventTarget {
        constructor(url, options) {
            super();
            this.to = standIns.push(this) - 1;
            self.postMessage({ to: this.to, url, options });
        }
        postMessage(message) {
            self.postMessage({ to: this.to, message });
        }
    };
    try {
        const page = await import(main);
        await page.default({ module_or_path: module, memory });
        self.addEventListener("message", ({ data }) => {
            if (typeof data === "number") {
                page.run_job(data);
            } else {
                const said = new MessageEvent("message", { data: data.message });
                standIns[data.from].dispatchEvent(said);
            }
        });
        await page.initThreadPool(threads);
        self.postMessage("");
    } catch (error) {
        self.postMessage(String(error));
    }
}
