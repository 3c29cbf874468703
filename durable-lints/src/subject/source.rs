//! Rust source: a package as its files, and each file with its outline and place.

use std::sync::{Arc, RwLock};

use rustc_hash::FxHashMap;

use crate::outline::lexer::{Kind, Lexer};
use crate::outline::{Hit, Outline};
use crate::subject::Dependency;

/// What a target of a package is built into.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The library.
    #[default]
    Library,
    /// A procedural macro.
    ProcMacro,
    /// A program.
    Binary,
    /// An example.
    Example,
    /// A benchmark.
    Bench,
    /// The build script.
    BuildScript,
    /// An integration test, or a file of fixtures or fuzz targets.
    Test,
}

impl Role {
    /// Whether it reaches users.
    pub fn ships(self) -> bool {
        matches!(self, Role::Library | Role::ProcMacro | Role::Binary)
    }
}

/// One Rust file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// Its items, and the scan's hits in it.
    pub outline: Outline,
    /// What it is built into; the most shipped one where several targets share it.
    pub role: Role,
    /// Its modules below the crate root: `["net", "tls"]` for `src/net/tls.rs`.
    pub module: Vec<String>,
    /// Whether all of it is test code, by its target, its own attributes or those of the `mod`
    /// declaration that brings it in.
    pub test: bool,
    /// Whether a target of the package reaches it through `mod` declarations, so that it is compiled.
    pub in_target: bool,
    /// The target whose module tree reaches it, by position among the package's; of several the one that ships.
    pub target: Option<u32>,
    /// The name of the crate it is part of: what `crate` means in it.
    pub krate: Arc<str>,
    /// Whether it says that a generator wrote it. Anyone can say so: it spares a file what is a matter
    /// of style, and nothing else ([`Lint::spares_generated`](crate::lint::Lint::spares_generated)).
    pub generated: bool,
    /// What lints have asked of the whole text.
    pub(crate) asked: Asked,
}

/// Answers about a whole text. Every unit of a file asks the same, so each is found out once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(Arc<RwLock<FxHashMap<(&'static str, &'static str), bool>>>);

impl SourceFile {
    /// Whether the text has a property, which `what` and `word` name together.
    pub fn has(&self, what: &'static str, word: &'static str, ask: impl FnOnce(&str) -> bool) -> bool {
        let what = (what, word);
        let known = self.asked.0.read().unwrap_or_else(|poisoned| poisoned.into_inner()).get(&what).copied();
        known.unwrap_or_else(|| {
            let answer = ask(&self.text);
            self.asked.0.write().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(what, answer);
            answer
        })
    }

    /// Whether the text holds a word, wherever it stands.
    pub fn mentions(&self, word: &'static str) -> bool {
        self.has("mentions", word, |text| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    }
}

/// Whether a text says, in comments before all code, that a generator wrote it.
pub fn is_generated(text: &str) -> bool {
    let head = text.get(..text.floor_char_boundary(4096)).unwrap_or("");
    let comments = Lexer::from_offset(head, 0)
        .take_while(|token| matches!(token.kind, Kind::Comment | Kind::InnerDoc))
        .flat_map(|token| token.text(head).lines());
    let mut lines = comments.map(|line| line.trim_start_matches(['/', '*', '!', ' ']).to_ascii_lowercase());
    lines.any(|line| {
        let said = line.strip_prefix("this file").or(line.strip_prefix("this code")).unwrap_or(&line);
        let said = said.trim_start_matches([' ', ':']).trim_start_matches("is ").trim_start_matches("was ");
        line.split_whitespace().any(|word| word.trim_end_matches(['.', ',']) == "@generated")
            || said.starts_with("automatically generated")
    })
}

impl SourceFile {
    /// The places where a trigger occurs.
    pub fn hits_of(&self, trigger: &str) -> impl Iterator<Item = &Hit> {
        self.outline.hits.iter().filter(move |hit| self.snippet(hit.span) == trigger)
    }

    /// The text of a span.
    pub fn snippet(&self, span: crate::vocabulary::Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

/// The Rust side of one package: what names in its files may mean.
#[derive(Clone, Debug, Default)]
pub struct SourcePackage {
    /// The package's name in its manifest; empty for loose files.
    pub name: Arc<str>,
    /// The library's crate name, as `use` knows it.
    pub krate: Arc<str>,
    /// The edition, as a year.
    pub edition: u16,
    /// Its own dependencies, of every kind and target.
    pub dependencies: Vec<Dependency>,
    /// The features that are on by default, or that a package of the workspace turns on in what it
    /// ships.
    pub shipped_features: Vec<String>,
    /// Whether there is no usable manifest, so that every crate counts as a dependency.
    pub any_crate: bool,
}

/// To the registry `-` and `_` are the same, and code has `_`.
fn is_same_package(left: &str, right: &str) -> bool {
    let plain = |byte: u8| if byte == b'-' { b'_' } else { byte };
    left.bytes().map(plain).eq(right.bytes().map(plain))
}

impl SourcePackage {
    /// Whether the package depends on one of these packages (by their registry names) itself.
    pub fn depends_on(&self, packages: &[&str]) -> bool {
        let is_one = |package: &str| packages.iter().any(|name| is_same_package(name, package));
        self.any_crate || self.dependencies.iter().any(|dependency| is_one(&dependency.package))
    }

    /// The registry name of the dependency that code calls `name`, with `_` as in code.
    pub fn package_of(&self, name: &str) -> Option<&str> {
        let found = self.dependencies.iter().find(|dependency| *dependency.in_code == *name);
        found.map(|dependency| &*dependency.package)
    }
}
