//! The lints of the group `crypto`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod broken_ciphers;
pub mod hardcoded_crypto_keys;
pub mod reused_nonces;
pub mod weak_hashes;
