//! The attribute crate as a project carries it: our own sources, out of their workspace.

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;
use include_dir::{Dir, include_dir};
use toml_edit::{DocumentMut, Item, Value};

static SOURCES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../durable-macros");
const WORKSPACE: &str = include_str!("../../../Cargo.toml");
const LICENSES: [(&str, &str); 2] = [
    ("LICENSE-APACHE", include_str!("../../../LICENSE-APACHE")),
    ("LICENSE-MIT", include_str!("../../../LICENSE-MIT")),
];
/// Where it lies in a project.
const FOLDER: &str = "vendor/durable-macros";

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
    use super::files;

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
