//! The only room that knows workers, rayon and the glue to JavaScript.
//!
//! The page's main thread never blocks: a host worker (`host.js`), on the same module and memory,
//! starts the pool and hands it the actors, and the page looks at the run once a frame. What takes long
//! to compute goes to helpers (`helper.js`), other workers on the same memory.

use std::cell::{Cell, RefCell};

use engine::lessons::Values;
use engine::log::{Ending, Label, Log};
use engine::real::{self, Job, Spawner};
use gloo::utils::window;
use js_sys::JsString;
use wasm_bindgen::prelude::*;
pub use wasm_bindgen_rayon::init_thread_pool;

use crate::rest::{self, late};

/// How many workers the pool has. An actor that blocks owns its worker, so it is also how many actors a
/// run may have: room for every lesson as it is by default, the largest of which has 21.
pub const N_WORKERS: usize = 24;

/// How many helpers there are at most, however many processors.
const MAX_HELPERS: usize = 8;

/// What the host calls with a reason why it failed, or with none; and helpers when they have come.
type Tell = Closure<dyn FnMut(String)>;

#[wasm_bindgen(module = "/src/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = startHost)]
    fn start_host(
        main: &JsString,
        module: JsValue,
        memory: JsValue,
        rest: JsValue,
        threads: usize,
        tell: &Tell,
    );

    #[wasm_bindgen(js_name = runOnPool)]
    fn run_on_pool(job: usize);
}

#[wasm_bindgen(module = "/src/helper.js")]
extern "C" {
    #[wasm_bindgen(js_name = startHelpers)]
    fn start_helpers(
        main: &JsString,
        module: JsValue,
        memory: JsValue,
        rest: JsValue,
        most: usize,
        tell: &Tell,
    );

    #[wasm_bindgen(js_name = doOnHelper)]
    fn do_on_helper(nth: usize, job: usize);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    pub(crate) static MAIN_JS: JsString;

    #[wasm_bindgen(thread_local_v2, js_name = crossOriginIsolated)]
    static CROSS_ORIGIN_ISOLATED: Option<bool>;

    // `performance` is there on the page and in workers alike.
    #[wasm_bindgen(thread_local_v2, js_namespace = performance, js_name = timeOrigin)]
    static TIME_ORIGIN: f64;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// How the workers are.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Workers {
    /// Nobody has asked for them.
    #[default]
    Absent,
    /// They are on their way.
    Starting,
    /// They wait for work.
    Ready,
    /// They did not come, for this reason.
    Failed(String),
}

thread_local! {
    /// Whether this thread is the page's and has a host to hand jobs to.
    static HAS_HOST: Cell<bool> = const { Cell::new(false) };
    /// Kept for as long as the host may speak.
    static TELL: RefCell<Option<Tell>> = const { RefCell::new(None) };
    /// How many helpers have come, and their way to tell; none before somebody has asked for them.
    static N_HELPERS: Cell<usize> = const { Cell::new(0) };
    static HELPERS_TELL: RefCell<Option<Tell>> = const { RefCell::new(None) };
}

/// Whether the page may share memory with workers.
pub fn is_isolated() -> bool {
    CROSS_ORIGIN_ISOLATED.with(|isolated| isolated.unwrap_or(false))
}

/// Starts the host and its pool, and tells how that went.
pub fn start_workers(tell: impl Fn(Workers) + 'static) {
    let tell = Closure::new(move |why: String| {
        tell(if why.is_empty() { Workers::Ready } else { Workers::Failed(why) });
    });
    let (module, memory) = (wasm_bindgen::module(), wasm_bindgen::memory());
    MAIN_JS.with(|main| start_host(main, module, memory, rest::module(), N_WORKERS, &tell));
    TELL.set(Some(tell));
    HAS_HOST.set(true);
}

/// Milliseconds on this thread's own clock.
pub fn now_ms() -> f64 {
    performance_now()
}

/// Nanoseconds on a clock that the page and all workers share.
fn shared_clock() -> u64 {
    let ms = TIME_ORIGIN.with(|origin| *origin) + performance_now();
    (ms * 1e6) as u64
}

/// The pool as the engine's source of threads.
struct Pool;

impl Spawner for Pool {
    fn spawn(&self, _: Label, job: Job) {
        if HAS_HOST.get() {
            // A thin pointer crosses as a number; `run_job` takes it back exactly once.
            run_on_pool(Box::into_raw(Box::new(job)) as usize);
        } else {
            late(|| rayon::spawn(job));
        }
    }
}

/// Called by the host worker for each job of the page.
///
/// # Safety
/// `job` is a number that the page's `Pool` sent, and each is sent once.
#[wasm_bindgen]
pub unsafe fn run_job(job: usize) {
    // SAFETY: by the caller's promise it is a pointer from `Box::into_raw`, taken back once.
    let job: Box<Job> = unsafe { Box::from_raw(job as *mut Job) };
    late(|| rayon::spawn(*job));
}

/// How many helpers there are. They are started when somebody asks for the first time, where the page
/// may share its memory, and come a little later, or never.
pub fn n_helpers() -> usize {
    if is_isolated() && HELPERS_TELL.with_borrow(Option::is_none) {
        let tell = Closure::new(|_| N_HELPERS.set(N_HELPERS.get() + 1));
        let (module, memory) = (wasm_bindgen::module(), wasm_bindgen::memory());
        MAIN_JS
            .with(|main| start_helpers(main, module, memory, rest::module(), MAX_HELPERS, &tell));
        HELPERS_TELL.set(Some(tell));
    }
    N_HELPERS.get()
}

/// Has a helper do this after everything that it was given before.
///
/// # Panics
/// When there are not more than `nth` [helpers](n_helpers).
pub fn help(nth: usize, job: impl FnOnce() + Send + 'static) {
    assert!(nth < n_helpers(), "somebody can help");
    let job: Job = Box::new(job);
    do_on_helper(nth, Box::into_raw(Box::new(job)) as usize);
}

/// Called by helpers for each job of the page.
///
/// # Safety
/// `job` is a number that [`help`] sent, and each is sent once.
#[wasm_bindgen]
pub unsafe fn do_job(job: usize) {
    // SAFETY: by the caller's promise it is a pointer from `Box::into_raw`, taken back once.
    let job: Box<Job> = unsafe { Box::from_raw(job as *mut Job) };
    job();
}

/// Actors at work on the pool.
pub struct Run(real::Run<real::On>);

impl Run {
    /// Starts the program on real threads.
    pub fn start(values: &Values, seed: u64) -> Self {
        let config = real::Config {
            seed,
            max_actors: N_WORKERS,
            // Frames come 60 times a second; a busy actor writes some hundred events in one.
            ring_capacity: 8192,
            clock: shared_clock,
        };
        let setup = |world: &_| values.lesson().on_threads(values, world);
        Self(late(|| real::Run::start(Pool, config, setup)))
    }

    /// Takes over what happened since the last look, and gives the ending once there is one.
    pub fn look(&mut self) -> Option<&Ending> {
        self.0.look()
    }

    /// What happened so far.
    pub fn log(&self) -> &Log {
        self.0.log()
    }

    /// Makes the actors give up at their next wait.
    pub fn stop(&self) {
        self.0.stop();
    }
}

/// The page's address with the moment it shows, without a wish not to be isolated.
pub fn own_address() -> String {
    let location = window().location();
    let parts = [location.origin(), location.pathname(), location.hash()];
    parts.into_iter().filter_map(Result::ok).collect()
}

/// Offers a text as a file to save.
pub fn download(name: &str, mime: &str, text: &str) -> Result<(), JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(mime);
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let anchor: web_sys::HtmlAnchorElement =
        gloo::utils::document().create_element("a")?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // The browser needs the address until it has begun to save.
    gloo::timers::callback::Timeout::new(10_000, move || {
        let _ = web_sys::Url::revoke_object_url(&url);
    })
    .forget();
    Ok(())
}

/// How long a file may take, in milliseconds.
const PATIENCE_MS: u32 = 15_000;

/// The text of a file beside the page.
///
/// # Errors
/// Says why there is none, as the browser or the server puts it.
pub async fn read_text(url: &str) -> Result<String, String> {
    let why = |error| why(&error);
    let init = web_sys::RequestInit::new();
    init.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(PATIENCE_MS)));
    let answer = window().fetch_with_str_and_init(url, &init);
    let answer = wasm_bindgen_futures::JsFuture::from(answer).await.map_err(why)?;
    let answer: web_sys::Response = answer.unchecked_into();
    // Some servers answer with the page itself where there is no such file.
    let mime = answer.headers().get("content-type").ok().flatten().unwrap_or_default();
    if !answer.ok() || mime.starts_with("text/html") {
        return Err(format!("{} {}", if answer.ok() { 404 } else { answer.status() }, url));
    }
    let text = answer.text().map_err(why)?;
    let text = wasm_bindgen_futures::JsFuture::from(text).await.map_err(why)?;
    text.as_string().ok_or_else(|| url.to_owned())
}

/// Why something failed, as the browser puts it.
pub(crate) fn why(error: &JsValue) -> String {
    let told = error.dyn_ref::<js_sys::Error>().map(|error| error.message().into());
    told.unwrap_or_else(|| format!("{error:?}"))
}

/// Copies a text, and tells whether the browser allowed it.
pub fn copy(text: String, tell: impl FnOnce(bool) + 'static) {
    // Where the page is not secure there is no clipboard.
    let navigator: JsValue = window().navigator().into();
    let has_clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .is_ok_and(|clipboard| !clipboard.is_undefined());
    if !has_clipboard {
        return tell(false);
    }
    let copied = window().navigator().clipboard().write_text(&text);
    wasm_bindgen_futures::spawn_local(async move {
        tell(wasm_bindgen_futures::JsFuture::from(copied).await.is_ok());
    });
}
