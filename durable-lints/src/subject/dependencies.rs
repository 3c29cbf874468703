//! The resolved dependencies of a workspace.

use std::sync::Arc;

use jiff::Timestamp;
use rustsec::Database;

use crate::subject::{Lockfile, Manifest};

/// One package of the resolved graph.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Resolved {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: semver::Version,
    /// Where it comes from; `None` for members and path dependencies.
    pub source: Option<String>,
    /// The features it is built with; `None` where the graph came from `Cargo.lock` alone.
    pub features: Option<Vec<String>>,
    /// Whether it is part of what ships (normal dependencies of members), not only of tests and
    /// build scripts. `None` where the graph came from `Cargo.lock` alone.
    pub ships: Option<bool>,
    /// The names and versions of the packages that depend on it.
    pub dependents: Vec<(String, semver::Version)>,
}

/// The resolved graph of one workspace, by `cargo metadata` (read with guppy) or from `Cargo.lock`.
#[derive(Clone, Debug)]
pub struct Dependencies {
    /// The manifest at the workspace root.
    pub root: Arc<Manifest>,
    /// All manifests of the workspace.
    pub manifests: Vec<Arc<Manifest>>,
    /// The lock file, where there is one.
    pub lockfile: Option<Arc<Lockfile>>,
    /// Every package, sorted by name and version.
    pub packages: Vec<Resolved>,
    /// The advisory database, where one was given.
    pub advisories: Option<Arc<Advisories>>,
    /// The time of the check.
    pub now: Timestamp,
}

/// An advisory database that was given by its path.
pub struct Advisories {
    /// The database.
    pub database: Database,
    /// The date of its newest entry.
    pub newest: Option<Timestamp>,
}

impl std::fmt::Debug for Advisories {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} advisories", self.database.iter().count())
    }
}
