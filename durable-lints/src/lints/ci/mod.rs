//! The lints of the group `ci`. Written by `cargo tidy`.
