//! Checkouts on the disk: what the walk sees, and that nothing in them runs.

use crate::support::{listing, options, tree};
use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::load::{DiskFiles, LoadOptions, Survey, Workspace, load, survey};

struct Checkout {
    _folder: tempfile::TempDir,
    root: Utf8PathBuf,
}

fn checkout(text: &str) -> Checkout {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
    for (path, bytes) in tree(text).files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    Checkout { _folder: folder, root }
}

fn at(path: &Utf8Path) -> LoadOptions {
    LoadOptions { paths: vec![path.to_owned()], ..options() }
}

fn loaded(options: &LoadOptions) -> Workspace {
    let survey = survey(options).unwrap();
    load(&survey, options, &DiskFiles { root: survey.root.clone() })
}

fn paths(survey: &Survey) -> Vec<&str> {
    survey.files.iter().map(|entry| &*entry.path).collect()
}

const APP: &str = "== Cargo.toml
    [package]
    name = 'app'
    version = '0.1.0'
    edition = '2021'
    == Cargo.lock
    version = 4
    [[package]]
    name = 'app'
    version = '0.1.0'
    == src/lib.rs
";

#[test]
fn the_walk_leaves_out_what_git_ignores_and_caches_but_no_hidden_files() {
    let checkout = checkout(&format!(
        "{APP}== .gitignore
         /made
         == .git/config
         == .github/workflows/ci.yml
         == .ignore
         src
         == made/lib.rs
         == target/CACHEDIR.TAG
         Signature: 8a477f597d28d172789f06886806bc55
         == target/debug/x.rs
         == src/CACHEDIR.TAG
         Signature: 8a477f597d28d172789f06886806bc55"
    ));
    let survey = survey(&at(&checkout.root)).unwrap();
    assert_eq!(
        paths(&survey),
        [
            ".github/workflows/ci.yml",
            ".gitignore",
            ".ignore",
            "Cargo.lock",
            "Cargo.toml",
            "src/CACHEDIR.TAG",
            "src/lib.rs"
        ]
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_in_the_checkout_alone_and_pipes_are_not_opened() {
    let checkout = checkout(APP);
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), checkout.root.join("src/out.rs")).unwrap();
    std::os::unix::fs::symlink(outside.path().parent().unwrap(), checkout.root.join("src/folder")).unwrap();
    std::os::unix::fs::symlink(&checkout.root, checkout.root.join("src/loop")).unwrap();
    std::os::unix::fs::symlink("lib.rs", checkout.root.join("src/link.rs")).unwrap();
    std::os::unix::fs::symlink("Cargo.toml", checkout.root.join("LICENSE")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(checkout.root.join("src/pipe.rs")).status();
    assert!(made.unwrap().success());
    let survey = survey(&at(&checkout.root)).unwrap();
    assert_eq!(paths(&survey), ["Cargo.lock", "Cargo.toml", "LICENSE", "src/lib.rs", "src/link.rs"]);
    let files = DiskFiles { root: checkout.root.clone() };
    use durable_lints::load::Files;
    assert_eq!(files.read("src/pipe.rs").unwrap_err(), "this is not a regular file");
    assert_eq!(files.read("LICENSE"), files.read("Cargo.toml"));
    let name = outside.path().file_name().unwrap().to_string_lossy();
    for path in ["src/out.rs", &*format!("src/folder/{name}")] {
        assert_eq!(files.read(path).unwrap_err(), "the path leads out of the checked folder");
    }
}

#[test]
fn a_path_inside_a_workspace_is_checked_with_the_workspace_around_it() {
    let checkout = checkout(
        "== Cargo.toml
         [workspace]
         members = ['a']
         [workspace.dependencies]
         == a/Cargo.toml
         [package]
         name = 'a'
         [dependencies]
         b = { path = '../b' }
         == a/src/lib.rs
         == b/Cargo.toml
         [package]
         name = 'b'
         == b/src/lib.rs
         == other/Cargo.toml
         [package]
         name = 'other'
         == other/src/lib.rs",
    );
    let root_of = |path: &str| survey(&at(&checkout.root.join(path))).unwrap().root;
    assert_eq!(root_of("a"), checkout.root);
    assert_eq!(root_of("a/src/lib.rs"), checkout.root);
    // A member because a member depends on it by path.
    assert_eq!(root_of("b"), checkout.root);
    assert_eq!(root_of("other"), checkout.root.join("other"));
    let file = loaded(&at(&checkout.root.join("b/src/lib.rs")));
    assert_eq!(listing(&file), "b in 'b' (2015): 1 files\n  library b: b/src/lib.rs\n");
    assert!(file.is_selected("b/src/lib.rs") && !file.is_selected("b/Cargo.toml"));
    assert!(file.manifests.is_empty());
    let both = LoadOptions { paths: vec![checkout.root.join("a"), checkout.root.join("other")], ..options() };
    assert_eq!(survey(&both).unwrap().root, checkout.root);
}

#[test]
fn what_is_not_there_is_named() {
    let checkout = checkout(APP);
    let error = survey(&at(&checkout.root.join("sra"))).unwrap_err().to_string();
    assert_eq!(error, format!("there is no file or folder `{}/sra`; did you mean `src`?", checkout.root));
    let manifest = LoadOptions { manifest_path: Some(checkout.root.join("src/lib.rs")), ..options() };
    assert!(survey(&manifest).unwrap_err().to_string().contains("takes the path of a file named Cargo.toml"));
}

#[test]
fn a_single_file_without_a_manifest_is_checked_alone() {
    let checkout = checkout("== x.rs\n== y.rs");
    let workspace = loaded(&at(&checkout.root.join("x.rs")));
    assert_eq!(listing(&workspace), "(loose) in '' (2021) any crate: 1 files\n");
}

#[cfg(unix)]
#[test]
fn a_hostile_checkout_runs_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let checkout = checkout(APP);
    let root = &checkout.root;
    let write = |path: &str, text: &str| {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        std::fs::write(root.join(path), text).unwrap();
        std::fs::set_permissions(root.join(path), std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let evil = format!("#!/bin/sh\ntouch {root}/ran\nexit 1\n");
    for path in ["evil", "bin/cargo", "bin/rustc"] {
        write(path, &evil);
    }
    write(
        ".cargo/config.toml",
        &format!(
            "[build]\nrustc = '{root}/evil'\nrustc-wrapper = '{root}/evil'\nrustc-workspace-wrapper = '{root}/evil'\n\
             [registry]\nglobal-credential-providers = ['{root}/evil']\n[alias]\nmetadata = '!{root}/evil'\n\
             [source.crates-io]\nreplace-with = 'x'\n[source.x]\ndirectory = 'vendor'\n"
        ),
    );
    write("rust-toolchain.toml", "[toolchain]\npath = '.'\n");
    write("build.rs", &format!("fn main() {{ std::fs::write(\"{root}/ran\", \"\").unwrap(); }}"));
    let before: Vec<String> = paths(&survey(&at(root)).unwrap()).into_iter().map(str::to_owned).collect();
    let workspace = loaded(&at(root));
    assert!(!root.join("ran").exists());
    assert_eq!(paths(&survey(&at(root)).unwrap()), before, "nothing is written into the checkout");
    assert_eq!(workspace.notes, [] as [&str; 0]);
    assert_eq!(workspace.dependencies[0].packages[0].ships, Some(true));
}

#[test]
fn the_graph_is_remembered_and_a_broken_memory_is_not_believed() {
    let checkout = checkout(APP);
    let cache = tempfile::tempdir().unwrap();
    let cache_dir = Utf8PathBuf::from_path_buf(cache.path().to_owned()).unwrap();
    let options = LoadOptions { cache_dir: Some(cache_dir), ..at(&checkout.root) };
    let first = loaded(&options).dependencies[0].packages.clone();
    let files: Vec<_> = std::fs::read_dir(cache.path()).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(loaded(&options).dependencies[0].packages, first);
    let mut bytes = std::fs::read(&files[0]).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    for broken in [bytes, vec![], vec![7; 10]] {
        std::fs::write(&files[0], broken).unwrap();
        assert_eq!(loaded(&options).dependencies[0].packages, first);
    }
}

#[test]
fn a_lock_file_that_is_out_of_date_is_used_alone_and_that_is_said() {
    let stale = APP.replace("edition = '2021'", "edition = '2021'\n[dependencies]\nlog = '0.4'");
    let checkout = checkout(&stale);
    let workspace = loaded(&at(&checkout.root));
    assert_eq!(workspace.dependencies[0].packages[0].ships, None);
    assert_eq!(workspace.notes.len(), 1, "{:?}", workspace.notes);
    assert!(workspace.notes[0].contains("`cargo metadata` failed"), "{:?}", workspace.notes);
}
