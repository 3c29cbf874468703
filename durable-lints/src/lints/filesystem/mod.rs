//! The lints of the group `filesystem`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod predictable_temp_files;
pub mod unconfined_archive_entries;
pub mod world_writable_modes;
