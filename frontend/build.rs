//! Has the page built anew when its words have changed: who reads them does not tell cargo.

fn main() {
    println!("cargo::rerun-if-changed=locales");
}
