//! The lints of the group `web`. Written by `cargo tidy`.

