//! What only whole builds show: packages in folders of their own, built by cargo.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const POLICY: &str = "[owners.identity]\n[owners.platform]\n";

struct Project {
    _temporary: tempfile::TempDir,
    folder: PathBuf,
}

impl Project {
    /// A folder whose name has to be escaped wherever it is written.
    fn new(edition: &str, source: &str) -> Project {
        let temporary = tempfile::tempdir().expect("a folder");
        let project = Project { folder: temporary.path().join("it's a {} folder"), _temporary: temporary };
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        project.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\
                 [dependencies]\ncargo-durable-macros = {{ path = '{}' }}\n[workspace]\n",
                here.display()
            ),
        );
        let lock = fs::read_to_string(here.join("../Cargo.lock")).expect("the workspace's lock file");
        project.write("Cargo.lock", &lock);
        project.write("src/lib.rs", source);
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Whether it went well, and what was said.
    fn cargo(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).env("CARGO_NET_OFFLINE", "true").current_dir(&self.folder);
        // Dependencies are built once for all.
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("builds"));
        command.env_remove("RUSTFLAGS").env("CARGO_TERM_COLOR", "never");
        let output = command.output().expect("cargo");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn passes(&self, arguments: &[&str]) -> String {
        let (passed, said) = self.cargo(arguments);
        assert!(passed, "cargo {arguments:?} failed:\n{said}");
        said
    }
}

/// The same source, each attribute blanked: whatever else there is stays on its line.
fn without_attributes(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source;
    while let Some(start) =
        ["#[durable(", "#[super::durable("].iter().filter_map(|text| rest.find(text)).min()
    {
        let end = start + rest[start..].find(")]").expect("an end") + 2;
        out += &rest[..start];
        out.extend(rest[start..end].chars().map(|c| if c == '\n' { c } else { ' ' }));
        rest = &rest[end..];
    }
    out + rest
}

#[test]
fn what_is_produced_is_the_same_without_the_attribute() {
    let source = include_str!("sources/every_item.rs");
    let bare = without_attributes(source);
    assert!(!bare.contains("durable("));
    let project = Project::new("2024", source);
    let produce = |name: &str| {
        let [assembly, ir] = ["s", "ll"].map(|ending| project.path(&format!("{name}.{ending}")));
        let emit = format!("--emit=asm={},llvm-ir={}", assembly.display(), ir.display());
        let quiet = ["-Ccodegen-units=1", "-Cdebuginfo=0"];
        project.passes(&["rustc", "--release", "--lib", "--", &emit, quiet[0], quiet[1]]);
        [assembly, ir].map(|path| fs::read_to_string(path).expect("what was produced"))
    };
    let without_policy = produce("without-policy");
    assert!(without_policy[0].contains("exported"), "{}", without_policy[0]);
    project.write("durable.toml", POLICY);
    project.write("src/lib.rs", source);
    let with_policy = produce("with-policy");
    project.write("src/lib.rs", &bare);
    let bare = produce("bare");
    // Without the whole text in the message: it is long.
    assert!(without_policy == bare, "the attribute changes what is produced");
    assert!(with_policy == bare, "the attribute beside a durable.toml changes what is produced");
    project.write("src/lib.rs", &source.replace("left + right", "left - right"));
    assert!(produce("other") != bare, "the comparison shows nothing");
}

#[test]
fn the_example_of_the_readme_compiles_as_printed() {
    let readme = include_str!("../../README.md");
    let blocks = readme.split("\n```rust\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    // The other one lets a finding through, and needs the crate that it is about.
    let tags: Vec<&str> = blocks.filter(|block| !block.contains("allow(")).collect();
    assert!(!tags.is_empty());
    for example in tags {
        let project = Project::new("2024", example);
        project.write("durable.toml", POLICY);
        project.passes(&["check"]);
        project.write("durable.toml", "[owners.other]\n");
        let (passed, said) = project.cargo(&["check"]);
        assert!(!passed && said.contains("unknown owner `platform`; one of other"), "{said}");
    }
}

#[test]
fn errors_point_where_they_do_without_the_attribute() {
    let source = include_str!("sources/broken.rs");
    let project = Project::new("2024", source);
    project.write("durable.toml", POLICY);
    let errors = || {
        let (passed, said) = project.cargo(&["check"]);
        assert!(!passed);
        // Where the first line of the file stands as context, it shows the import.
        let start = said.find("error").expect("an error");
        said[start..].to_owned()
    };
    let with = errors();
    // The import is used by nothing then.
    let bare = without_attributes(source).replace("use durable_macros::durable;", "");
    project.write("src/lib.rs", &bare);
    assert_eq!(with, errors());
    assert!(with.contains("src/lib.rs:5:5"), "{with}");
}

#[test]
fn a_change_of_the_policy_is_noticed_by_the_next_build() {
    for marked in [
        "#[durable_macros::durable(owner = \"identity\")] pub fn f() {}",
        "#[durable_macros::durable(owner = \"identity\")] pub struct S;",
        "pub struct S; impl S { #[durable_macros::durable(owner = \"identity\")] pub fn f(&self) {} }",
        "durable_macros::durable_file!(owner = \"identity\");",
    ] {
        let project = Project::new("2024", marked);
        project.write("durable.toml", "extends = [\"the \\\"org\\\".toml\"]\n");
        project.write("the \"org\".toml", POLICY);
        project.passes(&["build"]);
        project.write("README.md", "nothing of the package");
        let said = project.passes(&["build", "--verbose"]);
        assert!(said.contains("Fresh scratch"), "{marked}: {said}");

        project.write("the \"org\".toml", "[owners.identiti]\n");
        let (passed, said) = project.cargo(&["build"]);
        assert!(!passed, "{marked}: {said}");
        let expected = "error: unknown owner `identity`; did you mean `identiti`?\n";
        assert!(said.contains(expected), "{marked}: {said}");
        let place = marked.find("\"identity\"").expect("the owner") + 1;
        assert!(said.contains(&format!("src/lib.rs:1:{place}\n")), "{marked}: {said}");

        project.write("durable.toml", "[owners.identity]\n");
        project.passes(&["build"]);
        project.write("durable.toml", "owners = \"not understood\"\n");
        project.passes(&["build"]);
        project.write("durable.toml", "[owners.other]\n");
        assert!(!project.cargo(&["build"]).0, "{marked}");
    }
}

/// Strict packages of every edition, with and without the standard library.
const STRICT: &str = "\
//! Documented.
#![no_std]
#![deny(missing_docs, unused, warnings)]
#![forbid(unsafe_code)]

use durable_macros::durable;

/// Documented.
#[durable(owner = \"identity\")]
#[derive(Debug)]
pub struct S(pub u8);

/// Documented.
#[durable(owner = \"identity\")]
pub trait T {
    /// Documented.
    #[durable(owner = \"identity\")]
    fn name(&self) -> u8 {
        1
    }
}

#[durable(owner = \"identity\")]
impl S {
    /// Documented.
    #[must_use]
    #[durable(owner = \"identity\")]
    pub const fn id(&self) -> u8 {
        self.0
    }
}

/// Documented.
#[durable(owner = \"identity\")]
pub mod inner {
    durable_macros!();
}
";

#[test]
fn strict_packages_of_every_edition_build() {
    for edition in ["2015", "2018", "2021", "2024"] {
        let call = "::durable_macros::durable_file!(owner = \"identity\");";
        let source = STRICT.replace("durable_macros!();", call);
        let project = Project::new(
            edition,
            &match edition {
                "2015" => source.replace("use durable", "extern crate durable_macros;\nuse durable"),
                _ => source,
            },
        );
        project.write("durable.toml", POLICY);
        project.passes(&["check"]);
        if edition == "2024" {
            project.passes(&["clippy", "--", "-Dclippy::pedantic", "-Dclippy::nursery", "-Dwarnings"]);
        }
    }
}

#[test]
fn webassembly_builds() {
    let target = "wasm32-unknown-unknown";
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc").stdout;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot).trim());
    if !sysroot.join("lib/rustlib").join(target).exists() {
        eprintln!("not tested: `rustup target add {target}` brings what this needs");
        return;
    }
    let call = "durable_macros::durable_file!(owner = \"identity\");";
    let project = Project::new("2024", &STRICT.replace("durable_macros!();", call));
    project.write("durable.toml", POLICY);
    project.passes(&["build", "--target", target]);
}
