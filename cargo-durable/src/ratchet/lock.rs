//! The text of `durable.lock`, read and written without losing a byte that matters.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use camino::Utf8Path;
use durable_lints::finding::{Finding, Span};
use durable_lints::load::{DiskFiles, Files as _};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml_writer::{ToTomlKey, ToTomlValue, TomlKeyBuilder, TomlStringBuilder};

use crate::policy::PolicyError;
use crate::write::{Hold, WriteError};

/// The name of the file.
pub const FILE: &str = "durable.lock";

const HEADER: &str = "# Written by `cargo durable`. One entry a line, sorted: after a merge conflict keep the lines of both sides.\n";

/// Why a finding is let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Accepted for now.
    #[default]
    Waiver,
    /// Met by other means.
    Mitigated,
}

impl Category {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Category::Waiver => "waiver",
            Category::Mitigated => "mitigated",
        }
    }
}

/// One finding let through for a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exemption {
    /// The lint.
    pub lint: String,
    /// The file it was found in.
    pub at: String,
    /// The package; empty where there is none.
    pub package: String,
    /// The item around it; empty where there is none.
    pub item: String,
    /// Its identity.
    pub id: String,
    /// The hashes of the tokens of its statement and place; empty where they are not known.
    pub tokens: String,
    /// Who answers for it; empty where somebody left it out.
    pub owner: String,
    /// Why it is let through.
    pub category: Category,
    /// Its last day; `None`, which somebody wrote by hand, is not honoured.
    pub expires: Option<Date>,
    /// How often it was renewed.
    pub renewals: u32,
    /// The reason; empty where somebody left it out.
    pub reason: String,
    /// Where the entry stands in the text that was read.
    pub place: Span,
}

impl Exemption {
    /// The same where a finding is now.
    #[must_use]
    pub fn following(self, finding: &Finding) -> Exemption {
        Exemption {
            at: finding.file.to_string(),
            package: finding.package.as_deref().unwrap_or_default().to_owned(),
            item: finding.item.clone(),
            id: finding.id.clone(),
            tokens: finding.tokens.clone(),
            ..self
        }
    }
}

/// A template that a project was made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Its name.
    pub template: String,
    /// Where it was: a name of one that comes with the command, a folder, a repository.
    pub source: String,
    /// Its state: a version of the command, a commit, a digest.
    pub version: String,
    /// Where the attribute crate is from: `path`, `registry` or `git`.
    pub macros: String,
    /// What it was filled with.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// A file that a template brought.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templated {
    /// Where it was put.
    pub at: String,
    /// The template that has it, which may be one that another extends.
    pub template: String,
    /// That one's state.
    pub version: String,
    /// The BLAKE3 digest of what was put there, with the line ends of Unix.
    pub digest: String,
}

/// All that `durable.lock` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The findings let through.
    pub exemptions: Vec<Exemption>,
    /// The seals, each as it is written.
    pub seals: Vec<String>,
    /// The templates that the project was made from.
    pub made: Vec<Made>,
    /// The files that they brought.
    pub templated: Vec<Templated>,
    /// The text that was read; empty where there was none.
    pub text: Arc<str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(rename = "version")]
    _version: i64,
    #[serde(default)]
    exemptions: Vec<Spanned<RawExemption>>,
    #[serde(default)]
    seals: Vec<Spanned<toml::Table>>,
    #[serde(default)]
    made: Vec<Made>,
    #[serde(default)]
    templated: Vec<Templated>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExemption {
    lint: String,
    at: String,
    #[serde(default)]
    package: String,
    #[serde(default)]
    item: String,
    id: String,
    #[serde(default)]
    tokens: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    category: Category,
    #[serde(default, deserialize_with = "date")]
    expires: Option<Date>,
    #[serde(default)]
    renewals: u32,
    #[serde(default)]
    reason: String,
}

/// A TOML date, or the same in quotes.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::String(text) => text,
        other => other.to_string(),
    };
    let date = (text.len() == 10).then(|| text.parse().ok()).flatten();
    date.map(Some)
        .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no date; write it as 2027-01-31")))
}

impl Lock {
    /// Reads `durable.lock` in a folder; without one nothing is let through.
    ///
    /// # Errors
    /// A file that cannot be read or understood as a whole, with the place and what mends it.
    pub fn load(root: &Utf8Path) -> Result<Lock, PolicyError> {
        let file = Utf8Path::new(FILE);
        let files = DiskFiles { root: root.to_owned() };
        if !files.exists(FILE) {
            return Ok(Lock::default());
        }
        match files.read(FILE) {
            Err(reason) => {
                let wrong = PolicyError::new(file, format!("cannot be read: {reason}"));
                Err(wrong.help("replace it with a file in its place that can be read"))
            }
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Lock::parse(&text),
                Err(_) => Err(PolicyError::new(file, "is not UTF-8").help(RESTORE)),
            },
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// As [`Lock::load`]. A lock is understood as a whole or not at all, so that writing it back
    /// cannot lose what was not understood.
    pub fn parse(text: &str) -> Result<Lock, PolicyError> {
        let file = Utf8Path::new(FILE);
        if let Some(at) = conflict(text) {
            return Err(PolicyError::new(file, "a merge conflict is not resolved")
                .at(text, at)
                .help("keep the lines of both sides and remove the markers; `cargo durable fix` removes what is not needed"));
        }
        check_version(file, text)?;
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let error = PolicyError::toml(file, text, &error);
            if error.help.is_some() { error } else { error.help(RESTORE) }
        })?;
        let slice = |span: std::ops::Range<usize>| text.get(span).unwrap_or("").trim().to_owned();
        Ok(Lock {
            exemptions: raw.exemptions.into_iter().map(exemption).collect(),
            seals: raw.seals.iter().map(|seal| slice(seal.span())).collect(),
            made: raw.made,
            templated: raw.templated,
            text: text.into(),
        })
    }

    /// The text of the file: sorted, one entry a line, the same for the same content.
    pub fn render(&self) -> String {
        let mut exemptions: Vec<&Exemption> = self.exemptions.iter().collect();
        exemptions.sort_by_key(|entry| {
            (&entry.lint, &entry.at, &entry.item, &entry.id, &entry.reason, entry.expires)
        });
        let mut seals: Vec<&String> = self.seals.iter().collect();
        seals.sort();
        let mut out = format!("{HEADER}version = 1\n");
        list(&mut out, "exemptions", exemptions.iter().map(|entry| line(entry)));
        list(&mut out, "seals", seals.iter().map(|seal| seal.to_string()));
        let made: BTreeSet<&Made> = self.made.iter().collect();
        list(&mut out, "made", made.into_iter().map(made_line));
        let templated: BTreeSet<&Templated> = self.templated.iter().collect();
        list(&mut out, "templated", templated.into_iter().map(templated_line));
        out
    }

    /// Writes the file whole or not at all, and only where it still holds the text that was read: on any
    /// error it is as it was.
    ///
    /// # Errors
    /// Where somebody else wrote it meanwhile, it leads elsewhere, or the disk refuses.
    pub fn save(&self, hold: &Hold) -> Result<(), WriteError> {
        let text = self.render();
        if *self.text == text {
            return Ok(());
        }
        let read = Some(self.text.as_bytes()).filter(|read| !read.is_empty());
        hold.replace(Utf8Path::new(FILE), read, text.as_bytes())
    }
}

const RESTORE: &str = "restore it from version control: `git checkout -- durable.lock`";

fn exemption(raw: Spanned<RawExemption>) -> Exemption {
    let place = Span::from(raw.span());
    let raw = raw.into_inner();
    Exemption {
        lint: raw.lint,
        at: raw.at,
        package: raw.package,
        item: raw.item,
        id: raw.id,
        tokens: raw.tokens,
        owner: raw.owner,
        category: raw.category,
        expires: raw.expires,
        renewals: raw.renewals,
        reason: raw.reason,
        place,
    }
}

/// Where the first conflict marker of a version control system stands.
fn conflict(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||", "%%%%%%%"]
            .iter()
            .any(|marker| line.starts_with(marker))
        {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// A newer version may hold keys that this one does not know, so the version is asked for first.
fn check_version(file: &Utf8Path, text: &str) -> Result<(), PolicyError> {
    #[derive(Deserialize)]
    struct Version {
        version: Option<Spanned<i64>>,
    }
    let Ok(Version { version }) = toml::from_str(text) else {
        return Ok(());
    };
    match version {
        Some(version) if *version.get_ref() == 1 => Ok(()),
        Some(version) => {
            Err(PolicyError::new(file, format!("version {} is not known to this release", version.get_ref()))
                .at(text, version.span().start)
                .help("update cargo durable: `cargo install cargo-durable`"))
        }
        None => Err(PolicyError::new(file, "the line `version = 1` is missing").help(RESTORE)),
    }
}

fn list(out: &mut String, name: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "{name} = [");
    for line in lines {
        let _ = writeln!(out, "  {line},");
    }
    out.push_str("]\n");
}

fn line(entry: &Exemption) -> String {
    let mut out = String::from("{ ");
    let mut text = |key: &str, value: &str, always: bool| {
        if always || !value.is_empty() {
            let _ = write!(out, "{key} = {}, ", quoted(value));
        }
    };
    text("lint", &entry.lint, true);
    text("at", &entry.at, true);
    text("package", &entry.package, false);
    text("item", &entry.item, false);
    text("id", &entry.id, true);
    text("tokens", &entry.tokens, false);
    text("owner", &entry.owner, false);
    text("category", entry.category.name(), true);
    if let Some(expires) = entry.expires {
        let _ = write!(out, "expires = {expires}, ");
    }
    if entry.renewals > 0 {
        let _ = write!(out, "renewals = {}, ", entry.renewals);
    }
    let _ = write!(out, "reason = {} }}", quoted(&entry.reason));
    out
}

fn made_line(made: &Made) -> String {
    let Made { template, source, version, macros, values } = made;
    let values = values.iter().map(|(key, value)| format!("{} = {}", key_of(key), quoted(value)));
    format!(
        "{{ template = {}, source = {}, version = {}, macros = {}, values = {{ {} }} }}",
        quoted(template),
        quoted(source),
        quoted(version),
        quoted(macros),
        values.collect::<Vec<_>>().join(", ")
    )
}

fn templated_line(file: &Templated) -> String {
    let Templated { at, template, version, digest } = file;
    format!(
        "{{ at = {}, template = {}, version = {}, digest = {} }}",
        quoted(at),
        quoted(template),
        quoted(version),
        quoted(digest)
    )
}

/// One entry is one line whatever it holds: a basic string escapes line breaks.
fn quoted(value: &str) -> String {
    TomlStringBuilder::new(value).as_basic().to_toml_value()
}

fn key_of(key: &str) -> String {
    TomlKeyBuilder::new(key)
        .as_unquoted()
        .unwrap_or_else(|| TomlKeyBuilder::new(key).as_basic())
        .to_toml_key()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"{ lint = "pinned", at = "src/tls.rs", package = "app", item = "tls::client", id = "v1:9f", tokens = "t1", owner = "identity", category = "mitigated", expires = 2027-01-31, renewals = 1, reason = "partner \"X\"\nmoves" }"#;

    fn text(entries: &[&str], seals: &[&str]) -> String {
        let lines = |lines: &[&str]| lines.iter().map(|line| format!("  {line},\n")).collect::<String>();
        format!("{HEADER}version = 1\nexemptions = [\n{}]\nseals = [\n{}]\n", lines(entries), lines(seals))
    }

    #[test]
    fn what_is_written_is_what_was_read() {
        let seal = r#"{ item = "auth::verify", id = "v1:77", reviewed = 2026-11-23 }"#;
        let text = text(&[ENTRY], &[seal]);
        let lock = Lock::parse(&text).unwrap();
        assert_eq!(lock.exemptions[0].reason, "partner \"X\"\nmoves");
        assert_eq!(lock.exemptions[0].expires, Some(jiff::civil::date(2027, 1, 31)));
        assert_eq!(lock.render(), text);
    }

    #[test]
    fn where_files_are_from_is_kept() {
        let text = format!(
            "{HEADER}version = 1\nmade = [\n  {{ template = \"cli\", source = \"cli\", version = \"0.1.0\", macros = \"path\", \
             values = {{ name = \"a\", \"odd key\" = \"b\" }} }},\n]\ntemplated = [\n  {{ at = \"a\", template = \"cli\", \
             version = \"0.1.0\", digest = \"1f\" }},\n  {{ at = \"b\", template = \"common\", version = \"0.1.0\", digest = \"2f\" }},\n]\n"
        );
        let lock = Lock::parse(&text).unwrap();
        assert_eq!(lock.made[0].values["odd key"], "b");
        assert_eq!(lock.templated.iter().map(|file| file.at.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(lock.render(), text);
    }

    #[test]
    fn the_order_of_entries_does_not_matter() {
        let other = ENTRY.replace("v1:9f", "v1:3a");
        let (one, two) = (
            text(&[ENTRY, &other], &["{ b = 1 }", "{ a = 1 }"]),
            text(&[&other, ENTRY], &["{ a = 1 }", "{ b = 1 }"]),
        );
        assert_eq!(Lock::parse(&one).unwrap().render(), two);
    }

    #[test]
    fn nothing_is_written_as_little() {
        assert_eq!(Lock::default().render(), format!("{HEADER}version = 1\n"));
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_place_and_mend() {
        let entry = |from: &str, to: &str| text(&[&ENTRY.replace(from, to)], &[]);
        for (text, expected) in [
            (
                "version = 2\nother = 1".to_owned(),
                "durable.lock:1:11: version 2 is not known to this release; update cargo durable",
            ),
            ("exemptions = []".to_owned(), "durable.lock: the line `version = 1` is missing; restore it"),
            (
                "version = 1\n<<<<<<< HEAD\n".to_owned(),
                "durable.lock:2:1: a merge conflict is not resolved; keep the lines of both sides",
            ),
            ("version = 1\nexemptions = [\n  { lint".to_owned(), "durable.lock:3:"),
            (entry("2027-01-31", "2027-13-31"), "durable.lock:4:"),
            (entry("2027-01-31", "true"), "durable.lock:4:1"),
            (entry("owner =", "ownr ="), "durable.lock:4:109: unknown key `ownr`; did you mean `owner`?"),
            (entry("mitigated", "mitigatd"), "durable.lock:4:"),
            ("version = 1\nother = {}".to_owned(), "durable.lock:2:1: unknown key `other`; one of"),
        ] {
            let said = Lock::parse(&text).expect_err(&text).to_string();
            assert!(said.starts_with(expected), "{text}\n said: {said}\n want: {expected}");
        }
    }

    #[test]
    fn a_refused_write_leaves_the_old_file_whole() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let lock = Lock::parse(&text(&[ENTRY], &[])).unwrap();
        let hold = Hold::of(root).unwrap();
        assert!(matches!(lock.save(&hold), Err(WriteError::Changed)) && !root.join(FILE).exists());
        Lock { text: "".into(), ..lock }.save(&hold).unwrap();
        assert!(matches!(Lock::default().save(&hold), Err(WriteError::Changed)));
        let read = Lock::load(root).unwrap();
        assert_eq!(read.exemptions.len(), 1);
        Lock { exemptions: Vec::new(), ..read }.save(&hold).unwrap();
        assert_eq!(Lock::load(root).unwrap().exemptions, []);
    }
}
