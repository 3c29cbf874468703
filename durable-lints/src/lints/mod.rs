//! Every lint, one file each. Written by `cargo tidy` from the files that are there.

pub mod crypto;
pub mod memory;
pub mod ownership;
pub mod transport;

use crate::lint::Lint;

/// Every lint, sorted by group and name.
#[rustfmt::skip]
pub static ALL: &[&Lint] = &[
    &crypto::broken_ciphers::LINT,
    &crypto::hardcoded_crypto_keys::LINT,
    &crypto::reused_nonces::LINT,
    &crypto::weak_hashes::LINT,
    &memory::undocumented_unsafe::LINT,
    &ownership::expiring_exceptions::LINT,
    &ownership::invalid_exceptions::LINT,
    &ownership::unexplained_suppressions::LINT,
    &ownership::unknown_owners::LINT,
    &ownership::weakened_policy::LINT,
    &transport::expiring_embedded_certificates::LINT,
    &transport::permissive_certificate_verifiers::LINT,
    &transport::pinned_certificates::LINT,
    &transport::tls_verification_disabled::LINT,
];

/// The lint of this name.
pub fn find(name: &str) -> Option<&'static Lint> {
    ALL.iter().find(|lint| lint.name == name).copied()
}
