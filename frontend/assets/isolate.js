// Cross-origin isolation on a host that cannot send headers.
//
// A page gets SharedArrayBuffer, and with it real threads, only when its response carries two
// headers: Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy. A static host often cannot
// send them. A service worker can add them to every response, for the page itself from the second
// load on.
//
// This one file is both halves. As a script of the page it registers itself as the service worker
// and reloads once. As the service worker it adds the headers.
//
// The page half does nothing
// - where the page is isolated already: the host sends the headers, or the worker does;
// - in an iframe: isolation is then the embedding page's to give;
// - on plain http, except on localhost: there are no service workers;
// - when the address has `?isolate=off`, which shows the page as it is without isolation.

(() => {
    "use strict";

    if (typeof window === "undefined") {
        serve();
    } else {
        // Without threads the page still works, so a failure here is told and not thrown.
        register().catch((error) => console.warn("No isolation:", error));
    }

    async function register() {
        // Set before the reload and kept until the page is isolated: whatever goes wrong, a tab
        // reloads itself once, not in a loop.
        const RELOADED = "five-forks.isolate.reloaded";

        const script = document.currentScript.src;
        if (window.parent !== window || isOff(location) || !canRegister()) return;

        if (window.crossOriginIsolated) {
            // A forced reload passes by the worker and loses isolation. It may then try again.
            sessionStorage.removeItem(RELOADED);
            return;
        }
        if (sessionStorage.getItem(RELOADED)) return;

        await navigator.serviceWorker.register(script);
        await navigator.serviceWorker.ready;
        sessionStorage.setItem(RELOADED, "yes");
        location.reload();
    }

    // `serviceWorker` is missing in some private windows; a file: address may have it in vain.
    function canRegister() {
        const isWeb = location.protocol === "https:" || location.protocol === "http:";
        return isWeb && window.isSecureContext && "serviceWorker" in navigator;
    }

    function serve() {
        // A new version of this file takes over at once: it holds no state.
        addEventListener("install", () => skipWaiting());
        addEventListener("activate", (event) => event.waitUntil(clients.claim()));
        addEventListener("fetch", (event) => {
            const { request } = event;
            const url = new URL(request.url);
            const isOurs = url.origin === location.origin;
            // Chromium asks this way on behalf of its developer tools; fetch() would refuse it.
            const isOdd = request.cache === "only-if-cached" && request.mode !== "same-origin";
            const isOptedOut = request.mode === "navigate" && isOff(url);
            if (isOurs && !isOdd && !isOptedOut) event.respondWith(isolated(request));
        });
    }

    // Pages, workers and all that they load: a worker of an isolated page needs the headers too.
    async function isolated(request) {
        const response = await fetch(request);
        // An opaque response or a redirect: it cannot be rebuilt, and does not need to be.
        if (response.status === 0) return response;

        const headers = new Headers(response.headers);
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Embedder-Policy", "require-corp");
        // An isolated slide deck on another host may embed the page.
        headers.set("Cross-Origin-Resource-Policy", "cross-origin");
        const { body, status, statusText } = response;
        return new Response(body, { status, statusText, headers });
    }

    function isOff(url) {
        return new URLSearchParams(url.search).get("isolate") === "off";
    }
})();
