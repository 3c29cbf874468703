//! The lints of the group `resource`. Written by `cargo tidy`.

pub mod missing_network_timeouts;
pub mod unbounded_channels;
pub mod unlimited_reads;
