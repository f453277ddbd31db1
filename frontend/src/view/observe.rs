//! The size of an element, as it changes.

use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::prelude::*;

/// The width and height of the element behind `node` in pixels; zero until it is known.
#[hook]
pub fn use_size(node: NodeRef) -> (f64, f64) {
    let size = use_state_eq(|| (0.0, 0.0));
    {
        let size = size.clone();
        use_effect_with((), move |()| {
            let observer = node.cast::<Element>().map(|element| {
                let measured = element.clone();
                observe_size(&element, move || {
                    let bounds = measured.get_bounding_client_rect();
                    size.set((bounds.width(), bounds.height()));
                })
            });
            move || drop(observer)
        });
    }
    *size
}

/// Watches the size of an element, until it is dropped.
struct Observer(
    web_sys::ResizeObserver,
    #[expect(dead_code, reason = "kept alive")] Closure<dyn FnMut()>,
);

impl Drop for Observer {
    fn drop(&mut self) {
        self.0.disconnect();
    }
}

fn observe_size(element: &Element, on_size: impl Fn() + 'static) -> Observer {
    let closure = Closure::<dyn FnMut()>::new(on_size);
    let observer = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref())
        .expect("the closure is a function");
    observer.observe(element);
    Observer(observer, closure)
}
