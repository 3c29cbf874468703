//! What a lint sees: one typed view for each kind of thing that is checked.

mod advisories;
mod cargo_config;
mod certificate;
mod commands;
mod dependencies;
mod flags;
mod item_path;
mod lockfile;
mod manifest;
mod repository;
mod source;
mod workflow;

pub use advisories::{Advisories, AdvisoryDb};
pub use cargo_config::CargoConfig;
pub use certificate::Certificate;
pub use commands::{Command, Job};
pub use dependencies::{Dependencies, Index, Resolved};
pub use flags::{Flag, FlagSet, linker_words};
pub(crate) use item_path::{item_path, joined};
pub use lockfile::{LockedPackage, Lockfile};
pub use manifest::{Dependency, DependencyKind, Manifest};
pub use repository::{Repository, RepositoryFile};
pub use source::is_generated;
pub use source::{Role, SourceFile, SourcePackage};
pub use workflow::{Entry, Node, Workflow};
