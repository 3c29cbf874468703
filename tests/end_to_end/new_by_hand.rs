//! `new` as a person meets it: questions on a terminal, Ctrl-C, the hook, the first pull request.

#![cfg(unix)]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::project::{Project, Ran, exists};

fn empty() -> Project {
    Project::new("//- here/keep\n")
}

/// Runs `new` on a terminal and answers what it asks.
fn on_a_terminal(project: &Project, arguments: &str, typed: &str) -> (i32, String) {
    let terminal = nix::pty::openpty(None, None).unwrap();
    let side = || Stdio::from(terminal.slave.try_clone().unwrap());
    let mut command = project.command("here", &format!("new {arguments}"));
    let mut child = command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
    drop(command);
    drop(terminal.slave);
    let mut screen = File::from(terminal.master);
    screen.write_all(typed.as_bytes()).unwrap();
    let mut shown = Vec::new();
    // Linux says with an error that nobody is on the other side any more.
    let _ = screen.read_to_end(&mut shown);
    (child.wait().unwrap().code().unwrap_or(-1), String::from_utf8_lossy(&shown).replace("\r\n", "\n"))
}

#[test]
fn a_terminal_is_asked_what_was_not_given() {
    let project = empty();
    let (code, shown) = on_a_terminal(&project, "", "my tool\ncly\ncli\nfn\ntool\nPlatform Team\n\n");
    assert_eq!(code, 0, "{shown}");
    for said in [
        "Folder to make: ",
        "Template, one of cli, ",
        "there is no template `cly`; did you mean `cli`?",
        "Name of the package: ",
        "`fn` has a meaning of its own",
        "Team that answers for it [maintainers]: ",
        "Its organisation or user on the code host [platform-team]: ",
        "made my tool from the template `cli`; `platform-team` answers for it",
    ] {
        assert!(shown.contains(said), "no `{said}` in\n{shown}");
    }
    assert!(project.read("here/my tool/Cargo.toml").contains("name = \"tool\""));
    // What is given is not asked, and nothing is with `--yes`.
    let (code, shown) = on_a_terminal(&project, "b --template library --owner a --organisation b", "");
    assert!(code == 0 && !shown.contains("]: "), "{shown}");
    let (code, shown) = on_a_terminal(&project, "c --yes", "");
    assert!(code == 0 && !shown.contains("]: "), "{shown}");
    // Nobody answers: Ctrl-D.
    let (code, shown) = on_a_terminal(&project, "d", "\u{4}");
    assert!(code == 2 && shown.contains("the question was not answered; nothing was made"), "{shown}");
    assert!(!exists(project.path("here/d")));
}

fn left(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "keep").collect()
}

/// What Ctrl-C in a terminal does: every process of the group is told.
fn interrupt(child: &Child) {
    let group = nix::unistd::Pid::from_raw(-i32::try_from(child.id()).unwrap());
    // It may have ended by itself.
    let _ = nix::sys::signal::kill(group, nix::sys::signal::Signal::SIGINT);
}

#[test]
fn an_interrupt_leaves_a_project_or_nothing() {
    let project = empty();
    let (mut whole, mut nothing) = (0, 0);
    // Until both were seen, at ever later moments.
    for step in 0..400 {
        let mut command = project.command("here", "new a --template cli");
        let mut child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(step * 250));
        interrupt(&child);
        let status = child.wait().unwrap();
        match &left(&project.path("here"))[..] {
            [] => nothing += 1,
            [name] if name == "a" => {
                assert!(
                    exists(project.path("here/a/durable.lock")) && exists(project.path("here/a/.git/HEAD"))
                );
                fs::remove_dir_all(project.path("here/a")).unwrap();
                whole += 1;
            }
            other => panic!("{other:?} after {step} steps; {status}"),
        }
        // Before the handler is there, the signal ends it as it ends everything.
        assert!(matches!(status.code(), Some(0 | 2 | 130)) || status.signal() == Some(2), "{status}");
        if whole > 5 && nothing > 5 {
            break;
        }
    }
    assert!(whole > 0 && nothing > 0, "{whole} and {nothing}");
}

#[test]
fn an_interrupt_while_a_repository_is_fetched_leaves_nothing() {
    let project = empty();
    // It takes the connection and says nothing.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("new a --template https://{}/x", server.local_addr().unwrap());
    let mut command = project.command("here", &url);
    command.env("TMPDIR", project.path("here")).process_group(0);
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    drop(server.accept().map(|(stream, _)| {
        assert_eq!(left(&project.path("here")).len(), 1);
        interrupt(&child);
        let status = child.wait().unwrap();
        assert!(matches!(status.code(), Some(2 | 130)), "{status}");
        drop(stream);
    }));
    assert_eq!(left(&project.path("here")), [""; 0]);
}

#[test]
fn a_folder_that_nobody_may_write_in_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = empty();
    fs::set_permissions(project.path("here"), fs::Permissions::from_mode(0o555)).unwrap();
    let made = project.durable("here", "new a --vcs none");
    fs::set_permissions(project.path("here"), fs::Permissions::from_mode(0o755)).unwrap();
    // Root may write everywhere.
    if !nix::unistd::geteuid().is_root() {
        made.expect(2, &["nothing can be written in"]);
        assert_eq!(left(&project.path("here")), [""; 0]);
    }
}

#[test]
fn the_hook_refuses_what_ci_would_refuse() {
    let project = empty();
    project.durable("here", "new a --hook --template library").expect(0, &["made a"]);
    project.durable("here", "new a/b --hook").expect(2, &["here it begins none; leave `--hook` out"]);
    project.durable("here", "new b --hook --vcs none").expect(2, &["leave `--hook` out"]);
    let bin = Path::new(env!("CARGO_BIN_EXE_cargo-durable")).parent().unwrap();
    let path = std::env::join_paths(
        [bin.to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let commit = || {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "change"]);
        command.current_dir(project.path("here/a")).env("PATH", path.as_ref().unwrap());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("CARGO_DURABLE_CACHE", project.path("cache"));
        Ran::from(command.output().unwrap())
    };
    project.git("here/a", "add -A");
    commit().expect(0, &[]);
    let good = project.read("here/a/src/lib.rs");
    project.put("here/a/src/lib.rs", format!("{good}fn  x() {{}}\n").as_bytes());
    project.git("here/a", "add -A");
    commit().expect(1, &["Diff in"]);
    project.put("here/a/src/lib.rs", good.as_bytes());
    project.put("here/a/.env", b"API_TOKEN=q7RvX2mKp9LdT4wZ0sHbN6yc\n");
    project.git("here/a", "add -A");
    commit().expect(1, &["committed_secret_files"]);
}

/// What GitHub checks out for a pull request: the merge, and with `fetch-depth: 2` its parents.
#[test]
fn the_gate_works_on_a_shallow_checkout() {
    let project = empty();
    project.durable("here", "new a --vcs none").expect(0, &[]);
    let workflow = project.read("here/a/.github/workflows/ci.yml");
    assert!(workflow.contains("fetch-depth: 2") && workflow.contains("--against HEAD^1"), "{workflow}");
    for _ in 0..3 {
        project.commit("here/a");
    }
    let policy = project.read("here/a/durable.toml");
    for (branch, policy, code, said) in [
        ("good", format!("{policy}# Nothing else.\n"), 0, "green"),
        ("bad", policy.replace("injection = \"deny\"", "injection = \"warn\""), 1, "weakened_policy"),
    ] {
        project.git("here/a", &format!("checkout -q -b {branch} main"));
        project.put("here/a/durable.toml", policy.as_bytes());
        project.commit("here/a");
        // The target branch went on meanwhile.
        project.git("here/a", &format!("checkout -q -b into-{branch} main"));
        project.put("here/a/notes.md", b"notes");
        project.commit("here/a");
        project.git("here/a", &format!("merge -q --no-ff -m merge {branch}"));
        let url = format!("file://{}", project.path("here/a").display());
        project.git("here", &format!("clone -q --depth 2 --branch into-{branch} {url} {branch}"));
        project
            .durable(&format!("here/{branch}"), "check --workspace --against HEAD^1")
            .expect(code, &[said]);
    }
}
