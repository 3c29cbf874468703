//! Every lint, one file each. `cargo tidy` writes the lists from the files that are there.

use crate::lint::Lint;

/// Every lint, sorted by group and name.
pub static ALL: &[&Lint] = &[];

/// The lint of this name.
pub fn find(name: &str) -> Option<&'static Lint> {
    ALL.iter().find(|lint| lint.name == name).copied()
}
