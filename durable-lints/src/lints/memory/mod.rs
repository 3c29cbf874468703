//! The lints of the group `memory`. Written by `cargo tidy`.

pub mod undocumented_unsafe;
