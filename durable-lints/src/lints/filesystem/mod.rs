//! The lints of the group `filesystem`. Written by `cargo tidy`.
