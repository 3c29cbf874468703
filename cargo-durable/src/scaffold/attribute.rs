//! The attribute crate as a project carries it: our own sources, out of their workspace.

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;
use clap::ValueEnum;
use include_dir::{Dir, include_dir};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Value};

static SOURCES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../durable-macros");
const WORKSPACE: &str = include_str!("../../../Cargo.toml");
const LICENSES: [(&str, &str); 2] = [
    ("LICENSE-APACHE", include_str!("../../../LICENSE-APACHE")),
    ("LICENSE-MIT", include_str!("../../../LICENSE-MIT")),
];
/// What it is called.
pub(super) const PACKAGE: &str = "cargo-durable-macros";
/// Where it lies in a project.
const FOLDER: &str = "vendor/durable-macros";
/// What keeps it out of a project's workspace.
const EXCLUDED: &str = "vendor";
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where a project has the attribute crate from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Macros {
    /// The project itself, which carries its sources in `vendor/durable-macros`.
    Path,
    /// The registry, in this version.
    Registry,
    /// The repository of cargo durable, at the tag of this version.
    Git,
}

impl Macros {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Macros::Path => "path",
            Macros::Registry => "registry",
            Macros::Git => "git",
        }
    }

    fn dependency(self) -> Value {
        let table = |pairs: &[(&str, &str)]| InlineTable::from_iter(pairs.iter().copied()).into();
        match self {
            Macros::Path => table(&[("path", FOLDER)]),
            Macros::Registry => VERSION.into(),
            Macros::Git => table(&[("git", REPOSITORY), ("tag", &format!("v{VERSION}"))]),
        }
    }
}

/// A manifest that depends on the attribute crate from elsewhere; `None` where it does not depend on the
/// one that the project carries.
///
/// # Errors
/// Where the manifest is no TOML.
pub(super) fn depended_on(manifest: &str, macros: Macros) -> Result<Option<String>> {
    let mut manifest: DocumentMut = manifest.parse().context("Cargo.toml")?;
    let workspace = manifest.get("workspace").is_some_and(|item| item.get("dependencies").is_some());
    let tables = if workspace {
        manifest.get_mut("workspace").map(|item| &mut item["dependencies"])
    } else {
        manifest.get_mut("dependencies")
    };
    let dependency = tables.and_then(|table| table.get_mut(PACKAGE)).and_then(Item::as_value_mut);
    let Some(dependency) = dependency else { return Ok(None) };
    let path = dependency.as_inline_table().and_then(|table| table.get("path")).and_then(Value::as_str);
    if path != Some(FOLDER) {
        return Ok(None);
    }
    let decor = dependency.decor().clone();
    *dependency = macros.dependency();
    *dependency.decor_mut() = decor;
    if macros != Macros::Path
        && let Some(workspace) = manifest.get_mut("workspace").and_then(Item::as_table_like_mut)
        && let Some(exclude) = workspace.get_mut("exclude").and_then(Item::as_array_mut)
    {
        exclude.retain(|folder| folder.as_str() != Some(EXCLUDED));
        if exclude.is_empty() {
            workspace.remove("exclude");
        }
    }
    Ok(Some(manifest.to_string()))
}

/// A `deny.toml` that lets the repository be a source.
///
/// # Errors
/// Where it is no TOML.
pub(super) fn allowed(deny: &str) -> Result<String> {
    let mut deny: DocumentMut = deny.parse().context("deny.toml")?;
    let allowed = &mut deny["sources"]["allow-git"];
    match allowed.as_array_mut() {
        Some(all) => all.push(REPOSITORY),
        None => *allowed = toml_edit::value(Array::from_iter([REPOSITORY])),
    }
    Ok(deny.to_string())
}

/// Its files, by their place in a project.
pub(super) fn files() -> Result<Vec<(Utf8PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for (name, text) in LICENSES {
        files.push((format!("{FOLDER}/{name}").into(), text.as_bytes().to_vec()));
    }
    for folder in ["", "grammar/"] {
        let path = format!("{folder}Cargo.toml");
        let text = SOURCES.get_file(&path).and_then(|file| file.contents_utf8());
        let manifest = alone(text.with_context(|| format!("{path} is missing"))?)?;
        files.push((format!("{FOLDER}/{path}").into(), manifest.into_bytes()));
        let sources = SOURCES.get_dir(format!("{folder}src"));
        for file in sources.with_context(|| format!("{folder}src is missing"))?.files() {
            let path = file.path().to_str().context("a path that is not UTF-8")?.replace('\\', "/");
            files.push((format!("{FOLDER}/{path}").into(), file.contents().to_vec()));
        }
    }
    Ok(files)
}

/// A manifest without what it takes from the workspace, and without what only its tests need.
fn alone(text: &str) -> Result<String> {
    let workspace: DocumentMut = WORKSPACE.parse()?;
    let workspace = workspace.get("workspace").context("the workspace has no table")?;
    let mut manifest: DocumentMut = text.parse()?;
    manifest.remove("lints");
    manifest.remove("dev-dependencies");
    // cargo-deny takes a dependency by path from what is not published alone.
    manifest["package"]["publish"] = toml_edit::value(false);
    for (table, from) in [("package", "package"), ("dependencies", "dependencies")] {
        let given = workspace.get(from);
        let Some(table) = manifest.get_mut(table).and_then(Item::as_table_like_mut) else { continue };
        for (key, item) in table.iter_mut() {
            if item.get("workspace").is_some() {
                let value = given.and_then(|given| given.get(key.get())).and_then(Item::as_value);
                let mut value = value.with_context(|| format!("the workspace has no {key}"))?.clone();
                // Its path is one from the top of our repository.
                if let Value::InlineTable(dependency) = &mut value {
                    dependency.insert("path", "grammar".into());
                }
                *item = Item::Value(value);
            }
        }
    }
    Ok(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_from_where_it_is_wanted() {
        let package = "[dependencies]\n# Who answers.\ncargo-durable-macros = { path = \"vendor/durable-macros\" } # ours\nlog = \"1\"\n\n\
            # A workspace.\n[workspace]\nexclude = [\"vendor\"]\n";
        let workspace = "[workspace]\nexclude = [\"vendor\", \"fuzz\"]\n[workspace.dependencies]\n\
            cargo-durable-macros = { path = \"vendor/durable-macros\" }\n";
        let from = |manifest, macros| depended_on(manifest, macros).unwrap().unwrap();
        assert_eq!(from(package, Macros::Path), package);
        assert_eq!(
            from(package, Macros::Registry),
            format!(
                "[dependencies]\n# Who answers.\ncargo-durable-macros = \"{VERSION}\" # ours\nlog = \"1\"\n\n# A workspace.\n[workspace]\n"
            )
        );
        assert_eq!(
            from(workspace, Macros::Git),
            format!(
                "[workspace]\nexclude = [ \"fuzz\"]\n[workspace.dependencies]\n\
                 cargo-durable-macros = {{ git = \"{REPOSITORY}\", tag = \"v{VERSION}\" }}\n"
            )
        );
        // Whoever has it from elsewhere already, or not at all, meant it so.
        for manifest in
            ["[dependencies]\ncargo-durable-macros = \"1\"\n", "[package]\n", "[dependencies]\nlog = \"1\"\n"]
        {
            assert_eq!(depended_on(manifest, Macros::Git).unwrap(), None);
        }
        let deny = allowed("[sources]\nunknown-git = \"deny\"\n").unwrap();
        assert_eq!(deny, format!("[sources]\nunknown-git = \"deny\"\nallow-git = [\"{REPOSITORY}\"]\n"));
    }

    #[test]
    fn it_stands_alone() {
        let files = files().unwrap();
        let manifests: Vec<&str> = files
            .iter()
            .filter(|(path, _)| path.ends_with("Cargo.toml"))
            .map(|(_, text)| std::str::from_utf8(text).unwrap())
            .collect();
        assert_eq!(manifests.len(), 2);
        for manifest in manifests {
            assert!(!manifest.contains("workspace") && !manifest.contains("dev-dependencies"), "{manifest}");
        }
    }
}
