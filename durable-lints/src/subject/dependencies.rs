//! The resolved dependencies of a workspace.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::subject::{AdvisoryDb, Lockfile, Manifest};

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
    /// The advisory database.
    pub advisories: AdvisoryDb,
    /// What the registry said when cargo last asked.
    pub index: Index,
    /// The time of the check.
    pub now: Timestamp,
}

/// What cargo's copy of the registry's index says of the packages.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Whether it tells of any of them.
    pub known: bool,
    /// The packages that are yanked.
    pub yanked: BTreeSet<(String, semver::Version)>,
}
