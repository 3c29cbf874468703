//! The lints of the group `transport`. Written by `cargo tidy`.

pub mod tls_verification_disabled;
