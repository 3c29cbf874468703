use jiff::SignedDuration;

use crate::prelude::*;

declare_lint! {
    /// A dependency has a published vulnerability, so attackers need only read the advisory.
    ///
    /// The locked packages are compared with the [RustSec](https://rustsec.org) database, which is
    /// given with `--advisory-db`: a folder, `default` for the clone that cargo-audit or cargo-deny
    /// made, or a git URL, the only case in which something is fetched. Without a database, or with an
    /// old one, this is said; `--require-advisory-db` makes it a failure.
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
    ///
    /// [versions]
    /// patched = [">= 0.4.2"]
    /// ~~~
    ///
    /// # Links in archives lead out of the folder
    ///
    /// Unpacking follows them.
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
    ///
    /// [versions]
    /// patched = [">= 0.4.2"]
    /// ~~~
    ///
    /// # Links in archives lead out of the folder
    ///
    /// Unpacking follows them.
    /// ```
    ///
    /// ## What to do
    /// Update the package to a version that is patched. Where there is none, see in the advisory
    /// whether the vulnerable part is used, and look for a replacement. An exemption may name the
    /// advisory, `cargo durable allow RUSTSEC-2026-0001 …`, and is about no other.
    ///
    /// ## Known limits
    /// Advisories about packages that nobody maintains and about unsoundness are lints of their own,
    /// `unmaintained_dependencies` and `unsound_dependencies`; mere notices are left out. Whether the
    /// vulnerable function is called is not looked at.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[1395, 937],
        max_term_days: 90,
        check: Check::Dependencies(check),
    }
}

/// How old the database's newest entry may be before that is said.
const OLDEST: SignedDuration = SignedDuration::from_hours(90 * 24);

fn check(dependencies: &Dependencies, findings: &mut Findings) {
    dependencies.report_advised(|kind| kind.is_none(), "has a known vulnerability", findings);
    let AdvisoryDb::Read(advisories) = &dependencies.advisories else { return };
    let age = advisories.newest.map(|newest| dependencies.now.duration_since(newest));
    if let Some(age) =
        age.filter(|age| *age > OLDEST && dependencies.packages.iter().any(Resolved::is_public))
    {
        findings.note(format!(
            "the newest advisory in the database is {} days old, so later vulnerabilities are not known; `git -C \
             FOLDER pull` in its clone brings them",
            age.as_hours() / 24
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    const PACKAGE: &str = "[package]\nname = \"x\"\nversion = \"1.0.0\"\n[dependencies]\na = \"1\"\n";

    fn lock(version: &str, source: &str) -> String {
        format!(
            "{PACKAGE}//- Cargo.lock\nversion = 4\n[[package]]\nname = \"a\"\nversion = \"{version}\"\nsource = \"{source}\"\n\
             checksum = \"00\"\n[[package]]\nname = \"x\"\nversion = \"1.0.0\"\ndependencies = [\"a\"]\n"
        )
    }

    fn database(fields: &str, date: &str) -> String {
        format!(
            "//- advisory-db/crates/a/RUSTSEC-2026-0009.md\n```toml\n[advisory]\nid = \"RUSTSEC-2026-0009\"\npackage = \"a\"\n\
             date = \"{date}\"\n{fields}\n[versions]\npatched = [\">= 1.2.0\"]\nunaffected = [\"< 1.1.0\"]\n```\n\n# Wrong.\n\nText.\n"
        )
    }

    const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

    #[test]
    fn only_versions_that_are_neither_patched_nor_unaffected() {
        let with = |version: &str, source: &str, fields: &str| {
            lock(version, source) + &database(fields, "2026-11-01")
        };
        super::LINT.sees_in_file(
            &[
                &with("1.1.0", REGISTRY, ""),
                &with("1.1.9", "sparse+https://index.crates.io/", ""),
                &with("1.1.9", REGISTRY, "categories = [\"memory-corruption\"]"),
            ],
            &[
                &with("1.2.0", REGISTRY, ""),
                &with("1.0.9", REGISTRY, ""),
                &with("1.1.0", "registry+https://registry.example.com/index", ""),
                &with("1.1.0", REGISTRY, "withdrawn = \"2026-11-02\""),
                &with("1.1.0", REGISTRY, "informational = \"unmaintained\""),
                &lock("1.1.0", REGISTRY),
            ],
        );
    }

    #[test]
    fn an_absent_or_old_database_is_said() {
        let notes = |text: &str| {
            let report = fixture::check(&fixture::split("Cargo.toml", text));
            let missed = report.not_run.into_iter().filter(|missed| missed.lint.name == super::LINT.name);
            report.notes.into_iter().chain(missed.map(|missed| missed.reason)).collect::<Vec<_>>().join("\n")
        };
        let locked = lock("1.2.0", REGISTRY);
        assert!(notes(&locked).contains("no advisory database was given"), "{}", notes(&locked));
        let old = locked.clone() + &database("", "2026-08-01");
        assert!(notes(&old).contains("is 114 days old"), "{}", notes(&old));
        assert_eq!(notes(&(locked + &database("", "2026-11-01"))), "");
        assert_eq!(notes(PACKAGE), notes(PACKAGE).replace("advisory", ""));
    }
}
