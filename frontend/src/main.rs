//! Starts the page. Runs once, on the first instance of the memory: workers share it and do not.

fn main() {
    yew::Renderer::<frontend::app::App>::new().render();
}
