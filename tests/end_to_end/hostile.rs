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
