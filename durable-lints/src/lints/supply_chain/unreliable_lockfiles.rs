use std::collections::BTreeMap;

use semver::{Version, VersionReq};

use crate::prelude::*;

declare_lint! {
    /// The lock file does not fix what is built, so other code than the one that was tested may be fetched.
    ///
    /// `Cargo.lock` holds a checksum for every package of a registry and a commit for every git
    /// dependency. Where one is missing or does not match, cargo takes what the server sends.
    ///
    /// ```lock,bad
    /// version = 4
    ///
    /// [[package]]
    /// name = "archive"
    /// version = "0.4.46"
    /// source = "registry+https://registry.example.com/index"
    /// ```
    ///
    /// ```lock,good
    /// version = 4
    ///
    /// [[package]]
    /// name = "archive"
    /// version = "0.4.46"
    /// source = "registry+https://registry.example.com/index"
    /// checksum = "9b1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d"
    /// ```
    ///
    /// ## What to do
    /// Let cargo write the entry again (`cargo update NAME`) and commit the result. Build with
    /// `--locked`, which refuses a lock file that does not fit.
    ///
    /// ## Known limits
    /// A program without any lock file is reported only where its manifest names its binaries or
    /// what else it links. Checksums are compared among the entries of one file, not with the registry.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[353, 494, 1104],
        check: Check::Lockfile(lockfile),
        also: &[Check::Dependencies(outdated), Check::Manifest(missing)],
    }
}

fn lockfile(lockfile: &Lockfile, findings: &mut Findings) {
    // The first format keeps all checksums in a table of its own.
    let has_table = lockfile.text.contains("\n[metadata]");
    let mut known: BTreeMap<(&str, &str, &str), &str> = BTreeMap::new();
    for package in &lockfile.packages {
        let LockedPackage { name, version, .. } = package;
        let Some(source) = package.source.as_deref() else { continue };
        let is_registry = source.starts_with("registry+") || source.starts_with("sparse+");
        let problem = match package.checksum.as_deref() {
            None if is_registry && !has_table => "has no checksum: its content is not verified",
            Some(checksum) if !is_checksum(checksum) => {
                "has a checksum that is none: its content is not verified"
            }
            Some(checksum) => match known.insert((name, version, source), checksum) {
                Some(other) if other != checksum => "is locked twice, with different checksums",
                _ => "",
            },
            None if source.starts_with("git+") && !is_commit(source) => "is locked to no commit",
            None => "",
        };
        if !problem.is_empty() {
            findings
                .at(lockfile.version_span(package), format!("package {name} {version} {problem}"))
                .item(format!("{name} {version}"))
                .identified_by(format!("{name} {version} {problem}"))
                .help(format!(
                    "let cargo write the entry again ({}) and commit it",
                    lockfile.update(name, version)
                ));
        }
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_checksum(text: &str) -> bool {
    // Registries served from a folder have none, and cargo then writes this.
    text == "<none>" || text.len() == 64 && is_hex(text)
}

/// Whether a git source ends with a whole commit: `git+https://…?branch=main#3f1c…`.
fn is_commit(source: &str) -> bool {
    source.rsplit_once('#').is_some_and(|(_, commit)| commit.len() >= 40 && is_hex(commit))
}

/// Requirements of the manifests that no locked version meets: the next build would change the file.
fn outdated(dependencies: &Dependencies, findings: &mut Findings) {
    let Some(lockfile) = &dependencies.lockfile else { return };
    let mut locked: BTreeMap<&str, Vec<Version>> = BTreeMap::new();
    for package in &lockfile.packages {
        locked.entry(&package.name).or_default().extend(Version::parse(&package.version));
    }
    for manifest in &dependencies.manifests {
        for dependency in manifest.dependencies.iter().filter(|dependency| dependency.path.is_none()) {
            let Some(requirement) = dependency.requirement.as_deref() else { continue };
            let Ok(parsed) = VersionReq::parse(requirement) else { continue };
            let versions = locked.get(&*dependency.package).map_or(&[][..], Vec::as_slice);
            if versions.iter().any(|version| parsed.matches(version)) {
                continue;
            }
            let name = &dependency.package;
            let have = versions.iter().map(Version::to_string).collect::<Vec<_>>().join(", ");
            let have = if have.is_empty() { "holds none".to_owned() } else { format!("holds {have}") };
            findings
                .at(
                    Span::new(0, 0),
                    format!("{} asks for {name} `{requirement}` and the lock file {have}", manifest.path),
                )
                .item(name.to_string())
                .identified_by(format!("{} {name} {requirement}", manifest.path))
                .help("run `cargo update --workspace` and commit the lock file");
        }
    }
}

/// A program that is built from what the day brings.
fn missing(manifest: &Manifest, findings: &mut Findings) {
    let top = manifest.document.as_table();
    let links = top.get("lib").and_then(|lib| lib.get("crate-type").or(lib.get("crate_type"))?.as_array());
    let links = links
        .is_some_and(|kinds| kinds.iter().any(|kind| matches!(kind.as_str(), Some("cdylib" | "staticlib"))));
    let is_published =
        top.get("package").and_then(|package| package.get("publish")?.as_bool()) != Some(false);
    let is_program = top.get("bin").is_some() || links;
    // `cargo fuzz` makes these, and has git ignore their lock files; nobody ships what they build.
    let is_fuzzed =
        top.get("package").and_then(|package| package.get("metadata")?.get("cargo-fuzz")).is_some();
    let needs = manifest.dependencies.iter().any(|dependency| dependency.path.is_none());
    // A library may bring a small program along; its users' lock files count, not its own.
    if !manifest.is_root || manifest.has_lockfile || !is_program || is_published || is_fuzzed || !needs {
        return;
    }
    let name = top.get("package").and_then(|package| package.get("name"));
    let span = name.map_or(Span::new(0, 0), |name| manifest.span(name));
    findings
        .at(span, "this program is built without a lock file in the checkout")
        .item("package")
        .help("run `cargo generate-lockfile`, take `Cargo.lock` out of `.gitignore`, and commit it");
}

#[cfg(test)]
mod tests {
    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        let sum = "checksum = \"9b1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d\"\n";
        let package = |name: &str, source: &str, rest: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n{rest}")
        };
        let registry = "registry+https://github.com/rust-lang/crates.io-index";
        let git = "git+https://example.com/a?branch=main";
        let root = "[package]\nname = \"x\"\nversion = \"1.0.0\"\n[dependencies]\na = \"1.1\"\n//- Cargo.lock\nversion = 4\n";
        let own = "[[package]]\nname = \"x\"\nversion = \"1.0.0\"\n";
        LINT.sees_in_file(
            &[
                &package("a", registry, ""),
                &package("a", "sparse+https://registry.example.com/", ""),
                &package("a", registry, "checksum = \"9b1c\"\n"),
                &package("a", git, ""),
                &package("a", &format!("{git}#main"), ""),
                &format!("{}{}", package("a", registry, sum), package("a", registry, &sum.replace("9b", "9c"))),
                &format!("//- Cargo.toml\n{root}{own}{}", package("a", registry, sum)),
                "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\npublish = false\n[[bin]]\nname = \"x\"\npath = \"x.rs\"\n[dependencies]\na = \"1\"",
            ],
            &[
                &package("a", registry, sum),
                &package("a", &format!("{git}#3f1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d"), ""),
                &format!("{}\n[metadata]\n\"checksum a 1.0.0\" = \"00\"\n", package("a", registry, "")),
                "version = 4\n[[package]]\nname = \"x\"\nversion = \"1.0.0\"\n",
                &format!("//- Cargo.toml\n{}{own}{}", root.replace("1.1", "1"), package("a", registry, sum)),
                "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\n[[bin]]\nname = \"x\"\npath = \"x.rs\"\n[dependencies]\na = \"1\"",
                "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\npublish = false\n[dependencies]\na = \"1\"",
            ],
        );
    }
}
