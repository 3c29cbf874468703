//! Every lint, one file each. Written by `cargo tidy` from the files that are there.

pub mod injection;
pub mod memory;
pub mod ownership;
pub mod transport;

use crate::lint::Lint;

/// Every lint, sorted by group and name.
#[rustfmt::skip]
pub static ALL: &[&Lint] = &[
    &injection::dynamic_shell_commands::LINT,
    &injection::dynamic_sql_strings::LINT,
    &injection::request_controlled_paths::LINT,
    &injection::request_controlled_urls::LINT,
    &memory::undocumented_unsafe::LINT,
    &ownership::banned_apis::LINT,
    &ownership::expiring_exceptions::LINT,
    &ownership::invalid_exceptions::LINT,
    &ownership::unexplained_suppressions::LINT,
    &ownership::unknown_owners::LINT,
    &ownership::weakened_policy::LINT,
    &transport::tls_verification_disabled::LINT,
];

/// The lint of this name.
pub fn find(name: &str) -> Option<&'static Lint> {
    ALL.iter().find(|lint| lint.name == name).copied()
}
