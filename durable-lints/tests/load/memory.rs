//! Trees in memory in, compact listings of what was loaded out.

use crate::support::{listing, load, options, problems, tree};

#[test]
fn a_package_finds_its_targets_as_cargo_does() {
    let workspace = load(
        "== Cargo.toml
         [package]
         name = 'my-app'
         edition = '2021'
         == src/lib.rs
         == src/main.rs
         == src/net/tls.rs
         == src/bin/one.rs
         == src/bin/two/main.rs
         == src/bin/two/part.rs
         == tests/all.rs
         == tests/common/mod.rs
         == examples/show.rs
         == benches/speed/main.rs
         == build.rs",
    );
    assert_eq!(
        listing(&workspace),
        "my-app in '' (2021): 11 files
  library my_app: src/lib.rs
  binary one: src/bin/one.rs
  binary two: src/bin/two/main.rs
  binary my_app: src/main.rs
  example show: examples/show.rs
  bench speed: benches/speed/main.rs
  build_script build_script_build: build.rs
  test all: tests/all.rs
"
    );
}

#[test]
fn a_manifest_that_names_targets_is_followed() {
    let workspace = load(
        "== Cargo.toml
         [package]
         name = 'old'
         build = 'make.rs'
         [lib]
         name = 'old_macros'
         path = 'lib.rs'
         proc-macro = true
         [[bin]]
         name = 'tool'
         == lib.rs
         == make.rs
         == build.rs
         == src/bin/tool.rs
         == src/bin/unnamed.rs
         == tests/found.rs",
    );
    // Before the 2018 edition, naming one program turned the search for others off.
    assert_eq!(
        listing(&workspace),
        "old in '' (2015): 6 files
  proc_macro old_macros: lib.rs
  binary tool: src/bin/tool.rs
  build_script build_script_build: make.rs
  test found: tests/found.rs
"
    );
}

#[test]
fn a_virtual_workspace_has_members_by_glob_by_path_and_none_that_are_excluded() {
    let workspace = load(
        "== Cargo.toml
         [workspace]
         members = ['crates/*', './app/']
         exclude = ['crates/old']
         [workspace.package]
         edition = '2024'
         [workspace.dependencies]
         core = { path = 'crates/core', package = 'app-core', features = ['a'] }
         == Cargo.lock
         == app/Cargo.toml
         [package]
         name = 'app'
         edition.workspace = true
         [dependencies]
         core = { workspace = true, features = ['b'], optional = true }
         [target.'cfg(unix)'.dev-dependencies]
         helper = { path = 'helper' }
         http = { package = 'reqwest', version = '0.12', default-features = false }
         == app/src/main.rs
         == app/helper/Cargo.toml
         [package]
         name = 'helper'
         == app/helper/src/lib.rs
         == crates/core/Cargo.toml
         [package]
         name = 'app-core'
         == crates/core/src/lib.rs
         == crates/old/Cargo.toml
         [package]
         name = 'old'
         == crates/old/src/lib.rs
         == scripts/loose.rs",
    );
    assert_eq!(
        listing(&workspace),
        "(loose) in '' (2021) any crate: 1 files
app in 'app' (2024): 1 files
  binary app: app/src/main.rs
  normal core = app-core * optional [a, b]
  dev helper = helper *
  dev http = reqwest 0.12 without defaults
  needs helper, app-core
helper in 'app/helper' (2015): 1 files
  library helper: app/helper/src/lib.rs
app-core in 'crates/core' (2015): 1 files
  library app_core: crates/core/src/lib.rs
old in 'crates/old' (2015): 1 files
  library old: crates/old/src/lib.rs
"
    );
    let roots: Vec<&str> =
        workspace.manifests.iter().filter(|manifest| manifest.is_root).map(|m| &*m.path).collect();
    assert_eq!(roots, ["Cargo.toml", "crates/old/Cargo.toml"]);
    let locked = workspace.manifests.iter().filter(|manifest| manifest.has_lockfile).count();
    assert_eq!(locked, 4);
}

#[test]
fn a_member_is_checked_alone_and_what_it_depends_on_is_known() {
    let text = "== Cargo.toml
         [workspace]
         members = ['a', 'b', 'c']
         == Cargo.lock
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
         == c/Cargo.toml
         [package]
         name = 'c'
         == c/src/lib.rs";
    let mut of_a = options();
    of_a.packages = vec!["a".to_owned()];
    let mut in_a = options();
    in_a.paths = vec!["a".into()];
    for options in [of_a, in_a] {
        let workspace = durable_lints::load::load_memory(&tree(text), &options).unwrap();
        let packages = workspace.packages.iter().map(|package| (&*package.package.name, package.selected));
        assert_eq!(packages.collect::<Vec<_>>(), [("a", true), ("b", false)]);
        let manifests: Vec<&str> = workspace.manifests.iter().map(|manifest| &*manifest.path).collect();
        assert_eq!(manifests, ["Cargo.toml", "a/Cargo.toml"]);
        assert_eq!(workspace.lockfiles.len(), 1);
    }
    let mut wrong = options();
    wrong.packages = vec!["aa".to_owned()];
    let error = durable_lints::load::load_memory(&tree(text), &wrong).unwrap_err().to_string();
    assert_eq!(error, "there is no package `aa` in ; did you mean `a`?; the packages here: a, b, c");
}

#[test]
fn vendored_sources_are_left_out_unless_they_are_what_was_asked_for() {
    let text = "== Cargo.toml
         [package]
         name = 'app'
         == src/lib.rs
         == vendor/serde/Cargo.toml
         [package]
         name = 'serde'
         == vendor/serde/.cargo-checksum.json
         == vendor/serde/src/lib.rs
         == vendor/broken/Cargo.toml
         [package
         == vendor/broken/.cargo-checksum.json";
    let workspace = load(text);
    assert_eq!(workspace.packages.iter().map(|package| &*package.package.name).collect::<Vec<_>>(), ["app"]);
    assert_eq!(problems(&workspace), "");
    let mut vendor = options();
    vendor.paths = vec!["vendor".into()];
    let workspace = durable_lints::load::load_memory(&tree(text), &vendor).unwrap();
    assert_eq!(
        workspace.packages.iter().map(|package| &*package.package.name).collect::<Vec<_>>(),
        ["serde"]
    );
    assert!(problems(&workspace).starts_with("vendor/broken/Cargo.toml:1:9: this is not valid TOML: "));
}

#[test]
fn packages_among_tests_are_data_unless_they_are_members_or_asked_for() {
    let text = "== Cargo.toml
         [workspace]
         members = ['app', 'tests/all']
         == app/Cargo.toml
         [package]
         name = 'app'
         == app/src/lib.rs
         == app/tests/ui/bad/Cargo.toml
         [package
         == app/tests/ui/odd/Cargo.toml
         [package]
         name = 'odd'
         == app/tests/ui/odd/src/lib.rs
         == app/tests/it.rs
         == tests/all/Cargo.toml
         [package]
         name = 'all'
         == tests/all/src/lib.rs";
    let names = |workspace: &durable_lints::load::Workspace| {
        workspace.packages.iter().map(|package| package.package.name.to_string()).collect::<Vec<_>>()
    };
    let workspace = load(text);
    assert_eq!(names(&workspace), ["app", "all"]);
    assert_eq!(problems(&workspace), "");
    let mut inside = options();
    inside.paths = vec!["app/tests/ui/odd".into()];
    let workspace = durable_lints::load::load_memory(&tree(text), &inside).unwrap();
    assert_eq!(names(&workspace), ["odd"]);
}

#[test]
fn vendored_folders_with_similar_names_are_all_left_out() {
    let workspace = load(
        "== Cargo.toml
         [package]
         name = 'app'
         == src/lib.rs
         == v/foo/.cargo-checksum.json
         == v/foo/src/a.rs
         == v/foo-bar/.cargo-checksum.json
         == v/foo-bar/src/a.rs
         == v/foo.x/.cargo-checksum.json
         == v/foo.x/a.rs",
    );
    assert_eq!(listing(&workspace), "app in '' (2015): 1 files\n  library app: src/lib.rs\n");
}

#[test]
fn a_vendor_mark_does_not_hide_a_member() {
    let workspace = load(
        "== Cargo.toml
         [workspace]
         members = ['own']
         == own/Cargo.toml
         [package]
         name = 'own'
         == own/.cargo-checksum.json
         == own/src/lib.rs",
    );
    assert_eq!(workspace.packages.len(), 1);
}

#[test]
fn targets_outside_their_package_belong_to_it() {
    let workspace = load(
        "== Cargo.toml
         [workspace]
         members = ['app']
         == app/Cargo.toml
         [package]
         name = 'app'
         [[test]]
         name = 'all'
         path = '../tests/all.rs'
         == app/src/lib.rs
         == tests/all.rs
         == tests/all/part.rs",
    );
    assert_eq!(
        listing(&workspace),
        "app in 'app' (2015): 3 files\n  library app: app/src/lib.rs\n  test all: tests/all.rs\n"
    );
}

#[test]
fn fuzz_targets_are_tests() {
    let workspace = load(
        "== Cargo.toml
         [package]
         name = 'fuzz'
         [package.metadata]
         cargo-fuzz = true
         [[bin]]
         name = 'parse'
         path = 'targets/parse.rs'
         == targets/parse.rs",
    );
    assert_eq!(listing(&workspace), "fuzz in '' (2015): 1 files\n  test parse: targets/parse.rs\n");
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_checked() {
    let workspace = load(
        "== a/Cargo.toml
         [package]
         name = 1 2
         == a/src/lib.rs
         == b/Cargo.toml
         <<<<<<< ours
         == b/src/lib.rs
         == .github/workflows/ci.yml
         on: [push
         jobs: }
         == .cargo/config.toml
         [build]",
    );
    assert_eq!(
        problems(&workspace),
        ".github/workflows/ci.yml:2:5: this is not valid YAML: illegal placement of ':' indicator
a/Cargo.toml:2:8: this is not valid TOML: string values must be quoted, expected literal string
b/Cargo.toml:1:1: the file has merge-conflict markers
"
    );
    let packages = workspace.packages.iter().map(|package| (&*package.folder, package.package.any_crate));
    assert_eq!(packages.collect::<Vec<_>>(), [("a", true), ("b", true)]);
}

#[test]
fn hostile_manifests_do_no_harm() {
    let deep = format!("[package]\nname = 'x'\nx = {}", "[".repeat(100_000));
    let dotted = format!("[package]\n{}x = 1", "a.".repeat(100_000));
    let texts = [
        "package = 1\nworkspace = []\ndependencies = 'no'\nlib = [1]\nbin = {}\n",
        "[package]\nname = []\nedition = {}\nbuild = [1]\nautobins = 'x'\n[lib]\npath = 3\n[[bin]]\n[[test]]\npath = '../../../../etc/passwd'\n",
        "[workspace]\nmembers = ['*', '../..', '[', '**', 7]\nexclude = '/'\n[package]\nname = 'x'\nworkspace = '.'\n[dependencies]\nx = { path = '.' }\ny.workspace = true\n",
        "[target]\nx = 1\n[target.y]\ndependencies = [1]\n[dependencies]\na = [1]\nb = {}\nc = { path = 1, features = [1], package = {} }",
        &deep,
        &dotted,
    ];
    for text in texts {
        let files =
            [("Cargo.toml", text), ("Cargo.lock", text), ("src/lib.rs", ""), ("sub/Cargo.toml", text)];
        let files = durable_lints::load::MemoryFiles::new(files);
        let workspace = durable_lints::load::load_memory(&files, &options()).unwrap();
        assert_eq!(workspace.packages.iter().map(|package| package.files.len()).sum::<usize>(), 1);
    }
}

#[test]
fn a_lock_file_alone_tells_who_depends_on_what() {
    let workspace = load(
        "== Cargo.toml
         [package]
         name = 'app'
         == Cargo.lock
         version = 4
         [[package]]
         name = 'app'
         version = '0.1.0'
         dependencies = ['log', 'rand 0.8.5']
         [[package]]
         name = 'log'
         version = '0.4.20'
         source = 'registry+https://github.com/rust-lang/crates.io-index'
         [[package]]
         name = 'rand'
         version = '0.8.5'
         [[package]]
         name = 'rand'
         version = '0.9.0'
         dependencies = ['log']",
    );
    let graph = &workspace.dependencies[0];
    let lines: Vec<String> = graph
        .packages
        .iter()
        .map(|package| {
            let by: Vec<String> =
                package.dependents.iter().map(|(name, version)| format!("{name} {version}")).collect();
            format!("{} {} for {}", package.name, package.version, by.join(", "))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "app 0.1.0 for ",
            "log 0.4.20 for app 0.1.0, rand 0.9.0",
            "rand 0.8.5 for app 0.1.0",
            "rand 0.9.0 for "
        ]
    );
    let lockfile = graph.lockfile.as_ref().unwrap();
    assert_eq!(lockfile.version, 4);
    let span = lockfile.packages[2].span;
    assert_eq!(&lockfile.text[span.range()], "[[package]]\nname = 'rand'\nversion = '0.8.5'");
}

#[test]
fn what_a_missing_lock_file_hides_is_said() {
    let workspace =
        load("== Cargo.toml\n[package]\nname = 'app'\n[dependencies]\nlog = '0.4'\n== src/lib.rs");
    assert_eq!(
        workspace.notes,
        [
            "the versions of the dependencies of Cargo.toml are unknown, as no Cargo.lock is part of the checkout; \
          `cargo generate-lockfile --manifest-path Cargo.toml` makes one"
        ]
    );
    // A package that another lock file reaches by path is resolved there, a template nowhere yet.
    let lock = "version = 4\n[[package]]\nname = 'app'\nversion = '0.1.0'\n[[package]]\nname = 'part'\nversion = '0.1.0'\n";
    let around = format!(
        "== Cargo.toml\n[package]\nname = 'app'\n[dependencies]\npart = {{ path = 'vendor/part' }}\n[workspace]\nexclude = ['vendor']\n\
         == src/lib.rs\n== Cargo.lock\n{lock}\
         == vendor/part/Cargo.toml\n[package]\nname = 'part'\n[dependencies]\nlog = '0.4'\n== vendor/part/src/lib.rs\n\
         == templates/a/Cargo.toml\n[package]\nname = 'a'\n[dependencies]\nlog = '0.4'\n[workspace]\n\
         == templates/a/src/lib.rs\n== templates/a/template.toml\n"
    );
    assert_eq!(load(&around).notes, [""; 0]);
    for lost in ["== templates/a/template.toml\n", "[[package]]\nname = 'part'\nversion = '0.1.0'\n"] {
        assert_eq!(load(&around.replace(lost, "")).notes.len(), 1, "{lost}");
    }
}
