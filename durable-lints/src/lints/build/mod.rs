//! The lints of the group `build`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod build_script_side_effects;
pub mod suppressed_security_lints;
pub mod weakened_build_flags;
