//! What runs in continuous integration, as far as the files of the checkout tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use durable_lints::load::Files;

/// Files that tell a CI service what to run. Those of a project inside this one are read by nobody.
const CONFIGURATIONS: &[&str] = &[
    ".gitlab-ci.yml",
    ".travis.yml",
    ".drone.yml",
    ".woodpecker.yml",
    ".cirrus.yml",
    ".appveyor.yml",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".circleci/config.yml",
    "Jenkinsfile",
];

/// Folders of such files.
const FOLDERS: &[&str] = &[
    ".github/workflows/",
    ".github/actions/",
    ".forgejo/workflows/",
    ".gitea/workflows/",
    ".gitlab/ci/",
    ".woodpecker/",
    ".buildkite/",
    ".builds/",
    ".ci/",
];

/// What a command that stands in such a file may run, and where the commands behind it stand.
const BEHIND: &[(&str, &[&str])] = &[
    ("make", &["Makefile", "makefile", "GNUmakefile"]),
    ("just", &["justfile", "Justfile", ".justfile"]),
    ("task", &["Taskfile.yml", "Taskfile.yaml"]),
    ("pre", &[".pre-commit-config.yaml"]),
    ("cargo", &[".cargo/config.toml", ".cargo/config", "Makefile.toml"]),
];

/// No file of commands is longer.
const LONGEST: usize = 256 * 1024;
/// So many files are read, scripts that call scripts among them.
const MOST_FILES: usize = 200;

/// The words of the commands that run in continuous integration, line by line.
#[derive(Clone, Debug)]
pub struct Ci {
    lines: Vec<BTreeSet<String>>,
}

impl Ci {
    /// Reads the files that tell what runs, and the scripts that they name; `None` where there is none.
    pub fn read(files: &dyn Files, paths: &[Arc<str>]) -> Option<Ci> {
        let mut open: Vec<&str> =
            paths.iter().map(|path| &**path).filter(|path| is_configuration(path)).collect();
        let mut seen: BTreeSet<&str> = open.iter().copied().collect();
        let mut lines = Vec::new();
        while let Some(path) = open.pop() {
            let Some(text) = read(files, path) else { continue };
            for line in text.lines().filter(|line| !is_comment(line)) {
                let words = words(line);
                for path in named(line, &words, paths) {
                    if seen.len() < MOST_FILES && seen.insert(path) {
                        open.push(path);
                    }
                }
                lines.push(words);
            }
        }
        (!seen.is_empty()).then_some(Ci { lines })
    }

    /// Whether a tool runs: all words of its name stand in one line. `cargo-` before a name is no part
    /// of it.
    pub fn runs(&self, tool: &str) -> bool {
        let mut wanted = words(tool);
        if wanted.len() > 1 {
            wanted.remove("cargo");
        }
        // The compiler's own lints speak wherever something is built.
        if wanted.iter().all(|word| word == "rustc" || word == "rustdoc") {
            wanted = words("cargo");
        }
        self.lines.iter().any(|line| wanted.is_subset(line))
    }
}

fn is_configuration(path: &str) -> bool {
    CONFIGURATIONS.contains(&path) || FOLDERS.iter().any(|folder| path.starts_with(folder))
}

fn read(files: &dyn Files, path: &str) -> Option<String> {
    let bytes = files.read(path).ok().filter(|bytes| bytes.len() <= LONGEST)?;
    String::from_utf8(bytes).ok()
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//")
}

/// The scripts of the checkout that a line names, and the files of the commands in it.
fn named<'a>(line: &str, words: &BTreeSet<String>, paths: &'a [Arc<str>]) -> Vec<&'a str> {
    let parts = line.split(|c: char| c.is_whitespace() || "\"'`;&|()={}".contains(c));
    let scripts = parts.map(|part| part.trim_start_matches("./")).filter(|part| is_script(part));
    let behind = BEHIND.iter().filter(|(command, _)| words.contains(*command));
    let all = scripts.chain(behind.flat_map(|(_, behind)| behind.iter().copied()));
    all.filter_map(|path| Some(&*paths[paths.binary_search_by(|known| (**known).cmp(path)).ok()?])).collect()
}

/// Whether a path may be that of a script: it has no ending, or that of one.
fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => {
            matches!(
                ending,
                "sh" | "bash" | "zsh" | "fish" | "ps1" | "py" | "rb" | "js" | "mk" | "yml" | "yaml"
            )
        }
        _ => !name.is_empty(),
    }
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use durable_lints::load::MemoryFiles;

    use super::*;

    fn ci(files: &[(&str, &str)]) -> Option<Ci> {
        let memory = MemoryFiles::new(files.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())));
        let mut paths: Vec<Arc<str>> = files.iter().map(|(path, _)| Arc::from(*path)).collect();
        paths.sort();
        Ci::read(&memory, &paths)
    }

    #[test]
    fn a_tool_runs_where_a_line_calls_it() {
        const WORKFLOW: &str = ".github/workflows/ci.yml";
        for (runs, tool, files) in [
            (true, "clippy", &[(WORKFLOW, "- run: cargo clippy -- -D warnings")][..]),
            (true, "cargo-deny", &[(WORKFLOW, "- uses: EmbarkStudios/cargo-deny-action@v2")]),
            (true, "audit", &[(".gitlab-ci.yml", "  - cargo audit")]),
            (true, "rustc", &[(WORKFLOW, "- run: cargo test")]),
            (true, "clippy", &[(WORKFLOW, "- run: ./ci/lint.sh"), ("ci/lint.sh", "cargo clippy")]),
            (true, "clippy", &[(WORKFLOW, "- run: make lint"), ("Makefile", "lint:\n\tcargo clippy")]),
            (
                true,
                "clippy",
                &[(WORKFLOW, "- run: cargo lint"), (".cargo/config.toml", "[alias]\nlint = 'clippy'")],
            ),
            (false, "clippy", &[(WORKFLOW, "# - run: cargo clippy")]),
            (false, "clippy", &[(WORKFLOW, "- run: cargo test"), ("ci/lint.sh", "cargo clippy")]),
            (false, "deny", &[(WORKFLOW, "- run: cargo denying")]),
        ] {
            assert_eq!(ci(files).unwrap().runs(tool), runs, "{tool} {files:?}");
        }
        for nobodys in ["README.md", "vendor/x/.travis.yml", "tests/.github/workflows/ci.yml"] {
            assert!(ci(&[(nobodys, "cargo clippy")]).is_none(), "{nobodys}");
        }
    }
}
