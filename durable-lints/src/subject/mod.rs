//! What a lint sees: one typed view for each kind of thing that is checked.

mod advisories;
mod cargo_config;
mod certificate;
mod code;
mod commands;
mod dependencies;
mod flags;
mod lockfile;
mod made;
mod manifest;
mod repository;
mod source;
mod workflow;

pub use advisories::{Advisories, AdvisoryDb};
pub use cargo_config::CargoConfig;
pub use certificate::Certificate;
pub(crate) use code::ends;
pub use code::{ApiPath, Call, CallKind, Code, MacroCall, Tree};
pub use commands::{Command, Job};
pub use dependencies::{Dependencies, Index, Resolved};
pub use flags::{Flag, FlagSet, linker_words};
pub use lockfile::{LockedPackage, Lockfile};
pub use made::Made;
pub use manifest::{Dependency, DependencyKind, Manifest};
pub use repository::{Repository, RepositoryFile};
pub use source::is_generated;
pub use source::{Role, SourceFile, SourcePackage};
pub use workflow::{Entry, Node, Workflow};
