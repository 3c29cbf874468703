//! The lints of the group `transport`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod expiring_embedded_certificates;
pub mod permissive_certificate_verifiers;
pub mod pinned_certificates;
pub mod tls_verification_disabled;
