use crate::prelude::*;

declare_lint! {
    /// Code of a stranger's pull request is run with the repository's own rights, so he has its secrets.
    ///
    /// `pull_request_target`, `workflow_run` and `issue_comment` run in the repository's name, with a
    /// token that may write. A job that then checks out the pull request and builds it runs the
    /// stranger's build scripts, procedural macros and tests.
    ///
    /// ```yaml,bad
    /// on: pull_request_target
    /// permissions:
    ///   contents: write
    /// jobs:
    ///   test:
    ///     runs-on: ubuntu-latest
    ///     steps:
    ///       - uses: actions/checkout@v5
    ///         with:
    ///           ref: ${{ github.event.pull_request.head.sha }}
    ///       - run: cargo test --locked
    /// ```
    ///
    /// ```yaml,good
    /// on: pull_request
    /// permissions:
    ///   contents: read
    /// jobs:
    ///   test:
    ///     runs-on: ubuntu-latest
    ///     steps:
    ///       - uses: actions/checkout@v5
    ///       - run: cargo test --locked
    /// ```
    ///
    /// ## What to do
    /// Build on `pull_request`, which has no secrets. Where the result needs rights, hand it as an
    /// artifact to a `workflow_run` job that treats it as data.
    ///
    /// ## Known limits
    /// A checkout in one job that runs in another is not followed. Jobs behind an `environment` or a
    /// condition on who the author is are taken to be approved. A job is one place: what runs in it first
    /// has all its rights, and whatever follows can add nothing.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[829, 913, 250],
        check: Check::Workflow(check),
    }
}

/// Events that run in the repository's name while a stranger chooses what is checked out.
const PRIVILEGED: &[&str] = &["pull_request_target", "workflow_run", "issue_comment", "repository_dispatch"];

fn check(workflow: &Workflow, findings: &mut Findings) {
    let Some(event) = workflow.triggers().into_iter().find(|event| PRIVILEGED.contains(event)) else {
        return;
    };
    for job in workflow.jobs() {
        if is_approved(job.node) {
            continue;
        }
        let mut checkout = None;
        for step in job.steps() {
            if let Some(span) = checks_out(workflow, step) {
                checkout = Some(span);
            } else if let Some(checkout) = checkout
                && !is_approved(step)
                && let Some(span) = runs(workflow, step)
            {
                findings
                    .at(span, format!("code of a stranger runs here with the rights of `{event}`"))
                    .label(checkout, "the pull request's code comes from here")
                    .item(format!("jobs.{}", job.name))
                    .help("build on `pull_request`, and hand results over as an artifact");
                break;
            }
        }
    }
}

/// Whether a person or a condition on the author stands before it.
fn is_approved(node: &Node) -> bool {
    let condition = node.get("if").and_then(Node::as_str).unwrap_or("");
    const ASKS: [&str; 6] = [
        "head.repo.full_name",
        "head.repo.fork",
        "author_association",
        "github.actor",
        "head_repository.full_name",
        "user.login",
    ];
    node.get("environment").is_some() || ASKS.iter().any(|part| condition.contains(part))
}

/// Where a step brings in the pull request's code.
fn checks_out(workflow: &Workflow, step: &Node) -> Option<Span> {
    if let Some(uses) = step.get("uses").and_then(Node::as_str) {
        let with = step.get("with")?;
        let names_head = |key: &str| with.get(key).filter(|value| value.as_str().is_some_and(is_head));
        let head = names_head("ref").or_else(|| names_head("repository"))?;
        let refuses = refuses_heads(workflow, step, uses)
            && with.get("allow-unsafe-pr-checkout").and_then(Node::as_bool) != Some(true);
        return (uses.starts_with("actions/checkout@") && !refuses).then(|| head.span());
    }
    let commands = workflow.commands(step);
    let command = commands.iter().find(|command| {
        let text = command.words.join(" ");
        text.starts_with("gh pr checkout")
            || text.starts_with("git fetch") && (text.contains("pull/") || is_head(&text))
            || text.starts_with("git checkout") && is_head(&text)
    });
    command.map(|command| command.span)
}

/// Whether this release of `actions/checkout` does not check out a pull request's head by itself. A
/// commit is believed to be what the comment behind it says.
fn refuses_heads(workflow: &Workflow, step: &Node, uses: &str) -> bool {
    let version = uses.split_once('@').map_or("", |(_, version)| version);
    let after = step.get("uses").and_then(|uses| workflow.text.get(uses.span().end as usize..));
    let comment =
        after.and_then(|rest| rest.lines().next()?.split_once('#')).map_or("", |(_, comment)| comment.trim());
    let version = if version.len() >= 40 { comment } else { version };
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.trim().parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), _) if major >= 7 => true,
        (Some(6), Some(minor)) => minor >= 1,
        _ => false,
    }
}

/// Whether a text names the head of a pull request.
fn is_head(text: &str) -> bool {
    const HEADS: [&str; 8] = [
        "github.event.pull_request.head",
        "github.head_ref",
        "refs/pull/",
        "github.event.workflow_run.head",
        "github.event.client_payload.pull_request",
        "github.event.client_payload.ref",
        "pull_request.merge_commit_sha",
        "steps.pr.outputs",
    ];
    HEADS.iter().any(|head| text.contains(head))
}

/// Where a step runs what is in the tree.
fn runs(workflow: &Workflow, step: &Node) -> Option<Span> {
    if let Some(uses) = step.get("uses") {
        let name = uses.as_str().unwrap_or("");
        return name.starts_with("./").then(|| uses.span());
    }
    const PROGRAMS: [&str; 15] = [
        "rustc",
        "cross",
        "maturin",
        "wasm-pack",
        "trunk",
        "npm",
        "pnpm",
        "yarn",
        "pip",
        "python",
        "python3",
        "node",
        "bash",
        "sh",
        "nix",
    ];
    let commands = workflow.commands(step);
    let command = commands.iter().find(|command| {
        let program = command.program();
        let given = command.words.first().map_or("", String::as_str);
        let harmless = command.cargo().is_some_and(|(subcommand, _)| {
            matches!(
                subcommand,
                "fmt" | "metadata" | "tree" | "install" | "search" | "login" | "audit" | "deny" | "binstall"
            )
        });
        (program == "cargo" && !harmless && command.cargo().is_some())
            || PROGRAMS.contains(&program) && command.words.len() > 1
            || given.starts_with("./")
            || matches!(program, "make" | "just" | "bazel")
    });
    command.map(|command| command.span)
}

#[cfg(test)]
mod tests {
    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        let flow =
            |on: &str, job: &str| format!("on: {on}\npermissions: {{}}\njobs:\n  a:\n    runs-on: x\n{job}");
        let head = "    steps:\n      - uses: actions/checkout@v4\n        with: { ref: '${{ github.event.pull_request.head.sha }}' }\n";
        LINT.sees_in_file(
            &[
                &flow("[push, pull_request_target]", &format!("{head}      - run: |\n          cargo build\n")),
                &flow("{ pull_request_target: { types: [opened] } }", &format!("{head}      - run: make check\n")),
                &flow("issue_comment", "    steps:\n      - run: gh pr checkout 1\n      - run: ./ci.sh\n"),
                &flow("pull_request_target", &format!("{head}      - uses: ./.github/actions/build\n")),
                &flow("pull_request_target", &format!("{}      - run: cargo +nightly clippy\n", head.replace("v4", "v7").replace("}'", "}', allow-unsafe-pr-checkout: true"))),
                &flow("workflow_run", "    steps:\n      - uses: actions/checkout@v5\n        with:\n          ref: ${{ github.event.workflow_run.head_branch }}\n      - run: cargo test\n"),
            ],
            &[
                &flow("pull_request", &format!("{head}      - run: cargo test\n")),
                &flow("pull_request_target", "    steps:\n      - uses: actions/checkout@v5\n      - run: cargo test\n"),
                &flow("pull_request_target", &format!("{head}      - run: cargo fmt --check\n")),
                &flow("pull_request_target", &format!("{head}      - run: git diff --stat\n")),
                &flow("pull_request_target", &format!("    environment: review\n{head}      - run: cargo test\n")),
                &flow("pull_request_target", &format!("    if: github.event.pull_request.head.repo.full_name == github.repository\n{head}      - run: cargo test\n")),
                &flow("pull_request_target", &format!("{}      - run: cargo test\n", head.replace("v4", "3f1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d # v7.0.1"))),
            ],
        );
    }
}
