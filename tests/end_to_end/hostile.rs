//! A checkout that wants to run programs on the machine that checks it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::project::{PINNED, Project, exists};

/// Everything in a checkout that names a program, each one `MARK`.
const TRAPS: &str = "//- app/.cargo/config.toml
[build]
rustc = \"MARK\"
rustc-wrapper = \"MARK\"
[registry]
global-credential-providers = [\"MARK\"]
[net]
git-fetch-with-cli = true
[target.'cfg(all())']
runner = \"MARK\"
linker = \"MARK\"
//- app/rust-toolchain.toml
[toolchain]
path = \"toolchain\"
//- app/build.rs
fn main() { std::process::Command::new(\"MARK\").status().unwrap(); }
//- app/.gitattributes
* filter=trap diff=trap
";

#[test]
fn nothing_that_a_checkout_names_is_run() {
    let project = Project::new(PINNED);
    project.commit("app");
    let (trap, mark) = (project.path("trap"), project.path("ran"));
    project.put("trap", format!("#!/bin/sh\necho $0 $@ >> {}\nexit 1\n", mark.display()).as_bytes());
    let executable = |path: &std::path::Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    executable(&trap);
    project.write(&TRAPS.replace("MARK", trap.to_str().unwrap()));
    for name in ["app/toolchain/bin/cargo", "app/toolchain/bin/rustc"] {
        project.put(name, &fs::read(&trap).unwrap());
        executable(&project.path(name));
    }
    for hook in ["post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"] {
        let path = format!("app/.git/hooks/{hook}");
        project.put(&path, &fs::read(&trap).unwrap());
        executable(&project.path(&path));
    }
    let trap = trap.display();
    let config = project.read("app/.git/config");
    let traps = format!(
        "{config}[core]\n\tfsmonitor = {trap}\n\tpager = {trap}\n\tsshCommand = {trap}\n\teditor = {trap}\n\
         [credential]\n\thelper = {trap}\n[diff]\n\texternal = {trap}\n\
         [diff \"trap\"]\n\ttextconv = {trap}\n\tcommand = {trap}\n\
         [filter \"trap\"]\n\tclean = {trap}\n\tsmudge = {trap}\n\tprocess = {trap}\n"
    );
    project.put("app/.git/config", traps.as_bytes());

    project.check("app", "").expect(1, &["error[pinned_certificates]"]);
    project.check("app", "--against HEAD").expect(1, &["error[pinned_certificates]"]);
    project.durable("app", "fix --diff").expect(0, &[]);
    project.durable("app", "fix").without("applied");
    project.durable("app", "allow pinned_certificates --owner identity --reason moving").expect(0, &[]);
    project.durable("app", "baseline --again --owner identity --reason moving").expect(0, &[]);
    assert!(!exists(&mark), "{}", project.read("ran"));

    // The traps are live: git as it is steps into them.
    let status = std::process::Command::new("git").arg("status").current_dir(project.path("app")).output();
    assert!(status.is_ok() && exists(&mark));
}

/// A package that needs the graph, and the file that a program of the checkout would write.
fn with_trap() -> (Project, std::path::PathBuf, String) {
    let project = Project::new(
        "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"
//- app/Cargo.lock
version = 4
[[package]]
name = \"app\"
version = \"0.1.0\"
//- app/src/main.rs
fn main() {}
",
    );
    let mark = project.path("ran");
    let trap = format!("#!/bin/sh\necho $0 $@ >> {}\nexit 1\n", mark.display());
    (project, mark, trap)
}

fn put_program(project: &Project, path: &str, text: &str) {
    project.put(path, text.as_bytes());
    fs::set_permissions(project.path(path), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn programs_are_not_looked_for_in_the_checkout() {
    let (project, mark, trap) = with_trap();
    project.commit("app");
    fs::create_dir(project.path("app/member")).unwrap();
    for name in ["git", "cargo", "rustc"] {
        put_program(&project, &format!("app/{name}"), &trap);
        put_program(&project, &format!("app/bin/{name}"), &trap);
    }
    std::os::unix::fs::symlink(project.path("app/bin"), project.path("bin")).unwrap();
    project.put("app/member/Cargo.toml", b"[package]\nname = \"m\"\nversion = \"0.1.0\"\n[workspace]\n");
    project.put("app/member/src/lib.rs", b"");
    let path = std::env::var("PATH").unwrap();
    let inside = [".".to_owned(), "bin".to_owned(), project.path("app/bin").display().to_string()];
    let linked =
        [project.path("bin").display().to_string(), format!("{}/../bin", project.path("app/src").display())];
    for folder in inside.into_iter().chain(linked) {
        for from in ["app", "app/member"] {
            for arguments in ["check --no-cache", "check --no-cache --against HEAD", "fix --diff"] {
                let mut command = project.command(from, arguments);
                let run = command.env("PATH", format!("{folder}:{path}")).output().unwrap();
                assert!(run.status.code().is_some(), "{folder} {arguments}");
                assert!(!exists(&mark), "{folder} {from} {arguments}: {}", project.read("ran"));
            }
        }
    }
}

#[test]
fn no_home_in_the_checkout_is_cargos_or_rustups() {
    let (project, mark, trap) = with_trap();
    put_program(&project, "app/evil", &trap);
    put_program(&project, "app/rustup/toolchains/evil/bin/cargo", &trap);
    project.put(
        "app/rustup/settings.toml",
        b"default_toolchain = \"evil\"\nprofile = \"default\"\nversion = \"12\"\n[overrides]\n",
    );
    let config = format!("[build]\nrustc = \"{}\"\n", project.path("app/evil").display());
    project.put("app/home/config.toml", config.as_bytes());
    project.put("app/home/.cargo/config.toml", config.as_bytes());
    std::os::unix::fs::symlink(project.path("app"), project.path("link")).unwrap();
    let at = |path: &str| project.path(path).display().to_string();
    let homes = [
        ("CARGO_HOME", at("app/home")),
        ("CARGO_HOME", at("link/home")),
        ("CARGO_HOME", at("app/src/../home")),
        ("HOME", at("app/home")),
        ("HOME", at("link/home")),
        ("RUSTUP_HOME", at("app/rustup")),
        ("RUSTUP_HOME", at("link/rustup")),
    ];
    for (name, value) in homes {
        let mut command = project.command("app", "check --no-cache");
        if name == "HOME" {
            command.env_remove("CARGO_HOME").env_remove("RUSTUP_HOME");
        }
        let output = command.env(name, &value).output().unwrap();
        assert!(!exists(&mark), "{name}={value}: {}", project.read("ran"));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("lies in the checkout"), "{name}={value}: {said}");
    }
}

#[test]
fn nothing_is_written_through_links_of_the_checkout() {
    let (project, ..) = with_trap();
    project.put("victim", b"precious");
    fs::create_dir(project.path("app/target")).unwrap();
    for name in [".rustc_info.json", "CACHEDIR.TAG", "Cargo.lock"] {
        std::os::unix::fs::symlink(project.path("victim"), project.path("app/target").join(name)).unwrap();
    }
    let before = listing(&project.path("app"));
    for arguments in ["check --no-cache", "check", "fix --allow-no-vcs --unsafe-fixes"] {
        project.durable("app", arguments).expect(0, &[]);
        assert_eq!(project.read("victim"), "precious");
        assert_eq!(listing(&project.path("app")), before, "{arguments}");
    }
}

/// Every path below a folder, sorted.
fn listing(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .build()
        .map(|entry| entry.unwrap().into_path())
        .collect();
    paths.sort();
    paths
}

#[test]
fn nothing_outside_of_the_checkout_is_read() {
    let (project, ..) = with_trap();
    project.put("outside/ca.pem", crate::green::CERTIFICATE.as_bytes());
    project.put("outside/Cargo.toml", b"[workspace]\nmembers = [\"broken\"\n");
    project
        .put("outside/secret.rs", b"fn f() { let _ = std::process::Command::new(\"sh\"); unsafe { g() } }");
    std::os::unix::fs::symlink(project.path("outside"), project.path("app/link")).unwrap();
    project.put(
        "app/src/main.rs",
        b"#[path = \"../link/secret.rs\"]\nmod secret;\nfn main() { let _ = include_bytes!(\"../link/ca.pem\"); }\n",
    );
    let without = project.check("app", "--now 2036-11-19T00:00:00Z");
    without.without("durable.test").without("expires").without("SAFETY");
    // Whether something is there is not told either.
    fs::remove_file(project.path("outside/ca.pem")).unwrap();
    assert_eq!(project.check("app", "--now 2036-11-19T00:00:00Z").out, without.out);
}

#[test]
fn a_workspace_elsewhere_is_no_place_to_walk() {
    let (project, ..) = with_trap();
    project.put("Cargo.toml", b"[workspace]\nmembers = [\"other\"]\n");
    project.put("secret.rs", b"fn f() { unsafe { g() } }");
    let manifest = project.read("app/Cargo.toml");
    for workspace in ["..", "/"] {
        let manifest = manifest.replace("edition", &format!("workspace = \"{workspace}\"\nedition"));
        project.put("app/Cargo.toml", manifest.as_bytes());
        project.check("app", "--workspace").expect(0, &["3 files in 1 package"]).without("secret.rs");
    }
}

#[test]
fn only_regular_files_are_opened() {
    let zero = |path: &std::path::Path| std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    let pipe = |path: &std::path::Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    // Whether that leaves something unchecked.
    let places = [
        (".gitignore", 2),
        ("src/.gitignore", 2),
        ("durable.lock", 2),
        ("durable.toml", 2),
        ("src/CACHEDIR.TAG", 0),
        (".git/info/exclude", 0),
        ("target", 0),
        ("Cargo.lock", 2),
        (".cargo/config.toml", 2),
        ("src/lib.rs", 2),
        (".github/workflows/ci.yml", 2),
        ("deny.toml", 2),
        ("certs/ca.pem", 2),
    ];
    for (path, code) in places {
        for make in [&zero as &dyn Fn(&std::path::Path), &pipe] {
            let (project, ..) = with_trap();
            project.git("app", "init -q");
            let full = project.path("app").join(path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            let _ = fs::remove_file(&full);
            make(&full);
            let said = project.check("app", "");
            let is_told = ["not a regular file", "no file", "leads out of", "neither src/lib.rs"];
            let is_told = is_told.iter().any(|reason| format!("{}{}", said.out, said.err).contains(reason));
            assert_eq!((said.code, is_told), (code, code == 2), "{path}: {}{}", said.out, said.err);
        }
    }
}
