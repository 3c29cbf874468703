use crate::prelude::*;

declare_lint! {
    /// A secret is in the environment while dependencies' code runs, so any of them can send it away.
    ///
    /// Build scripts, procedural macros and tests of every dependency inherit the environment of the
    /// cargo that runs them. A secret set for the whole job is readable by all of them.
    ///
    /// ```yaml,bad
    /// on: push
    /// permissions:
    ///   contents: read
    /// jobs:
    ///   check:
    ///     runs-on: ubuntu-latest
    ///     env:
    ///       DEPLOY_KEY: ${{ secrets.DEPLOY_KEY }}
    ///     steps:
    ///       - run: cargo test --locked
    ///       - run: ./upload.sh
    /// ```
    ///
    /// ```yaml,good
    /// on: push
    /// permissions:
    ///   contents: read
    /// jobs:
    ///   check:
    ///     runs-on: ubuntu-latest
    ///     steps:
    ///       - run: cargo test --locked
    ///       - run: ./upload.sh
    ///         env:
    ///           DEPLOY_KEY: ${{ secrets.DEPLOY_KEY }}
    /// ```
    ///
    /// ## What to do
    /// Give the secret to the one step that uses it. Build and verify before it is there: `cargo
    /// package` first, then `cargo publish --no-verify` with the token, or trusted publishing.
    ///
    /// ## Known limits
    /// A secret that a step of tests is given on purpose is not reported, nor what a compiler cache
    /// needs. Scripts and other workflows that a step calls are not looked into. A secret that is set for
    /// several jobs or steps is one place, where it is set.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::High,
        cwe: &[522, 200, 829],
        check: Check::Workflow(check),
    }
}

fn check(workflow: &Workflow, findings: &mut Findings) {
    let jobs = workflow.jobs();
    let builds = |job: &Job<'_>| job.steps().iter().find_map(|step| build(workflow, step));
    let around = workflow.root.get("env").map_or(&[][..], Node::entries);
    let first = jobs.iter().find_map(|job| Some((job.name, builds(job)?)));
    if let Some((name, command)) = first {
        report(around, name, &command, findings);
    }
    for job in &jobs {
        if let Some(command) = builds(job) {
            report(job.node.get("env").map_or(&[][..], Node::entries), job.name, &command, findings);
        }
        for step in job.steps() {
            // What tests are given they are meant to have; a build needs no secret.
            let own = step.get("env").map_or(&[][..], Node::entries);
            if let Some(command) = build(workflow, step).filter(|command| !is_test(command)) {
                report(own, job.name, &command, findings);
            }
        }
    }
}

fn report(env: &[Entry], job: &str, command: &Command, findings: &mut Findings) {
    let cached = env.iter().any(|entry| entry.name().contains("SCCACHE") || entry.name() == "RUSTC_WRAPPER");
    for entry in env.iter().filter(|_| !cached) {
        let value = entry.value.as_str().unwrap_or("");
        let is_secret =
            value.contains("secrets.") && value.contains("${{") && !value.contains("secrets.GITHUB_TOKEN");
        if is_secret && !is_for_cargo(entry.name()) {
            findings
                .at(
                    entry.span(),
                    format!("`{}` is readable by every build script in job `{job}`", entry.name()),
                )
                .label(command.span, "code of the dependencies runs here")
                .item(format!("jobs.{job}"))
                .help(
                    "give it to the one step that needs it; publish with `--no-verify` what was built before",
                );
        }
    }
}

/// Tokens that cargo itself needs to fetch a private registry's crates.
fn is_for_cargo(name: &str) -> bool {
    name.starts_with("CARGO_REGISTRIES_") || name.starts_with("SCCACHE_") || name.starts_with("ACTIONS_")
}

/// The command of a step that runs code of dependencies.
fn build(workflow: &Workflow, step: &Node) -> Option<Command> {
    workflow.commands(step).into_iter().find(|command| {
        let wrapper = matches!(command.program(), "cross" | "maturin" | "wasm-pack" | "trunk");
        command.cargo().map_or(wrapper, |(subcommand, _)| match subcommand {
            "publish" | "package" => !command.has("--no-verify"),
            subcommand => BUILDS.contains(&subcommand),
        })
    })
}

const BUILDS: &[&str] = &[
    "build", "b", "test", "t", "check", "c", "clippy", "doc", "run", "r", "bench", "nextest", "rustc",
    "install",
];

fn is_test(command: &Command) -> bool {
    let tests = ["test", "t", "run", "r", "bench", "nextest"];
    command.cargo().is_some_and(|(subcommand, _)| tests.contains(&subcommand))
}

#[cfg(test)]
mod tests {
    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        let job = |env: &str, steps: &str| format!("on: push\njobs:\n  a:\n{env}    steps:\n{steps}");
        let key = "    env: { KEY: '${{ secrets.KEY }}' }\n";
        LINT.sees_in_file(
            &[
                "on: push\nenv:\n  KEY: ${{ secrets.KEY }}\njobs:\n  a:\n    steps:\n      - run: cargo build\n",
                &job(key, "      - run: |\n          cd x\n          cargo +nightly clippy\n"),
                &job(key, "      - run: cross build --release\n"),
                &job("", "      - run: cargo publish\n        env:\n          CARGO_REGISTRY_TOKEN: ${{ secrets.TOKEN }}\n"),
                &job("", "      - run: cargo build --release\n        env: { KEY: \"x-${{ secrets.KEY }}\" }\n"),
                &job("    env: { A: b, KEY: '${{ secrets.KEY || vars.KEY }}' }\n", "      - run: cargo nextest run\n"),
            ],
            &[
                &job("", "      - run: cargo build\n      - run: ./upload\n        env: { KEY: '${{ secrets.KEY }}' }\n"),
                &job("", "      - run: cargo publish --no-verify\n        env: { CARGO_REGISTRY_TOKEN: '${{ secrets.TOKEN }}' }\n"),
                &job("", "      - run: cargo test\n        env: { DATABASE_URL: '${{ secrets.TEST_DATABASE }}' }\n"),
                &job("    env: { GITHUB_TOKEN: '${{ secrets.GITHUB_TOKEN }}' }\n", "      - run: cargo build\n"),
                &job(key, "      - run: cargo fmt --check\n      - run: ./deploy.sh\n"),
                &job("    env: { RUSTC_WRAPPER: sccache, AWS_SECRET_ACCESS_KEY: '${{ secrets.CACHE }}' }\n", "      - run: cargo build\n"),
                &job("    env: { CARGO_REGISTRIES_CORP_TOKEN: '${{ secrets.CORP_READ }}' }\n", "      - run: cargo build\n"),
            ],
        );
    }
}
