//! The lints of the group `resource`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod missing_network_timeouts;
pub mod unbounded_channels;
pub mod unlimited_reads;
