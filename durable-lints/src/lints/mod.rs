//! Every lint, one file each.

pub mod ownership;

use crate::lint::Lint;

/// Every lint, sorted by group and name.
pub static ALL: &[&Lint] = &[
    &ownership::expiring_exceptions::LINT,
    &ownership::invalid_exceptions::LINT,
    &ownership::unexplained_suppressions::LINT,
    &ownership::unknown_owners::LINT,
    &ownership::weakened_policy::LINT,
];

/// The lint of this name.
pub fn find(name: &str) -> Option<&'static Lint> {
    ALL.iter().find(|lint| lint.name == name).copied()
}
