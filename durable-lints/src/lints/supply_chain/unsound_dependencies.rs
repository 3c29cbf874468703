use rustsec::advisory::Informational;

use crate::prelude::*;

declare_lint! {
    /// Safe code can corrupt memory through a dependency, and with it whoever controls its input.
    ///
    /// The RustSec database tells of it; `--advisory-db` names that, as for `vulnerable_dependencies`.
    ///
    /// ```toml,bad
    /// [package]
    /// name = "service"
    /// version = "1.0.0"
    ///
    /// [dependencies]
    /// archive = "0.4"
    /// //- Cargo.lock
    /// version = 4
    ///
    /// [[package]]
    /// name = "archive"
    /// version = "0.4.1"
    /// source = "registry+https://github.com/rust-lang/crates.io-index"
    /// checksum = "3f1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d"
    ///
    /// [[package]]
    /// name = "service"
    /// version = "1.0.0"
    /// dependencies = ["archive"]
    /// //- advisory-db/crates/archive/RUSTSEC-2026-0001.md
    /// ~~~toml
    /// [advisory]
    /// id = "RUSTSEC-2026-0001"
    /// package = "archive"
    /// date = "2026-10-01"
    /// informational = "unsound"
    ///
    /// [versions]
    /// patched = [">= 0.4.2"]
    /// ~~~
    ///
    /// # Reading past the end from safe code
    ///
    /// An index is not checked.
    /// ```
    ///
    /// ```toml,good
    /// [package]
    /// name = "service"
    /// version = "1.0.0"
    ///
    /// [dependencies]
    /// archive = "0.4"
    /// //- Cargo.lock
    /// version = 4
    ///
    /// [[package]]
    /// name = "archive"
    /// version = "0.4.2"
    /// source = "registry+https://github.com/rust-lang/crates.io-index"
    /// checksum = "9b1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d"
    ///
    /// [[package]]
    /// name = "service"
    /// version = "1.0.0"
    /// dependencies = ["archive"]
    /// //- advisory-db/crates/archive/RUSTSEC-2026-0001.md
    /// ~~~toml
    /// [advisory]
    /// id = "RUSTSEC-2026-0001"
    /// package = "archive"
    /// date = "2026-10-01"
    /// informational = "unsound"
    ///
    /// [versions]
    /// patched = [">= 0.4.2"]
    /// ~~~
    ///
    /// # Reading past the end from safe code
    ///
    /// An index is not checked.
    /// ```
    ///
    /// ## What to do
    /// Update to a patched version, or see in the advisory which functions are concerned and avoid them.
    /// An exemption may name the advisory, `cargo durable allow RUSTSEC-2026-0001 …`, and is about no other.
    ///
    /// ## Known limits
    /// Whether the unsound function is called, and with what, is not looked at.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        cwe: &[119],
        max_term_days: 180,
        check: Check::Dependencies(check),
    }
}

fn check(dependencies: &Dependencies, findings: &mut Findings) {
    dependencies.report_advised(|kind| kind == Some(&Informational::Unsound), "is unsound", findings);
}
