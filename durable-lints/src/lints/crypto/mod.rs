//! The lints of the group `crypto`. Written by `cargo tidy`.

pub mod broken_ciphers;
pub mod hardcoded_crypto_keys;
pub mod reused_nonces;
pub mod weak_hashes;
