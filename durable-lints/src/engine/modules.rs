//! The module tree of a package: which file is which module, of which target, and whether the
//! declaration that brings it in makes it test code.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::load::{PackageFiles, Target};
use crate::outline::{Item, ItemKind};
use crate::subject::{Role, SourceFile};

/// A file that the module tree leads to.
struct Child {
    file: usize,
    /// Its modules below those of the file that brings it in.
    module: Vec<String>,
    test: bool,
    /// Whether its own modules lie beside it, rather than in a folder of its name.
    owns_folder: bool,
    included: bool,
}

/// Follows `mod` declarations and `include!` from every target's root, and gives the files their
/// modules, roles and crates. What nothing reaches keeps what its folder says. `read` gives what the
/// walk did not see and the compiler would: files that git ignores, links, files of other names.
pub(super) fn place(
    files: &mut Vec<SourceFile>,
    package: &PackageFiles,
    includes: impl Fn(&SourceFile) -> Vec<Include>,
    mut read: impl FnMut(&str) -> Option<SourceFile>,
) {
    let by_path: FxHashMap<Arc<str>, usize> =
        files.iter().enumerate().map(|(index, file)| (file.path.clone(), index)).collect();
    let mut known = Known { files, by_path, read: &mut read };
    let mut reached: FxHashSet<usize> = FxHashSet::default();
    // Shipped targets come first, so that a file of several targets is what ships.
    let among_tests = !package.ships && is_among_tests(&package.folder);
    let mut targets: Vec<(u32, &Target)> = (0u32..).zip(&package.targets).collect();
    targets.sort_by_key(|(_, target)| target.role);
    for (number, target) in targets {
        let Some(file) = known.find(&target.root) else { continue };
        // Where a program lies inside its package says nothing: it is built and installed.
        let test = target.role == Role::Test || among_tests;
        let root = Child { file, module: Vec::new(), test, owns_folder: true, included: false };
        let mut open = VecDeque::from([root]);
        while let Some(Child { file: index, module, test, owns_folder, included: is_included }) =
            open.pop_front()
        {
            if !reached.insert(index) {
                continue;
            }
            let file = &mut known.files[index];
            file.role = target.role;
            file.in_target = true;
            file.target = Some(number);
            file.krate = target.krate.clone();
            file.module = module;
            file.test = test || file.outline.file_is_test();
            if is_included {
                file.outline.include(file.text.len() as u32, file.test);
            }
            let wanted = declared(file, owns_folder).into_iter().chain(included(file, &includes));
            for Wanted { candidates, mut module, test, owns_folder, included } in wanted.collect::<Vec<_>>() {
                let Some(file) = candidates.iter().find_map(|path| known.find(path)) else { continue };
                let owns_folder = owns_folder || known.files[file].path.ends_with("/mod.rs");
                module.splice(0..0, known.files[index].module.iter().cloned());
                let test = test || known.files[index].test;
                open.push_back(Child { file, module, test, owns_folder, included });
            }
        }
    }
    for (_, file) in files.iter_mut().enumerate().filter(|(index, _)| !reached.contains(index)) {
        file.test |= file.outline.file_is_test() || is_test_path(&file.path);
    }
}

/// The files of the package, and those that are read as they are reached.
struct Known<'a> {
    files: &'a mut Vec<SourceFile>,
    by_path: FxHashMap<Arc<str>, usize>,
    read: &'a mut dyn FnMut(&str) -> Option<SourceFile>,
}

impl Known<'_> {
    fn find(&mut self, path: &str) -> Option<usize> {
        if let Some(index) = self.by_path.get(path) {
            return Some(*index);
        }
        let file = (self.read)(path)?;
        self.by_path.insert(file.path.clone(), self.files.len());
        self.files.push(file);
        Some(self.files.len() - 1)
    }
}

/// The code of another file, brought in by `include!`.
pub(super) struct Include {
    /// As written.
    pub(super) path: String,
    /// The item that it stands in.
    pub(super) item: Option<u32>,
}

/// What a file declares or includes, to be found at the first of some paths.
struct Wanted {
    candidates: Vec<String>,
    module: Vec<String>,
    test: bool,
    owns_folder: bool,
    included: bool,
}

fn included(file: &SourceFile, includes: &impl Fn(&SourceFile) -> Vec<Include>) -> Vec<Wanted> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let wanted = |include: Include| {
        let modules = include.item.map(|item| modules_around(file, item)).unwrap_or_default();
        let test = include.item.is_some_and(|item| file.outline.items[item as usize].test);
        let candidates = vec![written(folder, &include.path)];
        Wanted { candidates, module: modules, test, owns_folder: true, included: true }
    };
    includes(file).into_iter().map(wanted).collect()
}

/// The names of the inline modules around an item, itself included where it is one.
fn modules_around(file: &SourceFile, item: u32) -> Vec<String> {
    let modules = file.outline.ancestors(item).filter(|item| item.kind == ItemKind::Mod);
    let mut names: Vec<String> = modules.map(|item| name_of(file, item)).collect();
    names.reverse();
    names
}

/// A path as source writes it; one that is absolute stays so, and leads nowhere that is read.
fn written(folder: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { normal(&join(folder, path)) }
}

/// The files that a file's `mod` declarations lead to.
fn declared(file: &SourceFile, owns_folder: bool) -> Vec<Wanted> {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    // `a.rs` keeps its modules in `a/`; `mod.rs` and crate roots keep them beside themselves.
    let own = if owns_folder || name == "mod.rs" { folder.to_owned() } else { join(folder, stem) };
    let mut found = Vec::new();
    for (number, item) in (0u32..).zip(&file.outline.items) {
        if item.kind != ItemKind::Mod || item.body.is_some() {
            continue;
        }
        let around = modules_around(file, number);
        let parents = around[..around.len() - 1].iter().fold(own.clone(), |path, part| join(&path, part));
        let name = name_of(file, item);
        let (always, sometimes) = written_paths(file, item);
        let beside = if around.len() == 1 { folder } else { &parents };
        found.extend(sometimes.iter().map(|path| Wanted {
            candidates: vec![written(beside, path)],
            module: around.clone(),
            test: item.test,
            owns_folder: false,
            included: false,
        }));
        let candidates = match always {
            Some(path) => vec![written(beside, &path)],
            None => vec![join(&parents, &format!("{name}.rs")), join(&join(&parents, &name), "mod.rs")],
        };
        found.push(Wanted {
            candidates,
            module: around,
            test: item.test,
            owns_folder: false,
            included: false,
        });
    }
    found
}

fn name_of(file: &SourceFile, item: &Item) -> String {
    file.snippet(item.name).trim_start_matches("r#").to_owned()
}

/// The paths of `#[path = "…"]` and `#[cfg_attr(…, path = "…")]`; the latter may hold or not.
fn written_paths(file: &SourceFile, item: &Item) -> (Option<String>, Vec<String>) {
    let value = |text: &str| {
        let (_, value) = text.split_once('"')?;
        Some(value.split_once('"')?.0.replace('\\', "/"))
    };
    let (mut always, mut sometimes) = (None, Vec::new());
    for attribute in file.outline.attributes(item, &file.text) {
        match attribute.name() {
            "path" => always = always.or_else(|| value(attribute.text())),
            "cfg_attr" => {
                let rest = attribute.text().rsplit_once("path").map(|(_, rest)| rest.trim_start());
                sometimes.extend(rest.filter(|rest| rest.starts_with('=')).and_then(value));
            }
            _ => {}
        }
    }
    (always, sometimes)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn normal(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The folders and names that hold test code by custom.
const TEST_FOLDERS: &[&str] = &[
    "tests",
    "test",
    "benches",
    "fuzz",
    "testdata",
    "test_data",
    "test-data",
    "fixtures",
    "testsuite",
    "testing",
];

/// Whether a path says that it holds test code.
pub(crate) fn is_test_path(path: &str) -> bool {
    let mut parts = path.split('/').rev();
    let stem = parts.next().unwrap_or("").trim_end_matches(".rs");
    stem == "tests"
        || stem == "test"
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_tests")
        || is_in_test_folder(path)
}

/// Whether a folder is one for tests, or lies in one.
fn is_among_tests(folder: &str) -> bool {
    folder.split('/').any(|part| TEST_FOLDERS.contains(&part))
}

/// Whether a folder above a file is one for tests.
fn is_in_test_folder(path: &str) -> bool {
    path.split('/').rev().skip(1).any(|folder| TEST_FOLDERS.contains(&folder))
}

/// The role that a path suggests where no target says.
pub(super) fn role_by_path(path: &str) -> Role {
    let has = |folder: &str| path.split('/').any(|part| part == folder);
    match () {
        () if has("benches") => Role::Bench,
        () if has("examples") => Role::Example,
        () if path.ends_with("/build.rs") || path == "build.rs" => Role::BuildScript,
        () if is_test_path(path) => Role::Test,
        () => Role::Library,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::Outline;

    fn package(folder: &str, target: Target) -> PackageFiles {
        PackageFiles {
            package: Default::default(),
            folder: folder.into(),
            version: "0.1.0".into(),
            targets: vec![target],
            files: Vec::new(),
            local_dependencies: Vec::new(),
            ships: false,
            selected: true,
        }
    }

    fn files(texts: &[(&str, &str)]) -> Vec<SourceFile> {
        let file = |(path, text): &(&str, &str)| SourceFile {
            path: (*path).into(),
            text: (*text).into(),
            outline: Outline::new(text, &[]),
            role: role_by_path(path),
            module: Vec::new(),
            test: false,
            generated: false,
            asked: Default::default(),
            in_target: false,
            target: None,
            krate: "app".into(),
        };
        texts.iter().map(file).collect()
    }

    fn target(root: &str, krate: &str) -> Target {
        Target { root: root.into(), krate: krate.into(), ..Target::default() }
    }

    #[test]
    fn declarations_lead_to_files() {
        let mut files = files(&[
            (
                "src/lib.rs",
                "mod net; #[cfg(test)] mod checks; mod inline { mod deep; } #[path = \"odd/x.rs\"] mod y;",
            ),
            ("src/net.rs", "mod tls;"),
            ("src/net/tls.rs", ""),
            ("src/checks/mod.rs", "mod more;"),
            ("src/checks/more.rs", ""),
            ("src/inline/deep.rs", ""),
            ("src/odd/x.rs", ""),
            ("src/orphan_tests.rs", ""),
        ]);
        place(&mut files, &package("", target("src/lib.rs", "app")), |_| Vec::new(), |_| None);
        let listing: Vec<String> = files
            .iter()
            .map(|file| {
                format!("{} {}{}", file.path, file.module.join("::"), if file.test { " test" } else { "" })
            })
            .collect();
        assert_eq!(
            listing,
            [
                "src/lib.rs ",
                "src/net.rs net",
                "src/net/tls.rs net::tls",
                "src/checks/mod.rs checks test",
                "src/checks/more.rs checks::more test",
                "src/inline/deep.rs inline::deep",
                "src/odd/x.rs y",
                "src/orphan_tests.rs  test",
            ]
        );
    }

    #[test]
    fn a_package_among_tests_is_test_code() {
        let mut files = files(&[("tests/e2e/src/lib.rs", "mod keys;"), ("tests/e2e/src/keys.rs", "")]);
        let e2e = package("tests/e2e", target("tests/e2e/src/lib.rs", "e2e"));
        place(&mut files, &e2e, |_| Vec::new(), |_| None);
        assert!(files.iter().all(|file| file.test));
        files.iter_mut().for_each(|file| file.test = false);
        place(&mut files, &PackageFiles { ships: true, ..e2e }, |_| Vec::new(), |_| None);
        assert!(!files.iter().any(|file| file.test));
    }
}
