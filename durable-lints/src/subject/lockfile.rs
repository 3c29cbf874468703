//! `Cargo.lock`.

use std::sync::Arc;

use crate::vocabulary::Span;

/// One `[[package]]` of a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it comes from; `None` for members and path dependencies.
    pub source: Option<String>,
    /// The checksum of its archive.
    pub checksum: Option<String>,
    /// What it depends on, as the lock file writes it (`name`, `name version`, …).
    pub dependencies: Vec<String>,
    /// Its whole table in the file.
    pub span: Span,
}

/// One `Cargo.lock`.
#[derive(Clone, Debug)]
pub struct Lockfile {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// The format's version; 1 where it does not say.
    pub version: u32,
    /// The packages in file order.
    pub packages: Vec<LockedPackage>,
}

impl Lockfile {
    /// The command that updates one package: its version is named where several are locked.
    pub fn update(&self, name: &str, version: impl std::fmt::Display) -> String {
        match self.packages.iter().filter(|package| package.name == name).count() {
            0 | 1 => format!("`cargo update {name}`"),
            _ => format!("`cargo update {name}@{version}`"),
        }
    }

    /// The line that names a package's version: the place to point to, as its whole table is long.
    pub fn version_span(&self, package: &LockedPackage) -> Span {
        let table = self.text.get(package.span.range()).unwrap_or("");
        let line = table.find("\nversion").map_or(0, |at| at + 1);
        let length = table.get(line..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
        let start = package.span.start + line as u32;
        Span::new(start, start + length as u32)
    }
}
