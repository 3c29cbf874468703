//! The only module that touches the disk or starts `cargo metadata`.

use std::sync::Arc;

use camino::Utf8PathBuf;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::finding::Span;
use crate::report::Unchecked;
use crate::subject::{
    CargoConfig, Certificate, Dependencies, Lockfile, Manifest, Repository, Role, SourcePackage, Workflow,
};

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
    /// The time of the check.
    pub now: Timestamp,
    /// Where the results of `cargo metadata` are remembered; `None` remembers nothing.
    pub cache_dir: Option<Utf8PathBuf>,
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

/// A file that the walk saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: Arc<str>,
    /// Its stamp.
    pub stamp: Stamp,
}

/// What lies under the checked paths: every file with its stamp, nothing read yet.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The workspace root, or the common folder of the paths.
    pub root: Utf8PathBuf,
    /// The files, sorted by path.
    pub files: Vec<Entry>,
    /// What the walk could not enter.
    pub unchecked: Vec<Unchecked>,
}

/// A target of a package: a file that the compiler would start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is built into.
    pub role: Role,
    /// Its root file, relative to the workspace root.
    pub root: Arc<str>,
    /// Its crate name as code knows it.
    pub krate: Arc<str>,
}

/// A package and the Rust files in its folder.
#[derive(Clone, Debug)]
pub struct PackageFiles {
    /// What names may mean in it.
    pub package: SourcePackage,
    /// Its folder, relative to the workspace root, without a slash at the end; empty for the root.
    pub folder: Arc<str>,
    /// Its targets; none for loose files.
    pub targets: Vec<Target>,
    /// Its Rust files by index into [`Survey::files`], those of nested packages left out.
    pub files: Vec<Entry>,
    /// The packages of this workspace that it depends on, by index into [`Workspace::packages`].
    pub local_dependencies: Vec<usize>,
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
    /// The packages that are checked, sorted by folder; loose files form one of their own.
    pub packages: Vec<PackageFiles>,
    /// Every manifest.
    pub manifests: Vec<Arc<Manifest>>,
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
}

/// Where the texts of files come from: the disk, a fixture, or a commit of history.
pub trait Files: Sync {
    /// The bytes of a file, by its path relative to the workspace root.
    ///
    /// # Errors
    /// Where the file cannot be read, with the reason in words.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}
