//! The lints of the group `memory`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod lifetime_extending_transmutes;
pub mod undocumented_unsafe;
pub mod uninitialized_read_buffers;
