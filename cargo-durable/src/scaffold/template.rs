//! What a template says of itself, and the files that it has.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use super::names::{Names, is_plain, whole};
use super::source::{self, Files, Found, Source};
use crate::policy::{PolicyError, suggestion};

/// What a template says of itself.
pub(super) const MANIFEST: &str = "template.toml";

/// `template.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    summary: String,
    /// Templates of this command whose files come first.
    #[serde(default)]
    extends: Vec<String>,
    /// Files of those that are left out.
    #[serde(default)]
    without: Vec<Utf8PathBuf>,
    /// What to do next, one command a line. What is only extended has none.
    #[serde(default)]
    next: Vec<String>,
    /// What to know beside that, a paragraph each.
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
}

/// What whoever makes a project has to say, beside its names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Variable {
    /// What is asked for, in a few words.
    pub about: String,
    /// The word in the template's files that its value replaces.
    pub word: String,
    /// Its value where none is given.
    pub default: Option<String>,
    /// The values it may have; empty where it may have any.
    #[serde(default)]
    pub one_of: Vec<String>,
}

/// Which template a file comes from, and which state of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) template: String,
    pub(super) version: String,
}

/// A file of a template.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) layer: Rc<Layer>,
}

/// A project to begin with.
#[derive(Debug)]
pub struct Template {
    /// What it is called.
    pub name: String,
    /// Where it is from.
    pub source: Source,
    /// What it is, in one line.
    pub summary: String,
    /// What to do next.
    pub next: Vec<String>,
    /// What to know beside that.
    pub notes: Vec<String>,
    /// What it asks for.
    pub variables: BTreeMap<String, Variable>,
    pub(super) layer: Rc<Layer>,
    pub(super) files: BTreeMap<Utf8PathBuf, File>,
}

impl Variable {
    /// Whether it may have a value.
    ///
    /// # Errors
    /// Where it may not.
    pub fn allows(&self, name: &str, value: &str) -> Result<()> {
        is_plain(name, value)?;
        let all = &self.one_of;
        ensure!(
            all.is_empty() || all.iter().any(|one| one == value),
            "`{name}` cannot be `{value}`; it is one of {}",
            all.join(", ")
        );
        Ok(())
    }
}

/// Every template that comes with the command, by name.
///
/// # Errors
/// Where one of them is not as a template has to be, which a test rules out.
pub fn built_in() -> Result<Vec<Template>> {
    let all = source::built_in_names().into_iter().map(|name| Template::load(&Source::BuiltIn(name)));
    let all: Vec<Template> = all.collect::<Result<_>>()?;
    Ok(all.into_iter().filter(|template| !template.next.is_empty()).collect())
}

impl Template {
    /// The template that a call names.
    ///
    /// # Errors
    /// Where there is none, it cannot be read, or it is not as a template has to be.
    pub fn find(source: &Source) -> Result<Template> {
        if let Source::BuiltIn(name) = source {
            let known: Vec<String> = built_in()?.into_iter().map(|template| template.name).collect();
            if !known.contains(name) {
                let help = suggestion(name, known.iter().map(String::as_str));
                let help = help.unwrap_or_else(|| format!("one of {}", known.join(", ")));
                let folder = if Utf8Path::new(name).is_dir() {
                    format!("; `./{name}` names the folder")
                } else {
                    String::new()
                };
                bail!("there is no template `{name}`; {help}{folder}");
            }
        }
        Template::load(source).with_context(|| format!("the template {source}"))
    }

    fn load(source: &Source) -> Result<Template> {
        let Found { files: mut own, version } = source.read()?;
        let manifest = manifest(&mut own)?;
        let layer = Rc::new(Layer { template: source.name(), version });
        let mut template = Template {
            name: source.name(),
            source: source.clone(),
            summary: manifest.summary,
            next: manifest.next,
            notes: Vec::new(),
            variables: BTreeMap::new(),
            layer: Rc::clone(&layer),
            files: BTreeMap::new(),
        };
        for name in &manifest.extends {
            let base = Template::load(&Source::BuiltIn(name.clone()))
                .with_context(|| format!("{MANIFEST}: `extends`"))?;
            template.files.extend(base.files);
            template.variables.extend(base.variables);
            template.notes.extend(base.notes);
            if template.next.is_empty() && !matches!(source, Source::BuiltIn(_)) {
                template.next = base.next;
            }
        }
        for path in &manifest.without {
            let removed = template.files.remove(path);
            ensure!(removed.is_some(), "{MANIFEST}: `without` names {path}, which nothing brings");
        }
        let file = |(path, bytes)| (path, File { bytes, layer: Rc::clone(&layer) });
        template.files.extend(own.into_iter().map(file));
        template.variables.extend(manifest.variables);
        template.notes.extend(manifest.notes);
        template.check()?;
        Ok(template)
    }

    /// Brings the files of another one that comes with the command, beside its own.
    ///
    /// # Errors
    /// Where there is none of this name.
    pub fn bring(&mut self, name: &str) -> Result<()> {
        let other = Template::load(&Source::BuiltIn(name.to_owned()))?;
        self.notes.extend(other.notes);
        for (path, file) in other.files {
            self.files.entry(path).or_insert(file);
        }
        Ok(())
    }

    /// Whether it can be filled.
    fn check(&self) -> Result<()> {
        let texts = || self.files.values().filter_map(|file| std::str::from_utf8(&file.bytes).ok());
        // Other names, so that a word that they replace is seen.
        let names = Names::new("x", "y", "z")?;
        for (name, variable) in &self.variables {
            let at = || format!("{MANIFEST}: the variable `{name}`");
            let Variable { word, default, .. } = variable;
            ensure!(
                !names.values().contains_key(name),
                "{} is one that every project has; call it otherwise",
                at()
            );
            ensure!(
                word.len() >= 4
                    && word.starts_with(char::is_alphanumeric)
                    && word.ends_with(char::is_alphanumeric),
                "{} has the word `{word}`; take one of four letters or more that stands for nothing else",
                at()
            );
            ensure!(names.put_into(word) == *word, "{} has a word that is replaced already: `{word}`", at());
            let twin = self.variables.iter().find(|(other, twin)| *other != name && twin.word == *word);
            if let Some((other, _)) = twin {
                bail!("{} has the word of `{other}`; give each its own", at());
            }
            let used = texts().chain(self.files.keys().map(|path| path.as_str()));
            let is_used = used.into_iter().any(|text| whole(text, word).next().is_some());
            ensure!(is_used, "{} has the word `{word}`, which stands in no file", at());
            default
                .iter()
                .chain(&variable.one_of)
                .try_for_each(|value| variable.allows(name, value))
                .with_context(at)?;
        }
        Ok(())
    }
}

/// Takes the manifest from among the files.
fn manifest(files: &mut Files) -> Result<Manifest> {
    let bytes = files.remove(Utf8Path::new(MANIFEST));
    let bytes = bytes.with_context(|| format!("it has no {MANIFEST} at its top, which says what it is"))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{MANIFEST} is not UTF-8"))?;
    let manifest = toml::from_str(&text);
    Ok(manifest.map_err(|error| PolicyError::toml(MANIFEST.into(), &text, &error))?)
}
