//! The log on standard error, one JSON object a line.

use std::io;
use std::panic;

use durable_macros::durable;
use tracing::{Level, error};

#[durable(owner = "acme-team")]
pub(crate) fn start() {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(Level::INFO)
        .with_writer(io::stderr)
        .init();
    // The message of a panic may hold what a request brought: the place is enough to find it.
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        error!(place, "panicked");
    }));
}
