//! `--message-format rustc` is what cargo writes: read by cargo's own parser, and compared with what
//! `cargo metadata` says of the same workspace.

use std::collections::BTreeMap;

use cargo_metadata::{CompilerMessage, Message, Metadata, MetadataCommand, Package, Target};

use crate::project::{Project, Ran};

/// A token, written in two parts so that no scanner takes this file for a leak.
fn token() -> String {
    ["AKIA", "Q7ZPLM2XW4TRBN6K"].concat()
}

fn leak(name: &str) -> String {
    format!("pub const {name}: &str = \"{}\";\n", token())
}

/// A virtual workspace with every kind of target, packages whose folders are named otherwise, and a
/// token in a file of each target that is looked at.
fn workspace() -> Project {
    let project = Project::new(
        "//- code/Cargo.toml
[workspace]
members = [\"a dir\", \"same\", \"macros\"]
resolver = \"2\"
[workspace.package]
version = \"0.3.0\"
edition = \"2021\"
//- code/a dir/Cargo.toml
[package]
name = \"other-name\"
version.workspace = true
edition.workspace = true
//- code/same/Cargo.toml
[package]
name = \"same\"
edition = \"2024\"
[lib]
crate-type = [\"cdylib\", \"rlib\"]
doctest = false
[[bin]]
name = \"tool\"
path = \"src/tool.rs\"
edition = \"2018\"
test = false
//- code/macros/Cargo.toml
[package]
name = \"macros\"
version = \"1.0.0+b\"
[lib]
proc-macro = true
//- code/a dir/src/lib.rs
mod inner;
",
    );
    for root in ["src/main.rs", "src/bin/b-c.rs", "examples/e.rs", "build.rs"] {
        project.put(&format!("code/a dir/{root}"), (leak("TOKEN") + "fn main() {}\n").as_bytes());
    }
    // What is wrong in a test is not told, but that it cannot be read is.
    project.put("code/a dir/tests/t.rs", b"\xff");
    project.put("code/a dir/benches/b.rs", b"\xff");
    project.put("code/a dir/src/inner.rs", leak("TOKEN").as_bytes());
    project.put("code/same/src/tool.rs", (leak("TOKEN") + "fn main() {}\n").as_bytes());
    project.put("code/same/src/lib.rs", leak("TOKEN").as_bytes());
    project.put("code/macros/src/lib.rs", leak("TOKEN").as_bytes());
    project
}

fn metadata(project: &Project, folder: &str) -> Metadata {
    let mut command = MetadataCommand::new();
    command.current_dir(project.path(folder)).no_deps().other_options(["--offline".to_owned()]);
    command.exec().unwrap()
}

/// The messages, each of which cargo's parser takes for one of a compiler, and whether all was well.
fn messages(ran: &Ran) -> (Vec<CompilerMessage>, bool) {
    let mut found = Vec::new();
    let mut ended = None;
    for message in Message::parse_stream(ran.out.as_bytes()) {
        assert_eq!(ended, None, "nothing follows the end: {}", ran.out);
        match message.unwrap() {
            Message::CompilerMessage(message) => found.push(message),
            Message::BuildFinished(end) => ended = Some(end.success),
            other => panic!("{other:?}"),
        }
    }
    (found, ended.expect("the stream ends as cargo's does"))
}

fn check(project: &Project, folder: &str) -> (Vec<CompilerMessage>, bool) {
    messages(&project.durable(folder, "check --message-format rustc"))
}

fn target_of<'a>(metadata: &'a Metadata, message: &CompilerMessage) -> (&'a Package, &'a Target) {
    let package = &metadata[&message.package_id];
    let target = package.targets.iter().find(|target| **target == message.target);
    (package, target.unwrap_or_else(|| panic!("{:?} is none of {:?}", message.target, package.targets)))
}

#[test]
fn packages_and_targets_are_those_of_cargo_metadata() {
    let project = workspace();
    let metadata = metadata(&project, "code");
    let ran = project.durable("code", "check --message-format rustc");
    let (found, success) = messages(&ran);
    assert!(!success);
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    for message in found.iter().filter(|message| !message.message.spans.is_empty()) {
        let (package, target) = target_of(&metadata, message);
        // Cargo's parser leaves it out, and cargo writes it.
        let manifest = format!("\"manifest_path\":\"{}\"", package.manifest_path);
        assert!(
            ran.out.lines().any(|line| line.contains(&message.package_id.repr) && line.contains(&manifest))
        );
        let file = &message.message.spans[0].file_name;
        assert!(metadata.workspace_root.join(file).is_file(), "{file} is relative to the workspace");
        targets.insert(file.clone(), format!("{} {:?}", target.name, target.kind));
    }
    let listing: Vec<String> = targets.iter().map(|(file, target)| format!("{file}: {target}")).collect();
    assert_eq!(
        listing,
        [
            "a dir/benches/b.rs: b [Bench]",
            "a dir/build.rs: build-script-build [CustomBuild]",
            "a dir/examples/e.rs: e [Example]",
            "a dir/src/bin/b-c.rs: b-c [Bin]",
            "a dir/src/inner.rs: other_name [Lib]",
            "a dir/src/main.rs: other-name [Bin]",
            "a dir/tests/t.rs: t [Test]",
            "macros/src/lib.rs: macros [ProcMacro]",
            "same/src/lib.rs: same [CDyLib, RLib]",
            "same/src/tool.rs: tool [Bin]",
        ]
    );
}

#[test]
fn what_lies_in_no_package_is_told_with_a_package_that_cargo_knows() {
    let project = workspace();
    project.write("//- code/.github/workflows/ci.yml\non: pull_request_target\njobs: [\n");
    let metadata = metadata(&project, "code");
    let (found, _) = check(&project, "code");
    let workflow = found
        .iter()
        .find(|message| message.message.spans.first().is_some_and(|span| span.file_name.ends_with("ci.yml")));
    target_of(&metadata, workflow.expect("the workflow is told of"));
}

#[test]
fn a_member_names_its_files_as_the_workspace_does() {
    let project = workspace();
    let metadata = metadata(&project, "code");
    let (found, _) = check(&project, "code/same");
    let file = |message: &CompilerMessage| message.message.spans.first().map(|span| span.file_name.clone());
    let files: Vec<String> = found.iter().filter_map(file).collect();
    assert!(files.contains(&"same/src/lib.rs".to_owned()), "{files:?}");
    found.iter().for_each(|message| {
        target_of(&metadata, message);
    });
}

#[test]
fn files_without_any_package_are_read_all_the_same() {
    let project = Project::new("");
    project.put("loose/a.rs", leak("TOKEN").as_bytes());
    let (found, success) = messages(&project.durable(".", "check loose --message-format rustc"));
    assert!(!success && !found.is_empty());
    assert!(found[0].target.src_path.ends_with("loose/a.rs") && found[0].target.src_path.is_absolute());
}
