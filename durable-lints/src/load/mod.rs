//! The only module that touches the disk or starts `cargo metadata`.
//!
//! [`survey`] walks and stamps, which is all that an unchanged check costs; [`load`] reads what is
//! not Rust and says which package each Rust file belongs to. [`load_memory`] does the same for a
//! tree in memory: a fixture, or a commit of history.

mod advisories;
mod cargo;
mod certificates;
mod child;
mod dependencies;
mod files;
mod graph;
mod index;
mod lockfile;
mod manifests;
mod packages;
mod repository;
mod survey;
mod targets;
mod tree;
mod without_dev;
mod workflows;
mod workspace;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use cargo::{program_outside, safe_path, what_cargo_rests_on};
pub use certificates::{certificates_in_source, embedded_certificates};
pub use child::output;
pub use files::{DiskFiles, Files, LARGEST_MIB, MemoryFiles, read_regular};
pub use index::cargo_indexes;
pub use survey::{is_read, survey};
pub use workspace::{load, load_memory, load_tree};

use crate::homes::Package;
use crate::report::Unchecked;
use crate::subject::{
    CargoConfig, Certificate, Dependencies, Lockfile, Manifest, Repository, Role, SourcePackage, Workflow,
};
use crate::vocabulary::Span;

/// What to check and how to read it.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// Files and folders; empty means the package or workspace around the current folder.
    pub paths: Vec<Utf8PathBuf>,
    /// `--manifest-path`.
    pub manifest_path: Option<Utf8PathBuf>,
    /// `-p`: packages by name; empty means all that the paths select.
    pub packages: Vec<String>,
    /// `--workspace`: every member, also from inside one of them.
    pub workspace: bool,
    /// `--exclude`: packages by name.
    pub exclude: Vec<String>,
    /// A RustSec database as a plain folder.
    pub advisory_db: Option<Utf8PathBuf>,
    /// The folders of [`cargo_indexes`]; none asks none.
    pub cargo_indexes: Vec<Utf8PathBuf>,
    /// The time of the check.
    pub now: Timestamp,
    /// Where the results of `cargo metadata` are remembered; `None` remembers nothing.
    pub cache_dir: Option<Utf8PathBuf>,
    /// The files below a folder that version control tracks, relative to it. They are checked
    /// whatever `.gitignore` says. `None` means that nobody can tell: then no ignore file counts.
    pub tracked: fn(&Utf8Path) -> Option<Vec<String>>,
}

impl LoadOptions {
    /// What is around the current folder, at a given time, remembering nothing.
    pub fn at(now: Timestamp) -> LoadOptions {
        LoadOptions {
            paths: Vec::new(),
            manifest_path: None,
            packages: Vec::new(),
            workspace: false,
            exclude: Vec::new(),
            advisory_db: None,
            cargo_indexes: Vec::new(),
            now,
            cache_dir: None,
            tracked: |_| Some(Vec::new()),
        }
    }
}

/// What tells whether a file changed without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Modification time in nanoseconds.
    pub mtime: i64,
    /// Status change time in nanoseconds; it cannot be set back by hand. 0 where there is none.
    pub ctime: i64,
    /// Inode; 0 where there is none.
    pub inode: u64,
}

/// What tells whether anything in a folder changed: how many files, how large together, and the
/// newest change.
pub fn stamp_of_folder(folder: &Utf8Path) -> Stamp {
    let mut total = Stamp { size: 0, mtime: 0, ctime: 0, inode: 0 };
    for entry in ignore::WalkBuilder::new(folder).build().flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        let stamp = survey::stamp(&metadata);
        total.size += stamp.size;
        total.mtime = total.mtime.max(stamp.mtime);
        total.ctime = total.ctime.max(stamp.ctime);
        total.inode += 1;
    }
    total
}

/// The stamp of a file, links followed; `None` where there is none.
pub fn stamp_of_file(path: &Utf8Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().map(|metadata| survey::stamp(&metadata))
}

/// The names of the packages that a survey saw, as `-p` takes them.
pub fn package_names(survey: &Survey) -> Vec<String> {
    packages::names(survey, &DiskFiles { root: survey.root.clone() })
}

/// A file that the walk saw.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: Arc<str>,
    /// Its stamp; of what it leads to, where it is a link.
    pub stamp: Stamp,
    /// Whether it is a link. Rust files are checked where they lie; a linked one is checked too where
    /// the compiler would reach it.
    pub linked: bool,
}

/// What lies under the checked paths: every file with its stamp, nothing read yet.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The workspace root, or the common folder of the paths.
    pub root: Utf8PathBuf,
    /// The files, sorted by path.
    pub files: Vec<Entry>,
    /// What of it is checked; the rest is there to be known.
    pub selected: Vec<Selected>,
    /// What the walk could not enter.
    pub unchecked: Vec<Unchecked>,
}

/// A file or folder that is checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selected {
    /// Relative to the workspace root; empty for all of it.
    pub path: Arc<str>,
    /// Whether it is a folder without a manifest of its own, so that vendored sources in it are
    /// what is to be checked.
    pub bare: bool,
    /// The folder of the workspace or package around it, whose policy holds for it; `None` where
    /// there is none.
    pub project: Option<Arc<str>>,
}

/// Why nothing could be checked at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A path that was given leads nowhere.
    #[error("there is no file or folder `{path}`{}", did_you_mean(.similar))]
    NoSuchPath {
        /// As given.
        path: String,
        /// A sibling with a similar name.
        similar: Option<String>,
    },
    /// A path that was given is there and cannot be followed.
    #[error("`{path}` cannot be followed: {reason}")]
    Unreachable {
        /// As given.
        path: String,
        /// Why.
        reason: String,
    },
    /// `--manifest-path` names something else than a manifest.
    #[error("`{path}` is not a manifest: `--manifest-path` takes the path of a file named Cargo.toml")]
    NotAManifest {
        /// As given.
        path: String,
    },
    /// `-p` or `--exclude` names no package that is here.
    #[error(
        "there is no package `{name}` in {root}{}; the packages here: {}",
        did_you_mean(.similar),
        shortened(.known)
    )]
    UnknownPackage {
        /// As given.
        name: String,
        /// The workspace root.
        root: Utf8PathBuf,
        /// The package whose name comes closest.
        similar: Option<String>,
        /// The packages that there are.
        known: Vec<String>,
    },
    /// The current folder cannot be used.
    #[error("the current folder cannot be read: {reason}; name the folder to check")]
    CurrentFolder {
        /// Why.
        reason: String,
    },
    /// A path that is not UTF-8.
    #[error("the path `{path}` is not UTF-8; rename it, or check it from within")]
    NotUtf8 {
        /// With what cannot be shown replaced.
        path: String,
    },
}

fn did_you_mean(similar: &Option<String>) -> String {
    similar.as_ref().map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let mut text = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text += &format!(" and {} more", names.len() - SHOWN);
    }
    text
}

/// A target of a package: a file that the compiler would start from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What it is built into.
    pub role: Role,
    /// Its root file, relative to the workspace root.
    pub root: Arc<str>,
    /// Its crate name as code knows it.
    pub krate: Arc<str>,
    /// As cargo tells of it.
    pub told: Told,
}

/// What `cargo metadata` says of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its name.
    pub name: Arc<str>,
    /// `bin`, `test`, `custom-build` …; of a library the crate types.
    pub kind: Vec<Arc<str>>,
    /// What the compiler makes of it.
    pub crate_types: Vec<Arc<str>>,
    /// Its edition, as a year.
    pub edition: u16,
    /// Whether `cargo doc` documents it.
    pub doc: bool,
    /// Whether its examples are tested.
    pub doctest: bool,
    /// Whether `cargo test` builds it as a test.
    pub test: bool,
}

/// A package and the Rust files in its folder.
#[derive(Clone, Debug)]
pub struct PackageFiles {
    /// What names may mean in it.
    pub package: SourcePackage,
    /// Its version; empty for loose files.
    pub version: Arc<str>,
    /// Its folder, relative to the workspace root, without a slash at the end; empty for the root.
    pub folder: Arc<str>,
    /// Its targets; none for loose files.
    pub targets: Vec<Target>,
    /// Its Rust files, sorted by path, those of nested packages left out. Where the check was asked
    /// for a part of a package only, these are still all of them: see [`Workspace::is_selected`].
    pub files: Vec<Entry>,
    /// The packages of this workspace that it depends on, by index into [`Workspace::packages`].
    pub local_dependencies: Vec<usize>,
    /// Whether another package, itself no test, is built with it: then it ships, wherever it lies.
    pub ships: bool,
    /// Whether it is checked. The others are there because a checked package depends on them, and
    /// what their functions do matters to it; findings in them are not told.
    pub selected: bool,
}

impl PackageFiles {
    /// As cargo tells of it.
    pub(crate) fn told(&self) -> Package {
        Package {
            name: self.package.name.clone(),
            version: self.version.clone(),
            folder: self.folder.clone(),
            targets: self.targets.clone(),
        }
    }
}

/// A place in source that embeds a certificate or key: `include_bytes!("ca.pem")`, or PEM text in a
/// string literal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embed {
    /// The Rust file.
    pub file: Arc<str>,
    /// The macro call or literal in it.
    pub span: Span,
    /// The embedded file, relative to the workspace root; `None` for a literal.
    pub target: Option<Arc<str>>,
}

/// Everything the engine needs, typed; the texts of Rust files are read when their turn comes.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// The root that every path is relative to.
    pub root: Utf8PathBuf,
    /// The packages that are checked and those that they depend on, sorted by folder; loose files
    /// form one of their own.
    pub packages: Vec<PackageFiles>,
    /// Every manifest that is checked.
    pub manifests: Vec<Arc<Manifest>>,
    /// Every manifest that the walk saw, checked or not: what one says of its package holds for each file
    /// of it.
    pub all_manifests: Vec<Arc<Manifest>>,
    /// Every lock file.
    pub lockfiles: Vec<Arc<Lockfile>>,
    /// Every cargo configuration.
    pub cargo_configs: Vec<CargoConfig>,
    /// Every workflow.
    pub workflows: Vec<Workflow>,
    /// Certificates that are files of their own.
    pub certificates: Vec<Certificate>,
    /// The files of the repository.
    pub repository: Repository,
    /// The resolved dependencies of each workspace root.
    pub dependencies: Vec<Dependencies>,
    /// What could not be read.
    pub unchecked: Vec<Unchecked>,
    /// What is known less well than it could be, and the command that mends it.
    pub notes: Vec<String>,
    /// The files and folders that are checked, as in [`Survey::selected`].
    pub selected: Vec<Selected>,
    /// Whether a graph rests on packages outside of the root, which no stamp tells of.
    pub fleeting: bool,
    /// Files outside of the checkout that this rests on.
    pub rests_on: Vec<Arc<str>>,
}

impl Workspace {
    /// How many files of every kind are checked.
    pub fn checked_files(&self) -> u64 {
        let packages = self.packages.iter().filter(|package| package.selected);
        let sources = packages.flat_map(|package| &package.files).map(|entry| &entry.path);
        let documents = (self.manifests.iter().map(|manifest| &manifest.path))
            .chain(self.lockfiles.iter().map(|lockfile| &lockfile.path))
            .chain(self.cargo_configs.iter().map(|config| &config.path))
            .chain(self.workflows.iter().map(|workflow| &workflow.path))
            .chain(self.certificates.iter().map(|certificate| &certificate.path))
            .chain(self.repository.files.iter().filter(|file| file.text.is_some()).map(|file| &file.path));
        let files: std::collections::BTreeSet<&Arc<str>> =
            sources.chain(documents).filter(|path| self.is_selected(path)).collect();
        files.len() as u64
    }

    /// Whether findings in a file of a selected package are told: it lies in what was asked for.
    pub fn is_selected(&self, path: &str) -> bool {
        self.selected.iter().any(|selected| tree::is_below(path, &selected.path))
    }
}
