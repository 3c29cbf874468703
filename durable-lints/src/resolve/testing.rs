//! Small packages in memory, for tests of whatever needs names, types or values.
//!
//! A text holds one or more packages, each of one or more files:
//!
//! ```text
//! // package: app
//! // crates: reqwest, tls = tokio-rustls, core
//! // edition: 2015
//! // file: src/lib.rs
//! …
//! // file: src/net.rs
//! …
//! ```
//!
//! Every line may be left out: the package is `app`, the file `src/lib.rs`, and without `crates`
//! every crate counts as a dependency. The first package is the one that is asked; a name in `crates`
//! that is a package of the text leads there.

use std::fmt::Write;

use crate::code::{Call, Code};
use crate::outline::{ItemKind, Outline};
use crate::resolve::{Names, PackageIndex};
use crate::subject::{Dependency, DependencyKind, Role, SourceFile, SourcePackage};
use crate::syntax::Parsed;

/// The packages of a text; the first is the one to ask.
pub(crate) fn packages(text: &str) -> Vec<PackageIndex> {
    let mut packages = vec![Draft::new("app")];
    for line in text.lines() {
        let value = |key: &str| line.trim().strip_prefix(key).map(str::trim);
        let Some(draft) = packages.last_mut() else { break };
        if let Some(name) = value("// package:") {
            if draft.is_empty() {
                *draft = Draft::new(name);
            } else {
                packages.push(Draft::new(name));
            }
        } else if let Some(names) = value("// crates:") {
            draft.package.any_crate = false;
            draft.package.dependencies = names.split(',').map(dependency).collect();
        } else if let Some(edition) = value("// edition:") {
            draft.package.edition = edition.parse().unwrap_or(2021);
        } else if let Some(path) = value("// file:") {
            draft.files.push((path.to_owned(), String::new()));
        } else {
            if draft.files.is_empty() && !line.trim().is_empty() {
                draft.files.push(("src/lib.rs".to_owned(), String::new()));
            }
            if let Some((_, text)) = draft.files.last_mut() {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    packages.into_iter().map(Draft::index).collect()
}

struct Draft {
    package: SourcePackage,
    files: Vec<(String, String)>,
}

impl Draft {
    fn new(name: &str) -> Draft {
        let krate = name.replace('-', "_").into();
        let package = SourcePackage {
            name: name.into(),
            krate,
            edition: 2021,
            dependencies: Vec::new(),
            shipped_features: Vec::new(),
            any_crate: true,
        };
        Draft { package, files: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.package.any_crate
    }

    fn index(self) -> PackageIndex {
        let krate = self.package.krate.clone();
        let mut files: Vec<SourceFile> = self
            .files
            .into_iter()
            .map(|(path, text)| SourceFile {
                module: module(&path),
                outline: Outline::new(&text, &[]),
                role: if path.ends_with("main.rs") { Role::Binary } else { Role::Library },
                in_target: true,
                target: None,
                test: path.starts_with("tests/"),
                generated: false,
                asked: Default::default(),
                krate: krate.clone(),
                path: format!("{}/{path}", self.package.name).into(),
                text: text.into(),
            })
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        PackageIndex::new(self.package, files)
    }
}

fn dependency(text: &str) -> Dependency {
    let (name, package) = text.split_once('=').unwrap_or((text, text));
    Dependency {
        name: name.trim().into(),
        in_code: name.trim().replace('-', "_").into(),
        package: package.trim().into(),
        requirement: None,
        kind: DependencyKind::Normal,
        optional: false,
        features: Vec::new(),
        default_features: true,
        path: None,
    }
}

fn module(path: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let inside = inside.strip_suffix(".rs").unwrap_or(inside);
    let mut parts: Vec<String> = inside.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| matches!(last.as_str(), "lib" | "main" | "mod")) {
        parts.pop();
    }
    parts
}

/// Calls back for every function, constant, static and macro call of the first package of a text.
pub(crate) fn for_each_unit(text: &str, mut on_unit: impl FnMut(&Code<'_>)) {
    let packages = packages(text);
    let (own, others) = packages.split_first().expect("a text holds a package");
    let models = crate::models::Models::default();
    let names = Names { own, others: others.iter().collect(), models: &models };
    for file in &own.files {
        for (item, outline) in (0u32..).zip(&file.outline.items) {
            let is_unit = match outline.kind {
                ItemKind::Fn | ItemKind::Const | ItemKind::Static => true,
                ItemKind::MacroCall => file.outline.children(Some(item)).next().is_none(),
                _ => false,
            };
            if !is_unit {
                continue;
            }
            let parent = outline.parent.map(|parent| file.outline.items[parent as usize].kind);
            match Parsed::new(&file.text, outline, parent) {
                Ok(parsed) => on_unit(&Code::new(&own.package, file, item, &names, &parsed)),
                Err(problem) => panic!("{}: {problem:?}", file.path),
            }
        }
    }
}

/// Every call: `unit: path`, a line each, with `?name` for what is not resolved.
pub(crate) fn calls(text: &str) -> String {
    let mut found = String::new();
    for_each_unit(text, |code| {
        for call in code.calls() {
            let path = call.path.as_ref().map_or_else(|| format!("?{}", call.name), |path| path.0.clone());
            let _ = writeln!(found, "{}: {path}", code.name());
        }
    });
    found
}

/// What `say` says about the argument of every call `probe(…)`, a line each.
pub(crate) fn probe(text: &str, say: impl for<'a> Fn(&Code<'a>, &Call<'a>) -> String) -> String {
    let mut found = String::new();
    for_each_unit(text, |code| {
        for call in code.calls().iter().filter(|call| call.name == "probe") {
            let _ = writeln!(found, "{}", say(code, call));
        }
    });
    found
}
