// What the page saves as a trace, opened in Perfetto itself. It says nothing of what it drops: so all
// that it shows is compared with all that is in the file.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BROWSERS, PERFETTO, eventually, open, serve } from "./harness.mjs";
import { LIMIT, dinner, keepWhatLeaves, laboratory, save, toTheEnd, until } from "./lab.mjs";

// Perfetto would look for a helper on this machine, and ask Google who its reader is.
const ALONE = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
};

// Opens a trace by its address. What the console says of that which is not there is not looked at.
async function perfetto(t, browser, trace) {
    const extra = { "trace.json": trace };
    const url = await serve(t, { folder: PERFETTO, isolated: false, headers: ALONE, extra });
    const page = await open(browser, `${url}?testing=1#!/?url=${url}trace.json`);
    t.after(() => page.close());
    const isThere = await eventually(page, () => app.trace && !app.isLoadingTrace, 60_000);
    assert.ok(isThere, `Perfetto opens the trace: ${page.errors}`);
    return page;
}

const ask = (page, sql) =>
    page.evaluate(async (sql) => {
        const result = await app.trace.engine.query(sql);
        const columns = result.columns();
        const rows = [];
        for (const row = result.iter({}); row.valid(); row.next()) {
            // A 64-bit number does not leave the page.
            const plain = (value) => (typeof value === "bigint" ? Number(value) : value);
            rows.push(columns.map((column) => plain(row.get(column))));
        }
        return rows;
    }, sql);

// What Perfetto has understood. The slice that an event lies in is a phase or a wait: of events at the
// same time, Perfetto has each lie in the one before.
const understood = async (page) => ({
    wrong: await ask(
        page,
        "select name, idx, value from stats where value > 0 and severity in ('error', 'data_loss')",
    ),
    nErrors: await page.evaluate(() => Number(app.trace.traceInfo.importErrors)),
    process: await ask(page, "select pid, name from process where name is not null"),
    threads: await ask(page, "select tid, name from thread where name is not null order by tid"),
    events: await ask(
        page,
        `select tid, slice.name, category, slice.ts, slice.dur, (
            select name from ancestor_slice(slice.id) where category in ('phase', 'wait')
            order by depth desc limit 1
        ) from slice join thread_track on track_id = thread_track.id join thread using (utid)
        order by tid, slice.id`,
    ),
});

// The same from the file itself.
function written({ traceEvents }) {
    const [process, threads, events] = [[], [], []];
    const open = new Map();
    const ns = (micros) => Math.round(micros * 1000);
    for (const { ph, pid, tid, name, cat, ts, args } of traceEvents) {
        if (ph === "M") {
            if (name === "process_name") process.push([pid, args.name]);
            else threads.push([tid, args.name]);
            continue;
        }
        if (!open.has(tid)) open.set(tid, []);
        const slices = open.get(tid);
        if (ph === "E") {
            const slice = slices.pop();
            assert.ok(slice, `what ends on ${tid} has begun`);
            slice[4] = ns(ts) - slice[3];
            continue;
        }
        assert.match(ph, /^[Bi]$/);
        const event = [tid, name, cat, ns(ts), 0, slices.at(-1)?.[1] ?? null];
        events.push(event);
        if (ph === "B") slices.push(event);
    }
    assert.deepEqual([...open.values()].flat(), []);
    events.sort(([tid], [other]) => tid - other);
    return { wrong: [], nErrors: 0, process, threads, events };
}

// Saves the trace of a run that has ended, and opens it.
async function traced(t, page, button = "Download trace") {
    await keepWhatLeaves(page);
    const { text } = await save(page, button);
    const trace = await perfetto(t, page.browser(), text);
    const told = await understood(trace);
    assert.deepEqual(told, written(JSON.parse(text)));
    return { ...told, trace };
}

const namesOf = ({ events }, ...wanted) =>
    events.filter(([, , category]) => wanted.includes(category)).map(([, name]) => name);

for (const kind of BROWSERS) {
    describe(kind, () => {
        const visit = laboratory(kind);

        test("what does not fit is noticed", LIMIT, async (t) => {
            const page = await visit(t);
            const slice = { ph: "X", pid: 1, tid: 100, name: "eating", dur: 10 };
            const crossed = [0, 5].map((ts) => ({ ...slice, ts }));
            const text = JSON.stringify({ traceEvents: crossed });
            const { wrong, nErrors, events } = await understood(
                await perfetto(t, page.browser(), text),
            );
            assert.deepEqual(wrong, [["slice_drop_overlapping_complete_event", null, 1]]);
            assert.equal(nErrors, 1);
            assert.deepEqual(events, [[100, "eating", null, 0, 10_000, null]]);
        });

        test("a dinner in the model is the same in Perfetto", LIMIT, async (t) => {
            const values = { solution: "ordered", philosophers: 12, tab: "actions" };
            const page = await visit(t, dinner(values));
            await toTheEnd(page);
            const { trace, ...told } = await traced(t, page);
            const all = Array.from({ length: 12 }, (_, who) => [100 + who, `philosopher ${who}`]);
            assert.deepEqual(told.threads, all);
            assert.equal(namesOf(told, "phase").filter((name) => name === "eating").length, 12 * 3);
            // They are drawn under each other, in the order of the table.
            const drawn = await trace.evaluate(() => {
                const [process] = app.trace.workspaces.currentWorkspace.children;
                return [process, ...process.children].map(({ name }) => name);
            });
            const titles = all.map(([tid, name]) => `${name} ${tid}`);
            assert.deepEqual(drawn, ["Five Forks 1", ...titles]);
        });

        test("so is one on threads, to the nanosecond", LIMIT, async (t) => {
            const values = { solution: "waiter", meals: 5, think: 2, eat: 1, world: "threads" };
            const page = await visit(t, dinner({ ...values, tab: "actions" }));
            await until(page, "everybody has eaten", () => document.querySelector(".outcome.good"));
            const told = await traced(t, page);
            assert.equal(namesOf(told, "phase").filter((name) => name === "eating").length, 5 * 5);
            assert.ok(told.events.some(([, , , at]) => at % 1000 !== 0));
        });

        for (const [what, link, button, name] of [
            ["a lesson with timeouts", "queue", "Download trace (Perfetto)", "gave up items 0"],
            ["one from a page in Chinese", "deque?lang=zh-CN", "下载 Perfetto 跟踪", "took -2 at row 0"],
        ]) {
            test(`so is ${what}`, LIMIT, async (t) => {
                const page = await visit(t, `#/${link}`);
                await page.click("#tab-counts");
                const told = await traced(t, page, button);
                assert.ok(namesOf(told, "object", "item").includes(name), name);
            });
        }

        test("so is a deadlock where no time passes", LIMIT, async (t) => {
            const values = { solution: "naive", policy: "round-robin", think: 0, eat: 0 };
            const page = await visit(t, dinner({ ...values, tab: "actions" }));
            await toTheEnd(page);
            const told = await traced(t, page);
            const waits = [0, 1, 2, 3, 4].map((fork) => `waits for fork ${fork}`);
            assert.deepEqual(namesOf(told, "wait"), waits);
            assert.ok(told.events.every(([, , category, , dur]) => category !== "wait" || dur > 0));
        });
    });
}
