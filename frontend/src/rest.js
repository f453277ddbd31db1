// The page's WebAssembly may be split in two. Then the first half names the file of the rest, and the
// rest imports what it needs from the first half of the same thread and fills its table of functions.

// Fetches the rest for the page's own thread. Answers its module, for workers; nothing where the page was
// not split.
export async function fetchRest(main, module, exports) {
    const [name] = WebAssembly.Module.customSections(module, "rest");
    if (name === undefined) return undefined;
    const file = new URL(new TextDecoder().decode(name), main);
    const answer = await fetch(file);
    if (!answer.ok) throw new Error(`${answer.status} ${file}`);
    // Not while it streams: that some hosts spoil by the type that they give it.
    const rest = await WebAssembly.compile(await answer.arrayBuffer());
    await WebAssembly.instantiate(rest, { first: exports });
    return rest;
}

// Begins a worker's life on the page's modules and memory. Answers the page's functions.
export async function enter({ main, module, memory, rest }) {
    const page = await import(main);
    const exports = await page.default({ module_or_path: module, memory });
    if (rest !== undefined) await WebAssembly.instantiate(rest, { first: exports });
    return page;
}
