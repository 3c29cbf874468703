//! A checkout that wants to write, run or say what it must not, and many commands at once.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Child, Command, Stdio};

use crate::project::{PINNED, Project, Ran, exists};

/// A client that trusts everybody, which a fix mends.
const TRUSTING: &str = "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"
[dependencies]
reqwest = \"0.12\"
//- app/src/main.rs
fn main() {
    reqwest::Client::builder().danger_accept_invalid_certs(true).build();
}
";

const ALLOW: &str = "allow pinned_certificates --owner identity --reason moving";

/// Runs commands side by side.
fn at_once(commands: impl Iterator<Item = Command>) -> Vec<Ran> {
    let start = |mut command: Command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<Child> = commands.map(start).collect();
    children.into_iter().map(|child| Ran::from(child.wait_with_output().unwrap())).collect()
}

/// The files of a folder that a run left.
fn left(project: &Project, folder: &str) -> Vec<String> {
    let names = fs::read_dir(project.path(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter_map(|name| name.into_string().ok()).filter(|name| name.contains("durable-")).collect()
}

#[test]
fn fix_runs_no_filter_whatever_its_name() {
    let project = Project::new(TRUSTING);
    project.commit("app");
    let (trap, mark) = (project.path("trap"), project.path("ran"));
    project.put("trap", format!("#!/bin/sh\ntouch {}\ncat\n", mark.display()).as_bytes());
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
    project.put("app/.git/info/attributes", b"src/main.rs filter=a=b diff=a=b\nCargo.toml filter=\xff\n");
    let trap = trap.as_os_str().as_bytes();
    let mut config = project.read("app/.git/config").into_bytes();
    for name in [&b"a=b"[..], b"\xff"] {
        config
            .extend([b"[filter \"", name, b"\"]\n\tclean = ", trap, b"\n\tprocess = ", trap, b"\n"].concat());
        config.extend(
            [b"[diff \"", name, b"\"]\n\ttextconv = ", trap, b"\n\tcommand = ", trap, b"\n"].concat(),
        );
    }
    project.put("app/.git/config", &config);
    // Touched, so that their content has to be compared.
    for file in ["app/src/main.rs", "app/Cargo.toml"] {
        let file = fs::File::options().append(true).open(project.path(file)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    project.durable("app", "fix --unsafe-fixes").expect(0, &["applied 1 fix in src/main.rs"]);
    project.durable("app", "fix --unsafe-fixes").expect(2, &["\n  * src/main.rs (dirty)"]);
    assert!(!exists(&mark));

    // The trap is live: git as it is steps into it.
    let status = Command::new("git").arg("status").current_dir(project.path("app")).output();
    assert!(status.is_ok() && exists(&mark));
}

#[test]
fn no_text_of_others_steers_a_terminal_or_begins_a_line() {
    let project = Project::new(TRUSTING);
    let name = "app/src/a\n::set-output name=x::y\u{202e}\n.rs";
    project.put(name, project.read("app/src/main.rs").as_bytes());
    let hostile = "fn main() { /* \x1b]0;title\x07\x1b[2J\r::add-mask::x\u{202e} */\n    reqwest::Client::builder().danger_accept_invalid_certs(true).build();\n}\n";
    project.put("app/src/main.rs", hostile.as_bytes());
    let harmless = |ran: &Ran| {
        for text in [&ran.out, &ran.err] {
            assert!(!text.contains(['\x1b', '\x07', '\r', '\u{202e}']), "{text:?}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text:?}");
        }
    };
    let diff = project.durable("app", "fix --diff --unsafe-fixes");
    harmless(diff.expect(0, &["+    reqwest", "␛]0;title␇", "`patch` may refuse this diff"]));
    harmless(project.durable("app", "fix --unsafe-fixes").expect(2, &["--allow-no-vcs"]));
    project.git("app", "init -q");
    harmless(project.durable("app", "fix --unsafe-fixes").expect(2, &["\n  * src/a␊::set-output"]));
    let fixed = project.durable("app", "fix --unsafe-fixes --allow-dirty");
    harmless(fixed.expect(0, &["applied 1 fix in src/a␊::set-output"]));
    project.put("app/durable.toml", b"[lints]\n\"x\\u001b]0;title\\u0007\\n::y\" = \"deny\"\n");
    harmless(project.check("app", "").expect(2, &["x␛]0;title␇␊::y"]));
    harmless(&project.durable("app", "check --show-policy src"));
}

#[test]
fn a_plain_diff_is_one_that_can_be_applied() {
    let project = Project::new(TRUSTING);
    let windows = project.read("app/src/main.rs").replace('\n', "\r\n");
    project.put("app/src/main.rs", windows.as_bytes());
    let diff = project.durable("app", "fix --diff --unsafe-fixes");
    diff.expect(0, &["\r\n"]).without("`patch`");
    let patch = diffy::Patch::from_str(&diff.out).unwrap();
    let expected = windows.replace("certs(true)", "certs(false)");
    assert_eq!(diffy::apply(&windows, &patch).unwrap(), expected);
}

#[test]
fn fixes_at_once_leave_one_whole_file() {
    let project = Project::new(TRUSTING);
    let call = "let _c = reqwest::Client::builder().danger_accept_invalid_certs(true).build();";
    let text: String = (0..300).map(|number| format!("fn f{number}() {{ {call} }}\n")).collect();
    let fixed = text.replace("certs(true)", "certs(false)");
    for _ in 0..2 {
        project.put("app/src/main.rs", text.as_bytes());
        let fix = |_| project.command("app", "fix --unsafe-fixes --allow-no-vcs");
        let ran = at_once((0..8).map(fix));
        let written = project.read("app/src/main.rs");
        assert!(
            written == fixed,
            "{:?}",
            written.lines().find(|line| !line.ends_with("certs(false).build(); }"))
        );
        // One that found it fixed has nothing to do; one that was overtaken says so.
        for ran in &ran {
            let said = if ran.code == 0 { "" } else { "it changed while it was checked; run again" };
            ran.expect(if ran.code == 0 { 0 } else { 2 }, &[said]);
        }
        assert!(ran.iter().any(|ran| ran.out.contains("applied 300 fixes")));
        assert_eq!(left(&project, "app/src"), [""; 0]);
    }
}

#[test]
fn all_that_is_let_through_at_once_stays() {
    let project = Project::new(PINNED);
    for number in 0..8 {
        project.put(&format!("app/src/f{number}.rs"), project.read("app/src/lib.rs").as_bytes());
    }
    let allow = |number| project.command("app", &format!("{ALLOW} --in src/f{number}.rs"));
    for ran in at_once((0..8).map(allow)) {
        ran.expect(0, &["1 added"]);
    }
    let lock = project.read("app/durable.lock");
    assert_eq!((0..8).filter(|number| lock.contains(&format!("src/f{number}.rs"))).count(), 8, "{lock}");

    let withdraw = |number| project.command("app", &format!("exemptions withdraw --in src/f{number}.rs"));
    for ran in at_once((0..8).map(withdraw)) {
        ran.expect(0, &["1 withdrawn"]);
    }
    assert!(!project.read("app/durable.lock").contains("src/f"));
}

#[test]
fn who_waits_for_too_long_is_told() {
    let project = Project::new(PINNED);
    let held = fs::File::open(project.path("app")).unwrap();
    held.lock().unwrap();
    project.durable("app", ALLOW).expect(2, &["another `cargo durable` has been changing files below"]);
    assert!(!exists(project.path("app/durable.lock")));
    drop(held);
    project.durable("app", ALLOW).expect(0, &["1 added"]);
}

#[test]
fn what_a_killed_run_left_is_no_change_and_goes() {
    let project = Project::new(TRUSTING);
    project.commit("app");
    let name = ".cargo-durable-0123456789abcdef.tmp";
    project.put(&format!("app/src/{name}"), b"fn main() {}\n");
    fs::create_dir(project.path("app/src/.cargo-durable-0123456789abcdeF.tmp")).unwrap();
    project.put("app/src/.cargo-durable-notes.tmp", b"not ours");
    project.git("app", "add .");
    project.git("app", "reset -q -- src/.cargo-durable-0123456789abcdef.tmp");
    project.git("app", "commit -q -m notes");
    project.durable("app", "fix --unsafe-fixes").expect(0, &["applied 1 fix"]);
    let mut left = left(&project, "app/src");
    left.sort();
    assert_eq!(left, [".cargo-durable-0123456789abcdeF.tmp", ".cargo-durable-notes.tmp"]);
}

#[test]
fn nothing_is_written_through_a_link_out_of_the_project() {
    let project = Project::new(PINNED);
    let empty = "version = 1\n";
    project.put("outside.lock", empty.as_bytes());
    symlink(project.path("outside.lock"), project.path("app/durable.lock")).unwrap();
    let said = ["durable.lock: cannot be read: the path leads out", "replace it with a file"];
    project.durable("app", ALLOW).expect(2, &said);
    project.durable("app", "baseline --owner identity --reason moving").expect(2, &said);
    assert_eq!(project.read("outside.lock"), empty);

    // Inside, a link is a way to write a name.
    fs::remove_file(project.path("app/durable.lock")).unwrap();
    project.put("app/policy/durable.lock", empty.as_bytes());
    symlink("policy/durable.lock", project.path("app/durable.lock")).unwrap();
    project.durable("app", ALLOW).expect(0, &["1 added"]);
    assert!(project.read("app/policy/durable.lock").contains("pinned_certificates"));
}

#[test]
fn a_file_outside_that_is_no_policy_is_not_repeated() {
    let project = Project::new(PINNED);
    project.put("notes", b"password = \"hunter2\"\n");
    symlink(project.path("notes"), project.path("app/notes.toml")).unwrap();
    for extended in ["../notes", "notes.toml", project.path("notes").to_str().unwrap()] {
        project.put("app/durable.toml", format!("extends = [\"{extended}\"]\n").as_bytes());
        let ran = project.check("app", "");
        ran.expect(2, &["notes", ":1:1: no policy can be read from here on; it lies outside the project"]);
        assert!(!ran.err.contains("password") && !ran.err.contains("hunter2"), "{}", ran.err);
    }
}

#[test]
fn a_long_chain_of_policies_is_refused() {
    let project = Project::new(PINNED);
    for number in 0..10_000 {
        let next = format!("extends = [\"d{}.toml\"]\n", number + 1);
        project.put(&format!("app/p/d{number}.toml"), next.as_bytes());
    }
    project.put("app/durable.toml", b"extends = [\"p/d0.toml\"]\n");
    project.check("app", "").expect(2, &["p/d98.toml:1:12: p/d99.toml would be one more file than the 100"]);
}
