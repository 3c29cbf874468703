use crate::prelude::*;

declare_lint! {
    /// The authors of a locked version withdrew it, often for a flaw that attackers can read in its successor.
    ///
    /// What the registry says is read from cargo's own copy of its index, as of the last time cargo
    /// asked; nothing is fetched. `cargo update --dry-run` makes cargo ask again.
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
    /// //- cargo-index/ar/ch/archive
    /// {"name":"archive","vers":"0.4.1","yanked":true}
    /// {"name":"archive","vers":"0.4.2","yanked":false}
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
    /// //- cargo-index/ar/ch/archive
    /// {"name":"archive","vers":"0.4.1","yanked":true}
    /// {"name":"archive","vers":"0.4.2","yanked":false}
    /// ```
    ///
    /// ## What to do
    /// Update the package; where no other version will do, read in its change log why it was yanked.
    ///
    /// ## Known limits
    /// Only packages from crates.io are looked up. A package that cargo has not asked about on this
    /// machine is not known; where none is, that is said if the level of this lint was set.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Low,
        cwe: &[1104],
        max_term_days: 90,
        check: Check::Dependencies(check),
    }
}

fn check(dependencies: &Dependencies, findings: &mut Findings) {
    if !dependencies.index.known && dependencies.packages.iter().any(Resolved::is_public) {
        findings.could_not_look(
            "whether locked versions are yanked is not known, as cargo has no copy of the registry's index here; \
             `cargo fetch --locked` brings it",
        );
    }
    let is_yanked = |package: &&Resolved| {
        dependencies.index.yanked.contains(&(package.name.clone(), package.version.clone()))
    };
    for package in dependencies.packages.iter().filter(|package| package.is_public()).filter(is_yanked) {
        let Resolved { name, version, .. } = package;
        findings
            .at(dependencies.locked_at(package), format!("{name} {version} was yanked from the registry"))
            .item(format!("{name} {version}"))
            .identified_by(format!("yanked {name} {version}"))
            .help(format!(
                "{} brings a version that is not{}; where there is none, what depends on it has to move",
                dependencies.update(package),
                dependencies.brought(package)
            ));
    }
}
