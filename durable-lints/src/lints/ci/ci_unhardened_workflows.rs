use crate::prelude::*;

declare_lint! {
    /// A workflow lacks a basic protection, so a foreign action or a pull request's title can take it over.
    ///
    /// An action that is named by tag runs whatever the tag points to tomorrow. A workflow without
    /// `permissions` hands every step what the repository's default allows. Text of a pull request
    /// that is put into a script is run as a script.
    ///
    /// ```yaml,bad
    /// on: pull_request
    /// jobs:
    ///   greet:
    ///     runs-on: ubuntu-latest
    ///     steps:
    ///       - run: echo "${{ github.event.pull_request.title }}"
    /// ```
    ///
    /// ```yaml,good
    /// on: pull_request
    /// permissions:
    ///   contents: read
    /// jobs:
    ///   greet:
    ///     runs-on: ubuntu-latest
    ///     steps:
    ///       - run: echo "$TITLE"
    ///         env:
    ///           TITLE: ${{ github.event.pull_request.title }}
    /// ```
    ///
    /// ## What to do
    /// Pin actions of others to a full commit and keep the version in a comment, give the workflow
    /// `permissions: { contents: read }` and jobs what they need beyond it, and pass expressions
    /// through `env`.
    ///
    /// ## Known limits
    /// Actions of GitHub itself (`actions/*`, `github/*`) may be named by tag. Whether the
    /// repository's settings already restrict the token is not known here. A workflow without a block of
    /// permissions is one place, however many jobs it has. zizmor looks deeper into workflows.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        cwe: &[829, 250, 94],
        check: Check::Workflow(check),
    }
}

fn check(workflow: &Workflow, findings: &mut Findings) {
    permissions(workflow, findings);
    for job in workflow.jobs() {
        let item = if job.name.is_empty() { "runs".to_owned() } else { format!("jobs.{}", job.name) };
        // A job may be a reusable workflow of somebody else.
        unpinned(job.node, &item, findings);
        for step in job.steps() {
            unpinned(step, &item, findings);
            expressions(workflow, step, &item, findings);
            piped(workflow, step, &item, findings);
        }
    }
}

/// Jobs that hold whatever the repository's default gives them.
fn permissions(workflow: &Workflow, findings: &mut Findings) {
    if workflow.is_action {
        return;
    }
    let Some(jobs) = workflow.root.entry("jobs") else { return };
    let own = workflow.root.get("permissions");
    let all = workflow.jobs();
    let declared = own.into_iter().chain(all.iter().filter_map(|job| job.node.get("permissions")));
    for permissions in declared.filter(|permissions| permissions.as_str() == Some("write-all")) {
        findings
            .at(permissions.span(), "every permission is given to every step")
            .item("permissions")
            .help("name the permissions that are needed, as `contents: read`");
    }
    if own.is_some() || all.is_empty() || all.iter().all(|job| job.node.get("permissions").is_some()) {
        return;
    }
    let at = jobs.key.span();
    let newline = workflow
        .text
        .get(..at.start as usize)
        .is_some_and(|before| before.is_empty() || before.ends_with('\n'));
    let draft = findings.at(at, "the jobs have whatever permissions the repository gives by default");
    draft.item("permissions").help("add `permissions: { contents: read }` at the top");
    if newline {
        draft.fix(
            Fix::needs_review("let jobs only read").insert(at.start, "permissions:\n  contents: read\n\n"),
        );
    }
}

/// A foreign action or reusable workflow whose code can change.
fn unpinned(node: &Node, item: &str, findings: &mut Findings) {
    let Some((uses, name)) = node.get("uses").and_then(|uses| Some((uses, uses.as_str()?))) else { return };
    let message = if let Some(image) = name.strip_prefix("docker://") {
        if image.contains("@sha256:") {
            return;
        }
        format!("image `{image}` is not pinned to a digest")
    } else {
        let (action, version) = name.split_once('@').unwrap_or((name, ""));
        let own = action.starts_with("./") || action.starts_with("actions/") || action.starts_with("github/");
        let is_commit = version.len() >= 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
        if own || is_commit || name.contains("${{") {
            return;
        }
        format!("action `{name}` is not pinned to a commit")
    };
    findings
        .at(uses.span(), message)
        .item(item)
        .help("pin it to a full commit and keep the version in a comment behind it");
}

/// What strangers write, as the last parts of contexts.
const UNTRUSTED: &[&str] = &[
    "github.head_ref",
    ".title",
    ".body",
    ".head.ref",
    ".head.label",
    ".head.repo.default_branch",
    ".head_branch",
    ".head_commit.message",
    ".commits.*.message",
    ".author.name",
    ".author.email",
    ".page_name",
    ".default_branch",
    ".client_payload",
];

/// Text of strangers in a script.
fn expressions(workflow: &Workflow, step: &Node, item: &str, findings: &mut Findings) {
    let script = step.get("with").filter(|_| {
        step.get("uses").and_then(Node::as_str).is_some_and(|uses| uses.starts_with("actions/github-script@"))
    });
    let script = step.get("run").or_else(|| script?.get("script"));
    let Some(script) = script else { return };
    let written = workflow.text.get(script.span().range()).unwrap_or("");
    let mut from = 0;
    while let Some(start) = written[from..].find("${{").map(|at| from + at) {
        let Some(end) = written[start..].find("}}").map(|at| start + at + 2) else { break };
        from = end;
        let expression = &written[start..end];
        if expression.split(['$', '{', '}', ' ', '(', ')', ',', '|', '&', '\'']).any(is_untrusted) {
            let span = script.span().start;
            findings
                .at(
                    Span::new(span + start as u32, span + end as u32),
                    "text that strangers write becomes part of a script",
                )
                .item(item)
                .help("give it to the step in `env`, and use the variable in quotes");
        }
    }
}

fn is_untrusted(context: &str) -> bool {
    if context == "github.head_ref" {
        return true;
    }
    context.starts_with("github.event.")
        && UNTRUSTED.iter().any(|end| context.ends_with(end))
        && !context.contains("repository.default_branch")
}

/// `curl … | sh`.
fn piped(workflow: &Workflow, step: &Node, item: &str, findings: &mut Findings) {
    let commands = workflow.commands(step);
    for pair in commands.windows(2) {
        let [from, to] = pair else { continue };
        let fetches = matches!(from.program(), "curl" | "wget") && from.piped;
        let runs = matches!(to.program(), "sh" | "bash" | "zsh" | "python" | "python3");
        // rustup's own way to be installed, from its own address.
        let rustup = from.words.iter().any(|word| word.contains("sh.rustup.rs"));
        if fetches && runs && !rustup {
            findings
                .at(from.span, "a script is run as it comes from the network")
                .item(item)
                .help("fetch a fixed version, compare its checksum, then run it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        let steps = |steps: &str| {
            format!("on: push\npermissions: read-all\njobs:\n  a:\n    runs-on: x\n    steps:\n{steps}")
        };
        LINT.sees_in_file(
            &[
                &steps("      - uses: org/deploy@v3\n"),
                &steps("      - uses: docker://alpine:3\n"),
                &steps("      - run: |\n          set -e\n          curl -sSf https://example.com/x | sudo bash -s -- -y\n"),
                &steps("      - run: git checkout ${{ github.head_ref }}\n"),
                &steps("      - uses: actions/github-script@v8\n        with: { script: \"x('${{ github.event.issue.body }}')\" }\n"),
                "on: push\njobs:\n  a:\n    permissions: {}\n    steps: []\n  b:\n    steps: []\n",
                "on: push\npermissions: write-all\njobs: { a: { steps: [] } }\n",
                "on: push\npermissions: {}\njobs:\n  a:\n    uses: org/flows/.github/workflows/x.yml@main\n",
                "//- action.yml\nname: x\nruns:\n  using: composite\n  steps:\n    - uses: org/deploy@v3\n",
            ],
            &[
                &steps("      - uses: org/deploy@3f1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d # v3\n"),
                &steps("      - uses: actions/checkout@v6\n      - uses: ./.github/actions/x\n"),
                &steps("      - run: echo ${{ github.sha }} ${{ github.event.pull_request.number }} ${{ matrix.title }}\n"),
                &steps("      - run: curl -o x https://example.com/x && sha256sum -c x.sha && bash x\n"),
                &steps("      - run: curl https://sh.rustup.rs -sSf | sh -s -- -y\n      - run: cat x | sh\n"),
                &steps("      - run: echo \"$TITLE\"\n        env: { TITLE: \"${{ github.event.issue.title }}\" }\n"),
                "on: push\njobs:\n  a:\n    permissions: { contents: read }\n    steps: []\n",
                "on: push\njobs: []\n",
            ],
        );
    }
}
