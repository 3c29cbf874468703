//! Trees written as text, and workspaces written back as text.

use std::fmt::Write;

use durable_lints::load::{LoadOptions, MemoryFiles, Workspace, load_memory};
use durable_lints::subject::Dependency;

pub(crate) fn options() -> LoadOptions {
    LoadOptions {
        paths: vec![],
        manifest_path: None,
        packages: vec![],
        workspace: false,
        exclude: vec![],
        advisory_db: None,
        cargo_indexes: vec![],
        now: jiff::Timestamp::UNIX_EPOCH,
        cache_dir: None,
        tracked: |_| Some(Vec::new()),
    }
}

/// Files from `== path` lines, each followed by the file's lines.
pub(crate) fn tree(text: &str) -> MemoryFiles {
    let mut files = MemoryFiles::default();
    for file in text.split("== ").skip(1) {
        let (path, body) = file.split_once('\n').unwrap_or((file, ""));
        let body: Vec<&str> = body.lines().map(str::trim).collect();
        files.files.insert(path.trim().to_owned(), body.join("\n").into_bytes());
    }
    files
}

pub(crate) fn load(text: &str) -> Workspace {
    load_memory(&tree(text), &options()).unwrap()
}

pub(crate) fn listing(workspace: &Workspace) -> String {
    let mut text = String::new();
    for package in &workspace.packages {
        let own = &package.package;
        let name = if own.name.is_empty() { "(loose)" } else { &*own.name };
        let any = if own.any_crate { " any crate" } else { "" };
        let files = package.files.len();
        writeln!(text, "{name} in '{}' ({}){any}: {files} files", package.folder, own.edition).unwrap();
        for target in &package.targets {
            let role = serde_json::to_value(target.role).unwrap();
            writeln!(text, "  {} {}: {}", role.as_str().unwrap(), target.krate, target.root).unwrap();
        }
        own.dependencies.iter().for_each(|found| writeln!(text, "  {}", dependency(found)).unwrap());
        let local = package.local_dependencies.iter().map(|at| &*workspace.packages[*at].package.name);
        let local: Vec<&str> = local.collect();
        if !local.is_empty() {
            writeln!(text, "  needs {}", local.join(", ")).unwrap();
        }
    }
    text
}

fn dependency(found: &Dependency) -> String {
    let kind = serde_json::to_value(found.kind).unwrap();
    let requirement = found.requirement.as_deref().unwrap_or("*");
    let mut text = format!("{} {} = {} {requirement}", kind.as_str().unwrap(), found.name, found.package);
    if found.optional {
        text += " optional";
    }
    if !found.features.is_empty() {
        text += &format!(" [{}]", found.features.join(", "));
    }
    if !found.default_features {
        text += " without defaults";
    }
    text
}

pub(crate) fn problems(workspace: &Workspace) -> String {
    let mut text = String::new();
    for problem in &workspace.unchecked {
        let at = problem.at.map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
        writeln!(text, "{}{at}: {}", problem.path, problem.reason).unwrap();
    }
    text
}
