//! `new`: a project that builds, passes its tests and is green, or nothing at all.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::project::{Project, Ran};

const TEMPLATES: &[&str] = &["cli", "ffi", "library", "service", "workspace"];

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

/// Gives a project the lock file of its template. Ours names what most of them need, so that nothing has to be downloaded. That of
/// the service is made anew by `cargo generate-lockfile` in a project of that template, and copied to `service.lock`.
fn lock(folder: &Path, template: &str) {
    let lock = if template == "service" { "../tests/end_to_end/service.lock" } else { "../Cargo.lock" };
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(lock), folder.join("Cargo.lock")).unwrap();
    if template == "service" {
        cargo(folder, &["fetch"]);
    }
}

/// cargo in a generated project, offline but to fetch, into one target folder for all, and so one at a time: the attribute crates of
/// two projects have one file name there, and doctests look it up when cargo has let go of the folder.
fn cargo(folder: &Path, arguments: &[&str]) {
    static TARGET: Mutex<()> = Mutex::new(());
    let _held = TARGET.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new("cargo");
    let offline = (arguments != ["fetch"]).to_string();
    command.args(arguments).current_dir(folder).env("CARGO_NET_OFFLINE", offline);
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated"));
    command.env("RUSTDOCFLAGS", "-D warnings").env_remove("RUSTFLAGS");
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 0, "cargo {arguments:?}\n{}{}", ran.out, ran.err);
}

/// A tool that a project has a configuration for, and that not everybody has.
fn where_installed(tool: &str, folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(tool);
    match command.args(arguments).current_dir(folder).output() {
        Err(error) => eprintln!("{tool} was not run: {error}"),
        Ok(output) => {
            let ran = Ran::from(output);
            assert_eq!(ran.code, 0, "{tool} {arguments:?}\n{}{}", ran.out, ran.err);
        }
    }
}

fn made(project: &Project, words: &[&str]) -> Ran {
    let mut command = project.command("here", "new --vcs none");
    // Its arguments are names that may have spaces.
    command.args(words);
    Ran::from(command.output().unwrap())
}

fn nothing_is_called_after_the_template(folder: &Path) {
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            nothing_is_called_after_the_template(&path);
        } else {
            let text = fs::read_to_string(&path).unwrap().to_lowercase();
            assert!(!name.contains("acme") && !text.contains("acme"), "{path:?}\n{text}");
        }
    }
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
        nothing_is_called_after_the_template(&folder);
        // As its own CI would have it.
        lock(&folder, template);
        cargo(&folder, &["test", "--quiet"]);
        cargo(&folder, &["pkgid", "--quiet", &name]);
        cargo(&folder, &["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"]);
        cargo(&folder, &["fmt", "--check"]);
        cargo(&folder, &["doc", "--quiet", "--no-deps"]);
        where_installed("cargo-deny", &folder, &["--offline", "check", "bans", "licenses", "sources"]);
        where_installed("zizmor", &folder, &["--offline", "--pedantic", "."]);
        project
            .durable(&format!("here/{name}"), "check --profile strict")
            .expect(0, &["green: nothing found"]);
        project.durable(&format!("here/{name}"), "owners --codeowners --verify").expect(0, &[]);
        project.durable(&format!("here/{name}"), "owners").expect(0, &["platform-team"]).without("unknown");
    }
}

#[test]
fn the_lock_knows_where_every_file_is_from() {
    let project = empty();
    made(&project, &["tool", "--template", "cli"]).expect(0, &[]);
    let lock = project.read("here/tool/durable.lock");
    let made = "{ template = \"cli\", source = \"cli\", version = \"0.1.0\", macros = \"path\", values = { \
        name = \"tool\", organisation = \"maintainers\", owner = \"maintainers\" } }";
    assert!(lock.contains(made), "{lock}");
    let top = project.path("here/tool");
    let files = ignore::WalkBuilder::new(&top).hidden(false).build().map(Result::unwrap);
    let mut count = 0;
    for entry in files.filter(|entry| entry.path().is_file()) {
        let at = entry.path().strip_prefix(&top).unwrap().to_str().unwrap();
        let digest = blake3::hash(&fs::read(entry.path()).unwrap()).to_hex();
        let templates: Vec<&str> = lock
            .lines()
            .filter(|line| line.contains(&format!("{{ at = \"{at}\",")) && line.contains(digest.as_str()))
            .filter_map(|line| line.split('"').nth(3))
            .collect();
        let expected = match at {
            "durable.lock" => continue,
            _ if at.starts_with("vendor/") => "cargo-durable-macros",
            _ if Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/cli").join(at).exists() => "cli",
            _ => "common",
        };
        assert_eq!(templates, [expected], "{at}");
        count += 1;
    }
    assert_eq!(lock.matches("digest = ").count(), count);
    // An exemption beside them changes none of their lines.
    project.put("here/tool/.env", b"API_TOKEN=q7RvX2mKp9LdT4wZ0sHbN6yc\n");
    let policy = project.read("here/tool/durable.toml").replace("\"forbid\"", "\"deny\"");
    project.put("here/tool/durable.toml", policy.as_bytes());
    project.durable("here/tool", "baseline --owner maintainers --reason moving --for 30d").expect(0, &[]);
    let after = project.read("here/tool/durable.lock");
    assert!(after.contains("exemptions = ["), "{after}");
    let of_templates = |text: &str| text[text.find("made = [").unwrap()..].to_owned();
    assert_eq!(of_templates(&after), of_templates(&lock));
}

/// A patch stands for the registry, on which the attribute crate is not published.
#[test]
fn the_attribute_crate_comes_from_where_it_is_wanted() {
    let project = empty();
    for from in ["registry", "git"] {
        made(&project, &[from, "--macros", from]).expect(0, &[]);
        let lock = project.read(&format!("here/{from}/durable.lock"));
        assert!(lock.contains(&format!("macros = \"{from}\"")) && !lock.contains("vendor"), "{lock}");
        assert!(!project.path(&format!("here/{from}/vendor")).exists());
    }
    let crate_folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../durable-macros").canonicalize().unwrap();
    let patch = format!("[patch.crates-io]\ncargo-durable-macros = {{ path = {crate_folder:?} }}\n");
    project.put("here/registry/.cargo/config.toml", patch.as_bytes());
    cargo(&project.path("here/registry"), &["test", "--quiet"]);
    project.durable("here/registry", "check --profile strict").expect(0, &["green: nothing found"]);
    let manifest = project.read("here/git/Cargo.toml");
    let from_git = "cargo-durable-macros = { git = \"https://github.com/cargo-durable/cargo-durable\", tag = \"v0.1.0\" }";
    assert!(manifest.contains(from_git), "{manifest}");
    assert!(
        project
            .read("here/git/deny.toml")
            .contains("allow-git = [\"https://github.com/cargo-durable/cargo-durable\"]")
    );
}

#[test]
fn a_second_owner_is_declared_as_the_workspace_tells() {
    let project = empty();
    made(&project, &["tool", "--template", "workspace"]).expect(0, &[]);
    let readme = project.read("here/tool/README.md");
    let (_, told) = readme.split_once("```toml\n").unwrap();
    let (told, _) = told.split_once("```").unwrap();
    let policy = project.read("here/tool/durable.toml");
    fs::write(project.path("here/tool/durable.toml"), format!("{policy}\n{told}")).unwrap();
    let tool = |command| project.durable("here/tool", command);
    tool("owners --codeowners --verify").expect(1, &["CODEOWNERS"]);
    tool("owners --codeowners github").expect(0, &[]);
    tool("owners --codeowners --verify").expect(0, &[]);
    tool("owners --by file --of network").expect(0, &["crates/tool-core/src/lib.rs"]).without("crates/tool/");
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
    for template in TEMPLATES {
        let mut command = project.command("here", "new --name t");
        let place = format!("über uns/{template} da");
        command.args([&place, "--template", template, "--owner", "Zoë's Team & Co"]);
        let ran = Ran::from(command.output().unwrap());
        ran.expect(0, &[&format!("made {place}"), "`zo-s-team-co` answers for it"]);
        let folder = project.path(&format!("here/{place}"));
        // What is made inside a repository is part of that one.
        assert!(folder.join("durable.toml").exists() && !folder.join(".git").exists());
        lock(&folder, template);
        cargo(&folder, &["check", "--quiet", "--all-targets"]);
        cargo(&folder, &["fmt", "--check"]);
        project
            .durable(&format!("here/{place}"), "check --profile strict")
            .expect(0, &["green: nothing found"]);
    }
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
        (&["x", "--template", "../library"], "the template ../library: there is no folder ../library"),
        (&["fn"], "`fn` has a meaning of its own and names no package"),
        (&["1st"], "does not begin with a letter"),
        (&["x", "--owner", "…"], "has no letter or digit"),
        (&[], "say where: `cargo durable new PATH`"),
    ] {
        made(&project, words).expect(2, &[said]);
        assert_eq!(names(&project.path("here")), before, "{words:?}");
    }
    assert_eq!(project.read("here/full/file"), "mine\n");
    made(&project, &["empty"]).expect(0, &[]);
    assert!(project.path("here/empty/Cargo.toml").exists());
    assert_eq!(names(&project.path("here")), before);
}
