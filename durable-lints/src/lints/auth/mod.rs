//! The lints of the group `auth`. Written by `cargo tidy`.
