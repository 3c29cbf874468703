use std::collections::BTreeMap;
use std::sync::Arc;

use crate::codeowners::{BEGIN, CodeOwners, END, Host, LARGEST_ON_GITHUB, Patterns, parse};
use crate::prelude::*;

declare_lint! {
    /// CODEOWNERS leaves out files that decide what is built and checked, or has lines without effect.
    ///
    /// Whoever may change a workflow, a build script, cargo's configuration or CODEOWNERS itself decides what
    /// runs on every machine that builds. Where these files have no owner, such a change is merged without the
    /// review that the rest of the code gets. A line that the host ignores, or that means no file, protects
    /// nothing and looks as if it did.
    ///
    /// ```text,bad .github/CODEOWNERS
    /// /docs/ @acme/writers
    /// //- .github/workflows/ci.yml
    /// jobs: {}
    /// //- docs/index.md
    /// Welcome
    /// ```
    ///
    /// ```text,good .github/CODEOWNERS
    /// /docs/ @acme/writers
    /// /.github/ @acme/security
    /// //- .github/workflows/ci.yml
    /// jobs: {}
    /// //- docs/index.md
    /// Welcome
    /// ```
    ///
    /// ## What to do
    /// Add a line for the files. `cargo durable owners --codeowners` writes those that `durable.toml` knows.
    ///
    /// ## Known limits
    /// A repository without CODEOWNERS is not told. Whether a user or team exists, and may write to the
    /// repository, only the host knows. Files in the folders of tests and examples are left out. A line for a
    /// symbolic link to a folder counts as one that means no file.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        cwe: &[284, 1053],
        check: Check::Repository(check),
    }
}

fn check(repository: &Repository, findings: &mut Findings) {
    if !repository.whole {
        return;
    }
    let Some((host, file)) = the_one(repository) else { return };
    if host == Host::Github && file.size > LARGEST_ON_GITHUB {
        findings
            .at(Span::default(), "GitHub does not read a CODEOWNERS file above 3 MB")
            .in_file(&file.path)
            .help("name folders instead of files");
        return;
    }
    // Of a file that is cut the rest is not known.
    let Some(text) = file.text.as_deref().filter(|text| text.len() as u64 == file.size) else { return };
    let read = parse(host, text);
    for problem in &read.problems {
        findings
            .at(problem.span, problem.message.clone())
            .in_file(&file.path)
            .primary(format!("{} ignores this", host.name()))
            .help(problem.help);
    }
    idle(&read, host, repository, file, findings);
    gaps(&read, host, repository, file, findings);
}

/// The file that counts, and the host that reads it.
fn the_one(repository: &Repository) -> Option<(Host, &RepositoryFile)> {
    let has = |folder: &str| repository.files.iter().any(|file| file.path.starts_with(folder));
    let gitlab = (has(".gitlab/") || repository.file(".gitlab-ci.yml").is_some()) && !has(".github/");
    let host = if gitlab { Host::Gitlab } else { Host::Github };
    let file = host.places().into_iter().find_map(|place| repository.file(place))?;
    Some((host, file))
}

/// Rules that mean no file.
fn idle(
    read: &CodeOwners,
    host: Host,
    repository: &Repository,
    file: &RepositoryFile,
    findings: &mut Findings,
) {
    let Ok(patterns) = Patterns::new(host, read.rules.iter().map(|rule| &*rule.pattern)) else { return };
    let mut busy = vec![false; read.rules.len()];
    for path in repository.files.iter().map(|file| &*file.path) {
        patterns.matches(path).for_each(|index| busy[index] = true);
    }
    // A submodule may not be checked out.
    for path in submodules(repository) {
        let below = format!("{path}/a");
        patterns.matches(path).chain(patterns.matches(&below)).for_each(|index| busy[index] = true);
    }
    let idle = read.rules.iter().zip(busy).filter(|(_, busy)| !busy);
    let text = file.text.as_deref().unwrap_or_default();
    // What the policy says and means no file is told of where it stands in the policy.
    for (rule, _) in idle.filter(|(rule, _)| !is_written_by_us(text, rule.span.start)) {
        findings
            .at(rule.span, format!("`{}` means no file", rule.pattern))
            .in_file(&file.path)
            .primary("this has no effect")
            .help("correct the path, or remove the line");
    }
}

/// Whether a place lies between the lines that mark what comes from durable.toml.
fn is_written_by_us(text: &str, at: u32) -> bool {
    let before = text.get(..at as usize).unwrap_or_default();
    before.rfind(BEGIN).is_some_and(|begin| before.rfind(END).is_none_or(|end| end < begin))
}

fn submodules(repository: &Repository) -> impl Iterator<Item = &str> {
    let text = repository.file(".gitmodules").and_then(|file| file.text.as_deref()).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("path")?.trim_start().strip_prefix('=').map(str::trim))
}

/// Files that nobody owns: a finding for each kind and rule.
fn gaps(
    read: &CodeOwners,
    host: Host,
    repository: &Repository,
    file: &RepositoryFile,
    findings: &mut Findings,
) {
    let Some(compiled) = read.compiled(host) else { return };
    // By the rule that decides, if any, and what the files decide.
    let mut found: BTreeMap<(Option<u32>, &str), Vec<&Arc<str>>> = BTreeMap::new();
    for path in repository.files.iter().map(|file| &file.path) {
        let Some(what) = decides(path, host, &file.path, repository) else { continue };
        let rule = compiled.rule_of(path);
        if rule.is_some_and(|rule| !rule.owners.is_empty()) {
            continue;
        }
        found.entry((rule.map(|rule| rule.span.start), what)).or_default().push(path);
    }
    let first = read.rules.first().map(|rule| rule.span).unwrap_or_default();
    for ((start, what), paths) in found {
        let rule = read.rules.iter().find(|rule| Some(rule.span.start) == start);
        let (more, decide) = match paths.len() {
            1 => (String::new(), "decides"),
            count => (format!(" and {} more", count - 1), "decide"),
        };
        let why = if rule.is_some() { "this line gives them to nobody" } else { "no line means them" };
        let of = rule.map_or("", |rule| &rule.pattern);
        findings
            .at(
                rule.map_or(first, |rule| rule.span),
                format!("nobody owns {}{more}, which {decide} {what}", paths[0]),
            )
            .in_file(&file.path)
            .primary(why)
            // Another line above must not make it another finding, and one more file does not either.
            .identified_by(format!("{of} {what}"))
            .help(format!("add a line such as `/{} @acme/security`", place(paths[0])));
    }
}

/// What a file decides, by its place.
fn decides(path: &str, host: Host, codeowners: &str, repository: &Repository) -> Option<&'static str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let runs = match host {
        Host::Github => path.starts_with(".github/workflows/") || path.starts_with(".github/actions/"),
        Host::Gitlab => path == ".gitlab-ci.yml",
    };
    let is_cargo = matches!(path, ".cargo/config" | ".cargo/config.toml");
    let is_toolchain = matches!(path, "rust-toolchain" | "rust-toolchain.toml");
    let is_script = || name == "build.rs" && !is_sample(folder) && is_package(folder, repository);
    if runs {
        Some("what CI runs")
    } else if is_cargo || is_toolchain || is_script() {
        Some("what a build runs")
    } else if path == codeowners {
        Some("who reviews")
    } else if matches!(path, "deny.toml" | "durable.toml" | "durable.lock") {
        Some("what is refused")
    } else {
        None
    }
}

fn is_package(folder: &str, repository: &Repository) -> bool {
    let manifest = if folder.is_empty() { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") };
    repository.file(&manifest).is_some()
}

/// Whether a folder says that what is in it is not shipped.
fn is_sample(folder: &str) -> bool {
    const SAMPLES: &[&str] = &[
        "test",
        "tests",
        "testing",
        "testdata",
        "fixtures",
        "examples",
        "benches",
        "fuzz",
        "vendor",
        "third_party",
    ];
    folder.split('/').any(|part| SAMPLES.contains(&part))
}

/// What to name in a line: the folder, or the file at the root.
fn place(path: &str) -> &str {
    if path.starts_with(".github/") { ".github/" } else { path }
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::fixture::found;

    const CI: &str = "//- .github/workflows/ci.yml\njobs: {}\n";

    #[test]
    fn other_files_and_look_alikes() {
        let bad = [
            format!("//- CODEOWNERS\n*.rs @a\n/CODEOWNERS @a\n//- src/lib.rs\n//\n{CI}"),
            format!("//- .github/CODEOWNERS\n* @a\n/.github/workflows/\n{CI}"),
            "//- .github/CODEOWNERS\n* @a\n/srcs/ @b\n".to_owned(),
            "//- docs/CODEOWNERS\n* @a\n* octocat\n".to_owned(),
            "//- .github/CODEOWNERS\n* @a\n!/docs/ @b\n".to_owned(),
            "//- .github/CODEOWNERS\n* @a\nmy file.txt @b\n//- my file.txt\nx\n".to_owned(),
            "//- CODEOWNERS\n[CI] @a\n/docs/\n/CODEOWNERS\n//- .gitlab-ci.yml\na: {}\n//- docs/a\na\n".to_owned(),
            "//- .github/CODEOWNERS\n/.github/ @a\n//- build.rs\n//\n//- Cargo.toml\n[package]\nname = \"a\"\n".to_owned(),
        ];
        let good = [
            CI.to_owned(),
            format!("//- .github/CODEOWNERS\n* @a\n{CI}"),
            format!("//- .github/CODEOWNERS\n/.github/ a@example.com # all of it\n{CI}"),
            format!("//- .github/CODEOWNERS\n/.github/ @a\n{CI}//- tests/x/build.rs\n//\n//- tests/x/Cargo.toml\n[package]"),
            "//- .github/CODEOWNERS\n* @a\n/docs/\n//- docs/a.md\na\n".to_owned(),
            "//- .github/CODEOWNERS\n* @a\n/vendor/x/ @b\n//- .gitmodules\n[submodule \"x\"]\n\tpath = vendor/x\n".to_owned(),
            "//- CODEOWNERS\n[CI][2] @a\n*\n!/docs/\n//- .gitlab-ci.yml\na: {}\n//- docs/a\na\n".to_owned(),
            // The second one is read by nobody.
            format!("//- .github/CODEOWNERS\n* @a\n//- docs/CODEOWNERS\n/x octocat\n{CI}"),
        ];
        LINT.sees_in_file(&bad.each_ref().map(|text| &**text), &good.each_ref().map(|text| &**text));
    }

    #[test]
    fn one_finding_for_each_kind_and_rule() {
        let text = "//- .github/CODEOWNERS\n# who\n/docs/ @a\n/.github/workflows/b.yml\n//- docs/a\na\n//- .github/workflows/a.yml\na: {}\n\
                    //- .github/workflows/b.yml\na: {}\n//- .github/workflows/c.yml\na: {}\n//- deny.toml\na = 1\n";
        assert_eq!(
            found(&LINT, text),
            "2:1 nobody owns .github/CODEOWNERS, which decides who reviews\n\
             2:1 nobody owns .github/workflows/a.yml and 1 more, which decide what CI runs\n\
             2:1 nobody owns deny.toml, which decides what is refused\n\
             3:1 nobody owns .github/workflows/b.yml, which decides what CI runs"
        );
    }
}
