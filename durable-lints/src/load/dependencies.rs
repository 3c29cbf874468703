//! The dependencies that a manifest declares, workspace inheritance applied.

use toml_edit::{Item, TableLike};

use super::manifests::Parsed;
use super::tree::join;
use crate::subject::{Dependency, DependencyKind};

/// A dependency and the folder it points to, relative to the root.
pub(super) struct Declared {
    pub(super) dependency: Dependency,
    /// `None` where it comes from elsewhere, or leads out of what is checked.
    pub(super) folder: Option<String>,
}

const SECTIONS: [(&str, DependencyKind); 5] = [
    ("dependencies", DependencyKind::Normal),
    ("dev-dependencies", DependencyKind::Dev),
    ("dev_dependencies", DependencyKind::Dev),
    ("build-dependencies", DependencyKind::Build),
    ("build_dependencies", DependencyKind::Build),
];

/// Every dependency of a manifest: of all kinds, for every target.
pub(super) fn declared(manifest: &Parsed, workspace: Option<&Parsed>) -> Vec<Declared> {
    let mut found = Vec::new();
    let top: &dyn TableLike = manifest.document.as_table();
    let targets = top.get("target").and_then(Item::as_table_like);
    let targets =
        targets.into_iter().flat_map(|table| table.iter()).filter_map(|(_, item)| item.as_table_like());
    for table in std::iter::once(top).chain(targets) {
        for (section, kind) in SECTIONS {
            let entries = table.get(section).and_then(Item::as_table_like);
            for (name, item) in entries.into_iter().flat_map(|entries| entries.iter()) {
                found.push(one(name, item, kind, manifest, workspace));
            }
        }
    }
    found
}

fn one(
    name: &str,
    item: &Item,
    kind: DependencyKind,
    manifest: &Parsed,
    workspace: Option<&Parsed>,
) -> Declared {
    let inherits = flag(item, "workspace") == Some(true);
    let inherited = workspace.filter(|_| inherits).and_then(|root| {
        let item = root.document.get("workspace")?.get("dependencies")?.get(name)?;
        Some((item, root))
    });
    // What a member inherits is written in the workspace's manifest, paths included.
    let (source, holder) = inherited.unwrap_or((item, manifest));
    let mut features = strings(source, "features");
    let mut default_features = flag(source, "default-features").or(flag(source, "default_features"));
    if inherited.is_some() {
        features.extend(strings(item, "features"));
        // A member can turn default features on, but not off where the workspace has them on.
        let own = flag(item, "default-features").or(flag(item, "default_features"));
        default_features = Some(default_features.unwrap_or(true) || own == Some(true));
    }
    let path = text(source, "path");
    Declared {
        folder: path.as_deref().and_then(|path| join(&holder.folder, path)),
        dependency: Dependency {
            name: name.into(),
            in_code: name.replace('-', "_").into(),
            package: text(source, "package").as_deref().unwrap_or(name).into(),
            requirement: source.as_str().map(str::to_owned).or_else(|| text(source, "version")),
            kind,
            optional: flag(item, "optional").unwrap_or(false),
            features,
            default_features: default_features.unwrap_or(true),
            path,
        },
    }
}

fn text(item: &Item, key: &str) -> Option<String> {
    item.get(key)?.as_str().map(str::to_owned)
}

fn flag(item: &Item, key: &str) -> Option<bool> {
    item.get(key)?.as_bool()
}

fn strings(item: &Item, key: &str) -> Vec<String> {
    let array = item.get(key).and_then(Item::as_array);
    array.into_iter().flatten().filter_map(|value| value.as_str()).map(str::to_owned).collect()
}
