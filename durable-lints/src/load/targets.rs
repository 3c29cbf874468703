//! The targets of a package: what its manifest names, and what cargo finds by itself.

use std::sync::Arc;

use toml_edit::{Item, Table, TableLike};

use super::manifests::Parsed;
use super::tree::{Tree, extension_of, folder_of, join, stem_of};
use super::{Files, Target, Told};
use crate::subject::Role;

/// What a package says of itself as far as its code is concerned.
pub(super) struct Outline {
    pub(super) name: Arc<str>,
    /// The library's crate name.
    pub(super) krate: Arc<str>,
    /// The edition, as a year.
    pub(super) edition: u16,
    pub(super) version: Arc<str>,
    pub(super) targets: Vec<Target>,
}

/// Reads the package of a manifest; `None` where it has none.
pub(super) fn outline(
    manifest: &Parsed,
    workspace: &Parsed,
    tree: Tree<'_>,
    files: &dyn Files,
) -> Option<Outline> {
    let document = &manifest.document;
    let package = document.get("package").or_else(|| document.get("project"))?;
    package.as_table_like()?;
    let name: Arc<str> = package.get("name").and_then(Item::as_str).unwrap_or("").into();
    let edition = inherited("edition", package, workspace).and_then(|year| year.parse().ok());
    // Cargo takes a manifest without an edition for one from before there were editions.
    let edition = edition.unwrap_or(2015);
    let version = inherited("version", package, workspace).unwrap_or("0.0.0").into();
    let finder = Finder { manifest, package, name: &name, edition, tree, files };
    let (krate, targets) = finder.all();
    Some(Outline { krate, edition, version, targets, name })
}

/// A text that the package writes itself or takes from its workspace.
fn inherited<'a>(key: &str, package: &'a Item, workspace: &'a Parsed) -> Option<&'a str> {
    let own = package.get(key);
    let inherits = own.is_some_and(|own| own.get("workspace").and_then(Item::as_bool) == Some(true));
    let shared = || workspace.document.get("workspace")?.get("package")?.get(key);
    if inherits { shared() } else { own }.and_then(Item::as_str)
}

/// A kind of target that a package can have many of.
struct Kind {
    table: &'static str,
    folder: &'static str,
    switch: &'static str,
    role: Role,
}

const KINDS: [Kind; 4] = [
    Kind { table: "bin", folder: "src/bin", switch: "autobins", role: Role::Binary },
    Kind { table: "example", folder: "examples", switch: "autoexamples", role: Role::Example },
    Kind { table: "test", folder: "tests", switch: "autotests", role: Role::Test },
    Kind { table: "bench", folder: "benches", switch: "autobenches", role: Role::Bench },
];

struct Finder<'a> {
    manifest: &'a Parsed,
    package: &'a Item,
    name: &'a str,
    edition: u16,
    tree: Tree<'a>,
    files: &'a dyn Files,
}

impl Finder<'_> {
    fn all(&self) -> (Arc<str>, Vec<Target>) {
        let (krate, library) = self.library();
        let mut targets: Vec<Target> = library.into_iter().chain(self.build_scripts()).collect();
        for kind in &KINDS {
            targets.extend(self.many(kind));
        }
        if self.is_fuzz() {
            targets
                .iter_mut()
                .filter(|target| target.role == Role::Binary)
                .for_each(|target| target.role = Role::Test);
        }
        targets.sort_by(|a, b| (a.role, &a.root, &a.krate).cmp(&(b.role, &b.root, &b.krate)));
        targets.dedup();
        (krate, targets)
    }

    fn library(&self) -> (Arc<str>, Option<Target>) {
        let table = self.manifest.document.get("lib").filter(|item| item.is_table_like());
        let named = table.and_then(|table| table.get("name")?.as_str());
        let krate = in_code(named.unwrap_or(self.name));
        let written = table.and_then(|table| table.get("path")?.as_str());
        let wanted = written.is_some() || table.is_some() || self.switch("autolib") != Some(false);
        let root = self.path(written.unwrap_or("src/lib.rs")).filter(|_| wanted);
        let macros = table.is_some_and(is_proc_macro);
        let role = if macros { Role::ProcMacro } else { Role::Library };
        let types = match crate_types(table.and_then(Item::as_table_like)) {
            _ if macros => vec!["proc-macro".into()],
            Some(types) if !types.is_empty() => types,
            _ => vec!["lib".into()],
        };
        let tested = types.iter().any(|kind| matches!(&**kind, "lib" | "rlib" | "proc-macro"));
        let told = Told {
            name: krate.clone(),
            kind: types.clone(),
            crate_types: types,
            edition: self.edition,
            doc: true,
            doctest: tested,
            test: true,
        };
        let told = told.with(table.and_then(Item::as_table_like));
        let target = root.map(|root| Target { role, root, krate: krate.clone(), told });
        (krate, target)
    }

    fn build_scripts(&self) -> Vec<Target> {
        let written: Vec<&str> = match self.package.get("build") {
            Some(item) if item.as_bool() == Some(false) => vec![],
            Some(item) => match (item.as_str(), item.as_array()) {
                (Some(path), _) => vec![path],
                (_, Some(paths)) => paths.iter().filter_map(|path| path.as_str()).collect(),
                _ => vec!["build.rs"],
            },
            None => vec!["build.rs"],
        };
        let roots = written.into_iter().filter_map(|path| self.path(path));
        roots
            .map(|root| {
                let name = format!("build-script-{}", stem_of(&root));
                let told = Told::program(&name, "custom-build", self.edition);
                Target { role: Role::BuildScript, root, krate: "build_script_build".into(), told }
            })
            .collect()
    }

    fn many(&self, kind: &Kind) -> Vec<Target> {
        let found = self.found(kind);
        let tables = self.tables(kind.table);
        // Before the 2018 edition, naming one target turned the search for others off.
        let search = self.switch(kind.switch).unwrap_or(self.edition > 2015 || tables.is_empty());
        let mut targets: Vec<Target> =
            tables.iter().filter_map(|table| self.named(*table, kind, &found)).collect();
        if search {
            let named: Vec<Arc<str>> = targets.iter().map(|target| target.root.clone()).collect();
            targets.extend(found.into_iter().filter(|target| !named.contains(&target.root)));
        }
        targets
    }

    /// What lies where cargo looks: `tests/x.rs`, `tests/x/main.rs`, and `src/main.rs`.
    fn found(&self, kind: &Kind) -> Vec<Target> {
        let target = |root: &Arc<str>, name: &str| Target {
            role: kind.role,
            root: root.clone(),
            krate: in_code(name),
            told: Told::program(name, kind.table, self.edition),
        };
        let main = self.path("src/main.rs").filter(|_| kind.table == "bin");
        let main = main.map(|root| target(&root, self.name));
        let Some(folder) = join(&self.manifest.folder, kind.folder) else {
            return main.into_iter().collect();
        };
        let inside = self.tree.below(&folder).iter().filter_map(|entry| {
            let place = entry.path.strip_prefix(&*folder)?.strip_prefix('/')?;
            match place.split_once('/') {
                None if extension_of(place) == "rs" => Some(target(&entry.path, stem_of(place))),
                Some((name, "main.rs")) => Some(target(&entry.path, name)),
                _ => None,
            }
        });
        main.into_iter().chain(inside).collect()
    }

    /// A target with a table of its own; its path is searched for where the table does not say.
    fn named(&self, table: &dyn TableLike, kind: &Kind, found: &[Target]) -> Option<Target> {
        let written = table.get("path").and_then(Item::as_str);
        let name = table.get("name").and_then(Item::as_str).or_else(|| written.map(stem_of))?;
        let krate = in_code(name);
        let root = match written {
            Some(path) => self.path(path),
            None => {
                let by_name =
                    found.iter().find(|target| target.krate == krate).map(|target| target.root.clone());
                // The 2015 edition also looked for programs beside the library.
                by_name.or_else(|| self.path(&format!("src/{name}.rs")).filter(|_| kind.table == "bin"))
            }
        }?;
        let told = Told::program(name, kind.table, self.edition).with(Some(table));
        Some(Target { role: kind.role, root, krate, told })
    }

    fn tables(&self, name: &str) -> Vec<&dyn TableLike> {
        let Some(item) = self.manifest.document.get(name) else {
            return vec![];
        };
        if let Some(tables) = item.as_array_of_tables() {
            return tables.iter().map(|table: &Table| table as _).collect();
        }
        let inline = item.as_array().into_iter().flatten();
        inline.filter_map(|value| value.as_inline_table()).map(|table| table as _).collect()
    }

    fn switch(&self, name: &str) -> Option<bool> {
        self.package.get(name)?.as_bool()
    }

    /// A path as the manifest writes it, or where cargo looks, where a file is there: also one that
    /// the walk left out, as the compiler would not.
    fn path(&self, written: &str) -> Option<Arc<str>> {
        let path = join(&self.manifest.folder, written)?;
        match self.tree.file(&path) {
            Some(entry) => Some(entry.path.clone()),
            None => self.files.exists(&path).then(|| path.into()),
        }
    }

    fn is_fuzz(&self) -> bool {
        let metadata = self.package.get("metadata");
        metadata.and_then(|metadata| metadata.get("cargo-fuzz")?.as_bool()) == Some(true)
    }
}

impl Told {
    /// A target that is a program, as cargo takes it where its table says nothing.
    fn program(name: &str, kind: &str, edition: u16) -> Told {
        Told {
            name: name.into(),
            kind: vec![kind.into()],
            crate_types: vec!["bin".into()],
            edition,
            doc: kind == "bin",
            doctest: false,
            test: matches!(kind, "bin" | "test"),
        }
    }

    /// With what the target's table says.
    fn with(mut self, table: Option<&dyn TableLike>) -> Told {
        let flag = |key: &str| table.and_then(|table| table.get(key)?.as_bool());
        let year = table.and_then(|table| table.get("edition")?.as_str()?.parse().ok());
        self.edition = year.unwrap_or(self.edition);
        self.doc = flag("doc").unwrap_or(self.doc);
        self.doctest &= flag("doctest").unwrap_or(true);
        self.test = flag("test").unwrap_or(self.test);
        if self.kind == ["example".into()] {
            self.crate_types =
                crate_types(table).filter(|types| !types.is_empty()).unwrap_or(self.crate_types);
        }
        self
    }
}

fn crate_types(table: Option<&dyn TableLike>) -> Option<Vec<Arc<str>>> {
    let table = table?;
    let written = table.get("crate-type").or_else(|| table.get("crate_type"))?.as_array()?;
    Some(written.iter().filter_map(|kind| kind.as_str()).map(Arc::from).collect())
}

fn is_proc_macro(library: &Item) -> bool {
    let flag = library.get("proc-macro").or_else(|| library.get("proc_macro"));
    let types = library.get("crate-type").or_else(|| library.get("crate_type")).and_then(Item::as_array);
    flag.and_then(Item::as_bool) == Some(true)
        || types.is_some_and(|types| types.iter().any(|kind| kind.as_str() == Some("proc-macro")))
}

fn in_code(name: &str) -> Arc<str> {
    name.replace('-', "_").into()
}

/// The folder that a target outside its package's folder brings with it, for its modules.
pub(super) fn claimed_folder<'a>(target: &'a Target, package: &str) -> Option<&'a str> {
    let folder = folder_of(&target.root);
    (!super::tree::is_below(folder, package) && !folder.is_empty()).then_some(folder)
}
