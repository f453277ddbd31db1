// The host worker. The page must never wait, and starting a thread pool waits; so a worker of its
// own, on the same modules and memory, starts the pool and hands it the actors.
//
// The workers of the pool are made by the page all the same: in Firefox a worker that makes workers
// itself now and then hangs for ever in `new Worker` (seen in 153, without any WebAssembly). Inside
// the host a stand-in for Worker asks the page for them, and the page passes messages on both ways.
//
// The file is three parts: functions for the page, the host that they start, and a worker of the pool.

import { enter } from "./rest.js";

const HOST = "five-forks-host";
const OF_POOL = "five-forks-pool";

// Kept, because Firefox collects workers that nothing refers to.
let host;
const pool = [];

// `world` is what each worker needs to enter the page's: see `enter`.
export function startHost(main, module, memory, rest, threads, tell) {
    const world = { main, module, memory, rest };
    const failed = (event) => tell(event.message || "the worker could not be loaded");
    host = new Worker(import.meta.url, { type: "module", name: HOST });
    host.onerror = failed;
    host.onmessage = ({ data }) => {
        if (typeof data === "string") {
            tell(data);
        } else {
            const worker = new Worker(import.meta.url, { type: "module", name: OF_POOL });
            worker.onerror = failed;
            worker.onmessage = ({ data: message }) => host.postMessage({ from: data.to, message });
            worker.postMessage({ ...world, receiver: data.receiver });
            pool[data.to] = worker;
        }
    };
    host.postMessage({ ...world, threads });
}

export function runOnPool(job) {
    host.postMessage(job);
}

if (self.name === HOST) {
    self.addEventListener("message", ({ data }) => start(data), { once: true });
} else if (self.name === OF_POOL) {
    self.addEventListener("message", ({ data }) => work(data), { once: true });
}

async function start({ threads, ...world }) {
    const standIns = [];
    self.Worker = class extends EventTarget {
        // Told whose messages to receive, it is on its way.
        postMessage({ receiver }) {
            self.postMessage({ to: standIns.push(this) - 1, receiver });
        }
    };
    try {
        const page = await enter(world);
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

async function work({ receiver, ...world }) {
    const page = await enter(world);
    self.postMessage({ type: "wasm_bindgen_worker_ready" });
    page.wbg_rayon_start_worker(receiver);
}
