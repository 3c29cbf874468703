//! The templates that come with the command.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use camino::Utf8PathBuf;
use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::{Names, attribute};
use crate::policy::suggestion;

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../templates");
/// What a folder of templates says of itself.
const MANIFEST: &str = "template.toml";

/// `template.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    summary: String,
    /// Folders beside this one, whose files come first.
    #[serde(default)]
    extends: Vec<String>,
    /// What to do next, one command a line. What is only extended has none.
    #[serde(default)]
    next: Vec<String>,
}

/// A project to begin with.
#[derive(Debug)]
pub struct Template {
    /// What `--template` calls it.
    pub name: String,
    /// What it is, in one line.
    pub summary: String,
    /// What to do next.
    pub next: Vec<String>,
    files: BTreeMap<Utf8PathBuf, &'static [u8]>,
}

/// Every template, by name.
///
/// # Errors
/// Where one of them is not as a template has to be, which a test rules out.
pub fn built_in() -> Result<Vec<Template>> {
    let folders = TEMPLATES.dirs().filter_map(|folder| folder.path().to_str());
    let all: Vec<Template> = folders.map(read).collect::<Result<_>>()?;
    Ok(all.into_iter().filter(|template| !template.next.is_empty()).collect())
}

impl Template {
    /// The one of this name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn named(name: &str) -> Result<Template> {
        let mut all = built_in()?;
        if let Some(at) = all.iter().position(|template| template.name == name) {
            return Ok(all.swap_remove(at));
        }
        let known: Vec<&str> = all.iter().map(|template| template.name.as_str()).collect();
        let help = suggestion(name, known.iter().copied());
        bail!("there is no template `{name}`; {}", help.unwrap_or(format!("one of {}", known.join(", "))))
    }

    /// The files of a project of this template, with the attribute crate that it depends on.
    ///
    /// # Errors
    /// Where the attribute crate cannot be taken out of its workspace, which a test rules out.
    pub fn filled(&self, names: &Names) -> Result<BTreeMap<Utf8PathBuf, Vec<u8>>> {
        let file = |(path, bytes): (&Utf8PathBuf, &&[u8])| {
            let bytes = match std::str::from_utf8(bytes) {
                Ok(text) => names.put_into(text).into_bytes(),
                Err(_) => bytes.to_vec(),
            };
            (Utf8PathBuf::from(names.put_into(path.as_str())), bytes)
        };
        let mut files: BTreeMap<Utf8PathBuf, Vec<u8>> = self.files.iter().map(file).collect();
        files.extend(attribute::files()?);
        Ok(files)
    }
}

fn read(folder: &str) -> Result<Template> {
    let mut files = BTreeMap::new();
    let Manifest { summary, extends, next } = manifest(folder)?;
    for extended in extends.iter().map(String::as_str).chain([folder]) {
        add(folder_of(extended)?, extended, &mut files)?;
    }
    files.remove(&Utf8PathBuf::from(MANIFEST));
    Ok(Template { name: folder.to_owned(), summary, next, files })
}

fn folder_of(name: &str) -> Result<&'static Dir<'static>> {
    TEMPLATES.get_dir(name).with_context(|| format!("there is no folder {name} among the templates"))
}

fn manifest(folder: &str) -> Result<Manifest> {
    let file = TEMPLATES.get_file(format!("{folder}/{MANIFEST}"));
    let text = file.and_then(|file| file.contents_utf8());
    let text = text.with_context(|| format!("{folder} has no {MANIFEST}"))?;
    toml::from_str(text).with_context(|| format!("{folder}/{MANIFEST}"))
}

fn add(
    folder: &'static Dir<'static>,
    top: &str,
    files: &mut BTreeMap<Utf8PathBuf, &'static [u8]>,
) -> Result<()> {
    for file in folder.files() {
        let path = file.path().strip_prefix(top)?.to_str().context("a path that is not UTF-8")?;
        files.insert(path.replace('\\', "/").into(), file.contents());
    }
    folder.dirs().try_for_each(|folder| add(folder, top, files))
}
