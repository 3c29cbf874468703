//! The lints of the group `secrets`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod committed_secret_files;
pub mod embedded_private_keys;
pub mod hardcoded_tokens;
pub mod logged_secrets;
