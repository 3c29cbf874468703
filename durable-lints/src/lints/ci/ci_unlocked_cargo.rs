use crate::prelude::*;

declare_lint! {
    /// CI resolves dependency versions anew, so a release published a minute ago runs with its rights.
    ///
    /// `cargo install` ignores the lock file that the tool was tested with unless it is told not to,
    /// and a release build without `--locked` takes whatever fits the manifest that day.
    ///
    /// ```yaml,bad
    /// on: push
    /// permissions:
    ///   contents: read
    /// jobs:
    ///   audit:
    ///     runs-on: ubuntu-latest
    ///     steps:
    ///       - run: cargo install cargo-deny
    /// ```
    ///
    /// ```yaml,good
    /// on: push
    /// permissions:
    ///   contents: read
    /// jobs:
    ///   audit:
    ///     runs-on: ubuntu-latest
    ///     steps:
    ///       - run: cargo install --locked cargo-deny@0.20.2
    /// ```
    ///
    /// ## What to do
    /// Write `cargo install --locked NAME@VERSION`, give `--git` a `--rev`, and build releases with
    /// `--locked`.
    ///
    /// ## Known limits
    /// Only workflows are looked at, not the scripts that they call. Release builds are known by the
    /// name of the workflow or its trigger. A command is one place: what is installed from a branch is not
    /// told to be unlocked as well.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        cwe: &[494, 829, 1357],
        check: Check::Workflow(check),
    }
}

fn check(workflow: &Workflow, findings: &mut Findings) {
    let releases = is_release(workflow);
    for job in workflow.jobs() {
        if resolves_on_purpose(job.name)
            || job.node.get("name").and_then(Node::as_str).is_some_and(resolves_on_purpose)
        {
            continue;
        }
        for step in job.steps() {
            for command in workflow.commands(step) {
                if let Some((message, help)) = problem(&command, releases) {
                    let draft =
                        findings.at(command.span, message).item(format!("jobs.{}", job.name)).help(help);
                    if let Some(at) = after_subcommand(workflow, &command) {
                        draft.fix(Fix::needs_review("use the lock file").insert(at, " --locked"));
                    }
                }
            }
        }
    }
}

/// Jobs whose purpose is to try what is new.
fn resolves_on_purpose(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["update", "minimal", "latest", "outdated", "direct-min", "semver"].iter().any(|mark| name.contains(mark))
}

/// Whether what is built here is handed to users: by the file's name, or by what starts it.
fn is_release(workflow: &Workflow) -> bool {
    let file = workflow.path.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    let named = ["release", "publish", "deploy", "dist"].iter().any(|mark| file.contains(mark));
    let tags = workflow.root.get("on").and_then(|on| on.get("push")?.get("tags"));
    named || tags.is_some() || workflow.triggers().contains(&"release")
}

fn is_locked(command: &Command) -> bool {
    ["--locked", "--frozen"].iter().any(|flag| command.has(flag))
}

fn problem(command: &Command, releases: bool) -> Option<(String, &'static str)> {
    let (subcommand, arguments) = command.cargo()?;
    match subcommand {
        "install" if command.has("--list") || command.has("--help") => None,
        "install" if command.has("--git") && !command.has("--rev") => Some((
            "the tool is installed from whatever its branch holds".into(),
            "add `--rev` with a full commit, and `--locked`",
        )),
        "install" if !is_locked(command) && !command.has("--path") => {
            let name =
                arguments.iter().find(|word| !word.starts_with('-')).map_or("the tool", String::as_str);
            let message = format!("`{name}` is installed without the lock file it was tested with");
            Some((message, "write `cargo install --locked NAME@VERSION`"))
        }
        "build" | "b" | "rustc"
            if releases
                && (command.has("--release") || command.has("-r") || command.has("--profile"))
                && !is_locked(command) =>
        {
            Some(("the release is built from what fits the manifest today".into(), "add `--locked`"))
        }
        _ => None,
    }
}

/// Where `--locked` goes, if it is what is missing.
fn after_subcommand(workflow: &Workflow, command: &Command) -> Option<u32> {
    let (subcommand, _) = command.cargo().filter(|_| !is_locked(command))?;
    if command.has("--git") && !command.has("--rev") {
        return None;
    }
    let written = workflow.text.get(command.span.range())?;
    let cargo = written.find("cargo")?;
    let at = cargo + written.get(cargo..)?.find(&format!(" {subcommand}"))? + 1 + subcommand.len();
    Some(command.span.start + at as u32)
}

#[cfg(test)]
mod tests {
    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        let run =
            |job: &str, run: &str| format!("on: push\njobs:\n  {job}:\n    steps:\n      - run: {run}\n");
        let release = |run: &str| {
            format!("on:\n  push:\n    tags: ['v*']\njobs:\n  a:\n    steps:\n      - run: {run}\n")
        };
        LINT.sees_in_file(
            &[
                &run("a", "cargo install mdbook --version 0.4.40"),
                &run("a", "cargo +nightly install --force cargo-fuzz"),
                &run("a", "|\n          set -e\n          cargo install \\\n            cargo-audit && cargo audit"),
                &run("a", "cargo install --locked --git https://example.com/x --branch main"),
                &release("cargo build --release"),
                &release("cargo build --target x --profile=dist"),
                "//- .github/workflows/publish.yml\non: workflow_dispatch\njobs:\n  a:\n    steps:\n      - run: RUSTFLAGS=-g cargo build -r\n",
            ],
            &[
                &run("a", "cargo install --locked mdbook@0.4.40"),
                &run("a", "cargo install --git https://example.com/x --rev 3f1c9d2 --locked"),
                &run("a", "cargo install --path . --root out"),
                &run("a", "cargo build --release"),
                &run("minimal-versions", "cargo install cargo-minimal-versions"),
                &run("a", "echo cargo install x"),
                &release("cargo build --release --locked"),
                &release("cargo test"),
            ],
        );
    }
}
