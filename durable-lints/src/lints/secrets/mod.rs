//! The lints of the group `secrets`. Written by `cargo tidy`.

pub mod hardcoded_tokens;
