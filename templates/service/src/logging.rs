//! The log on standard error, one JSON object a line.

use std::io;
use std::panic::{self, PanicHookInfo};

use durable_macros::durable;
use tracing::{Level, error};

#[durable(
    owner = "acme-team",
    guard = "logging::tests::the_message_of_a_panic_is_not_logged"
)]
pub(crate) fn start() {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(Level::INFO)
        .with_writer(io::stderr)
        .init();
    panic::set_hook(Box::new(|panic| error!(place = place(panic), "panicked")));
}

/// The message of a panic may hold what a request brought: the place is enough to find it.
fn place(panic: &PanicHookInfo<'_>) -> Option<String> {
    panic.location().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn the_message_of_a_panic_is_not_logged() {
        // Tests beside this one panic as well: their places are heard too.
        let (tell, told) = sync_channel(8);
        panic::set_hook(Box::new(move |panic| drop(tell.try_send(place(panic)))));
        let _ = panic::catch_unwind(|| panic!("the password is hunter2"));
        drop(panic::take_hook());
        let places: Vec<String> = told.iter().flatten().collect();
        assert!(
            places.iter().any(|place| place.contains("logging.rs:")),
            "{places:?}"
        );
        assert!(
            places.iter().all(|place| !place.contains("hunter2")),
            "{places:?}"
        );
    }
}
