//! `Cargo.toml`.

use std::sync::Arc;

use toml_edit::Document;

use crate::vocabulary::Span;

/// Which builds a dependency is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DependencyKind {
    /// `[dependencies]`.
    Normal,
    /// `[dev-dependencies]`.
    Dev,
    /// `[build-dependencies]`.
    Build,
}

/// One dependency as a manifest declares it, workspace inheritance applied.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dependency {
    /// The key in the manifest.
    pub name: Arc<str>,
    /// The name that code uses: the key with `_` for `-`.
    pub in_code: Arc<str>,
    /// The name in the registry: `package = "…"`, else the key.
    pub package: Arc<str>,
    /// The version requirement as written; `None` where there is none.
    pub requirement: Option<String>,
    /// Which builds it is part of.
    pub kind: DependencyKind,
    /// Whether it is optional.
    pub optional: bool,
    /// The features asked for.
    pub features: Vec<String>,
    /// Whether default features are on.
    pub default_features: bool,
    /// The folder it points to, as written.
    pub path: Option<String>,
}

/// One `Cargo.toml`, parsed with spans.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// The parsed document; tables and values know their spans.
    pub document: Document<String>,
    /// The dependencies of all kinds and targets, inheritance applied.
    pub dependencies: Vec<Dependency>,
    /// The document of the workspace it is a member of, where that is another file.
    pub workspace: Option<Arc<Manifest>>,
    /// Whether it is the root of what is checked: a workspace root or a package outside one.
    pub is_root: bool,
    /// Whether a `Cargo.lock` belongs to it and is part of the checkout.
    pub has_lockfile: bool,
}

impl Manifest {
    /// The `[package]` name; `None` in a virtual manifest.
    pub fn package_name(&self) -> Option<&str> {
        self.document.get("package")?.get("name")?.as_str()
    }

    /// The byte span of a value or table.
    pub fn span(&self, item: &toml_edit::Item) -> Span {
        item.span().map_or(Span::new(0, 0), Span::from)
    }
}
