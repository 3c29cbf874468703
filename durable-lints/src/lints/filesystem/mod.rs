//! The lints of the group `filesystem`. Written by `cargo tidy`.

pub mod unconfined_archive_entries;
