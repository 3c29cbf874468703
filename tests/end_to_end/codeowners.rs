//! The owners of the policy in CODEOWNERS: what people wrote there stays byte for byte.

use crate::project::Project;

const POLICY: &str = "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"
//- app/src/lib.rs
//! Nothing.
//- app/durable.toml
[owners.platform]
contact = \"platform@example.com\"
paths = [\"/src/\", \"*.toml\"]

[owners.identity]
github = [\"@acme/identity\", \"@amy\"]
gitlab = \"@acme/platform/identity\"
paths = [\"src/auth/**\", \"my keys/\"]
";

const BLOCK: &str =
    "# durable: owners begin: `cargo durable owners --codeowners github` writes what is between these lines
/src/ platform@example.com
*.toml platform@example.com
src/auth/** @acme/identity @amy
my\\ keys/ @acme/identity @amy
# durable: owners end";

const WRITE: &str = "owners --codeowners";
const VERIFY: &str = "owners --codeowners github --verify";

/// Real files: of vaultwarden and of nextest, and one as editors on Windows leave them.
const THEIRS: [&str; 5] = [
    "/.github @dani-garcia @BlackDex\n/.github/** @dani-garcia @BlackDex\n/.github/CODEOWNERS @dani-garcia @BlackDex\n",
    "/.github/workflows/ @sunshowers\n",
    "\u{feff}# Wer prüft was\r\n\r\n*    @acme/all\t# all\r\n/docs/  @writers   \r\n",
    "* @acme/all",
    "\u{feff}* @acme/all\r\n/docs/ @writers",
];

#[test]
fn what_people_wrote_stays_byte_for_byte() {
    for theirs in THEIRS {
        let project = Project::new(POLICY);
        project.put("app/.github/CODEOWNERS", theirs.as_bytes());
        project
            .durable("app", VERIFY)
            .expect(1, &["+# durable: owners begin", "does not say what durable.toml says"]);
        assert_eq!(project.read("app/.github/CODEOWNERS"), theirs);
        project.durable("app", WRITE).expect(0, &[".github/CODEOWNERS: wrote 4 rules"]);
        let written = project.read("app/.github/CODEOWNERS");
        let line_break = if theirs.contains("\r\n") { "\r\n" } else { "\n" };
        let block = BLOCK.replace('\n', line_break);
        let expected = match theirs.ends_with('\n') {
            true => format!("{theirs}{block}{line_break}"),
            false => format!("{theirs}{line_break}{block}"),
        };
        assert_eq!(written, expected);
        project.durable("app", VERIFY).expect(0, &["CODEOWNERS: 4 rules, as in durable.toml"]);
        project.durable("app", WRITE).expect(0, &["as in durable.toml"]);
        assert_eq!(project.read("app/.github/CODEOWNERS"), written);
    }
}

#[test]
fn the_file_is_the_one_that_the_host_reads() {
    let project = Project::new(POLICY);
    project.durable("app", VERIFY).expect(1, &["+/src/ platform@example.com"]);
    project.durable("app", WRITE).expect(0, &[".github/CODEOWNERS: wrote"]);
    assert_eq!(project.read("app/.github/CODEOWNERS"), format!("{BLOCK}\n"));
    project.durable("app", "owners --codeowners gitlab").expect(0, &[".gitlab/CODEOWNERS: wrote"]);
    let gitlab = project.read("app/.gitlab/CODEOWNERS");
    assert!(gitlab.contains("\n/src/auth/ @acme/platform/identity\nmy\\ keys/ @acme"), "{gitlab}");
    // At the root both would read it, and GitLab reads that first.
    project.put("app/CODEOWNERS", b"* @all\n[Docs] @docs\n*.md\n");
    project.durable("app", VERIFY).expect(0, &[".github/CODEOWNERS: 4 rules"]);
    project.durable("app", "owners --codeowners gitlab").expect(0, &["CODEOWNERS: wrote"]);
    assert!(project.read("app/CODEOWNERS").ends_with("# durable: owners end\n[Docs] @docs\n*.md\n"));
}

#[test]
fn what_is_not_true_is_told() {
    let project = Project::new(POLICY);
    project.durable("app", WRITE).expect(0, &[]);
    let theirs = format!("{BLOCK}\n/src/lib.rs @somebody\n");
    project.put("app/.github/CODEOWNERS", theirs.as_bytes());
    let said = ".github/CODEOWNERS:7: gives src/lib.rs to others than durable.toml, which names `platform`";
    project.durable("app", VERIFY).expect(1, &[said]);
    project.put("app/.github/CODEOWNERS", theirs.replace("@amy", "@eve").as_bytes());
    project
        .durable("app", VERIFY)
        .expect(1, &["-src/auth/** @acme/identity @eve", "+src/auth/** @acme/identity @amy"]);
}

#[test]
fn nothing_is_written_where_something_is_wrong() {
    let project = Project::new(POLICY);
    let damaged = "* @a\n# durable: owners begin\n/x @x\n";
    project.put("app/.github/CODEOWNERS", damaged.as_bytes());
    for command in [WRITE, VERIFY] {
        project.durable("app", command).expect(2, &[".github/CODEOWNERS is left alone: line 2: "]);
    }
    assert_eq!(project.read("app/.github/CODEOWNERS"), damaged);
    let policy = project.read("app/durable.toml");
    for (from, to, said) in [
        (
            "contact = \"platform@example.com\"",
            "",
            "durable.toml:1:9: owner `platform` has no handle on GitHub; add `github = ",
        ),
        ("my keys/", "[ab].rs", "durable.toml:8:25: `[ab].rs` has `[`, and GitHub knows no ranges"),
        ("\"@amy\"", "\"amy\"", "durable.toml:6:10: `amy` is no owner that GitHub accepts"),
        ("paths", "#paths", "so there is nothing to write"),
    ] {
        project.put("app/durable.toml", policy.replace(from, to).as_bytes());
        project.durable("app", WRITE).expect(2, &[said]);
    }
    project.put("app/durable.toml", policy.as_bytes());
    project.put("app/.github/CODEOWNERS", b"# \xff\n");
    project.durable("app", WRITE).expect(2, &["is not UTF-8"]);
    project.git(".", "init -q");
    project.durable("app", WRITE).expect(2, &["at the top of the repository"]);
}

#[cfg(unix)]
#[test]
fn what_lies_outside_is_neither_shown_nor_written() {
    let project = Project::new(POLICY);
    project.put("secret", b"s3cret\n");
    std::fs::create_dir(project.path("app/.github")).unwrap();
    let file = project.path("app/.github/CODEOWNERS");
    std::os::unix::fs::symlink(project.path("secret"), &file).unwrap();
    for command in [WRITE, VERIFY] {
        project.durable("app", command).expect(2, &["which is outside"]).without("s3cret");
    }
    assert_eq!(project.read("secret"), "s3cret\n");
    std::fs::remove_file(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    project.durable("app", WRITE).expect(2, &["no regular file"]);
}
