//! `new`: a project that builds, passes its tests and is green, or nothing at all.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, Ran};

const TEMPLATES: &[&str] = &["cli", "library", "service"];

fn empty() -> Project {
    Project::new("//- here/keep\n")
}

/// What is in a folder, hidden files too.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The lock file of a template's project. Ours names what most of them need, so that nothing has to be downloaded. That of
/// the service is made anew by `cargo generate-lockfile` in a project of that template, and copied to `service.lock`.
fn lock(template: &str) -> &'static str {
    match template {
        "service" => "../tests/end_to_end/service.lock",
        _ => "../Cargo.lock",
    }
}

/// cargo in a generated project, offline but to fetch, into one target folder for all.
fn cargo(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("cargo");
    let offline = (arguments != ["fetch"]).to_string();
    command.args(arguments).current_dir(folder).env("CARGO_NET_OFFLINE", offline);
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated"));
    command.env("RUSTDOCFLAGS", "-D warnings").env_remove("RUSTFLAGS");
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 0, "cargo {arguments:?}\n{}{}", ran.out, ran.err);
}

fn made(project: &Project, words: &[&str]) -> Ran {
    let mut command = project.command("here", "new --vcs none");
    // Its arguments are names that may have spaces.
    command.args(words);
    Ran::from(command.output().unwrap())
}

#[test]
fn each_template_is_listed_and_is_a_project_that_keeps_what_it_promises() {
    let project = empty();
    let listed = project.durable("here", "new --list");
    let listed: Vec<&str> = listed.out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(listed, TEMPLATES);
    for template in TEMPLATES {
        let name = format!("my-{template}");
        made(&project, &[&name, "--template", template, "--owner", "Platform Team"])
            .expect(0, &["`platform-team` answers for it", &format!("cd {name}")]);
        let folder = project.path(&format!("here/{name}"));
        let all = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        assert!(!all.contains("acme") && all.contains(&format!("name = \"{name}\"")), "{all}");
        // As its own CI would have it.
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join(lock(template));
        fs::copy(lock, folder.join("Cargo.lock")).unwrap();
        if *template == "service" {
            cargo(&folder, &["fetch"]);
        }
        cargo(&folder, &["test", "--quiet"]);
        cargo(&folder, &["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"]);
        cargo(&folder, &["fmt", "--check"]);
        cargo(&folder, &["doc", "--quiet", "--no-deps"]);
        project
            .durable(&format!("here/{name}"), "check --profile strict")
            .expect(0, &["green: nothing found"]);
        project.durable(&format!("here/{name}"), "owners --codeowners --verify").expect(0, &[]);
        project.durable(&format!("here/{name}"), "owners").expect(0, &["platform-team"]).without("unknown");
    }
}

#[test]
fn odd_places_and_names_are_places_and_names() {
    let project = empty();
    project.git("here", "init -q");
    project.write("//- here/Cargo.toml\n[workspace]\nmembers = []\n");
    made(&project, &["über uns/das da", "--name", "tool"]).expect(2, &["there is no folder über uns"]);
    fs::create_dir(project.path("here/über uns")).unwrap();
    made(&project, &["über uns/das da"]).expect(2, &["is no name for a package: it has ' '", "`--name`"]);
    made(&project, &["über uns/das da", "--name", "tool", "--vcs", "git"]).expect(2, &["cannot be used"]);
    let mut command = project.command("here", "new --name tool");
    let ran = Ran::from(command.arg("über uns/das da").output().unwrap());
    ran.expect(0, &["made über uns/das da"]);
    let folder = project.path("here/über uns/das da");
    // What is made inside a repository is part of that one.
    assert!(folder.join("src/lib.rs").exists() && !folder.join(".git").exists());
    cargo(&folder, &["check", "--quiet"]);
    // Elsewhere it begins one.
    let alone = empty();
    alone.durable("here", "new tool").expect(0, &[]);
    assert!(alone.path("here/tool/.git").is_dir());
}

#[test]
fn what_is_there_stays_and_what_fails_leaves_nothing() {
    let project = Project::new("//- here/full/file\nmine\n//- here/file\nmine\n");
    fs::create_dir(project.path("here/empty")).unwrap();
    let before = names(&project.path("here"));
    for (words, said) in [
        (&["full"][..], "full is there and not empty; name a folder that is not there yet"),
        (&["file"], "file is there already"),
        (&["a/b"], "there is no folder a"),
        (&["x", "--template", "libary"], "there is no template `libary`; did you mean `library`?"),
        (&["x", "--template", "../library"], "there is no template `../library`"),
        (&["fn"], "`fn` has a meaning of its own and names no package"),
        (&["1st"], "does not begin with a letter"),
        (&["x", "--owner", "…"], "has no letter or digit"),
        (&[], "required"),
    ] {
        made(&project, words).expect(2, &[said]);
        assert_eq!(names(&project.path("here")), before, "{words:?}");
    }
    assert_eq!(project.read("here/full/file"), "mine\n");
    made(&project, &["empty"]).expect(0, &[]);
    assert!(project.path("here/empty/Cargo.toml").exists());
    assert_eq!(names(&project.path("here")), before);
}
