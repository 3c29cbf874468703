//! The templates and the attribute's sources are embedded, and cargo does not see a new file among them by itself.

fn main() {
    println!("cargo::rerun-if-changed=../templates");
    println!("cargo::rerun-if-changed=../durable-macros");
}
