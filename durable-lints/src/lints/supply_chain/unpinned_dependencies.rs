use semver::{Comparator, Op, VersionReq};
use toml_edit::{Item, TableLike};

use crate::prelude::*;

declare_lint! {
    /// A dependency may change without a change in this repository, so whoever controls it reaches every build.
    ///
    /// A branch moves, `*` takes every future release, and a plain `http` address gives whatever the
    /// network between says. The next `cargo update` brings it in without a line to review.
    ///
    /// ```toml,bad
    /// [package]
    /// name = "service"
    /// version = "1.0.0"
    ///
    /// [dependencies]
    /// auth-core = { git = "https://git.example.com/auth-core", branch = "main" }
    /// bytes = "*"
    /// ```
    ///
    /// ```toml,good
    /// [package]
    /// name = "service"
    /// version = "1.0.0"
    ///
    /// [dependencies]
    /// auth-core = { git = "https://git.example.com/auth-core", rev = "3f1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d" }
    /// bytes = "1.12"
    /// ```
    ///
    /// ## What to do
    /// Give the full commit in `rev`; `Cargo.lock` names the one that is built now. Give a version
    /// requirement with an upper bound. Use `https`.
    ///
    /// ## Known limits
    /// Where a `Cargo.lock` is part of the checkout, tags and open ranges are not reported, and branches
    /// and `*` are a warning, as they move only with an update. Dev-dependencies are reported only
    /// where they come over an open channel. Upper bounds, however far away, are believed.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[829, 1357, 494],
        check: Check::Manifest(check),
    }
}

const SECTIONS: [(&str, bool); 5] = [
    ("dependencies", false),
    ("build-dependencies", false),
    ("build_dependencies", false),
    ("dev-dependencies", true),
    ("dev_dependencies", true),
];

/// One dependency table with its path in the file.
struct Section<'a> {
    path: String,
    dev: bool,
    entries: &'a dyn TableLike,
}

fn check(manifest: &Manifest, findings: &mut Findings) {
    for section in sections(manifest.document.as_table()) {
        for (name, item) in section.entries.iter() {
            let dependency = Dependency { manifest, name, item, dev: section.dev };
            for problem in dependency.problems() {
                let draft = findings.at(problem.span, problem.message);
                draft.item(format!("{}.{name}", section.path)).help(problem.help);
                if problem.locked {
                    draft.less_certain();
                }
                if let Some(fix) = problem.fix {
                    draft.fix(fix);
                }
            }
        }
    }
}

fn table(item: Option<&Item>) -> Option<&dyn TableLike> {
    item.and_then(Item::as_table_like)
}

/// Every table of dependencies: a package's own, those of its targets, the workspace's, and patches.
fn sections(top: &dyn TableLike) -> Vec<Section<'_>> {
    let mut found = Vec::new();
    let own = std::iter::once((String::new(), top));
    let targets = table(top.get("target")).into_iter().flat_map(|targets| targets.iter());
    let targets = targets.filter_map(|(name, item)| Some((format!("target.{name}."), item.as_table_like()?)));
    let workspace = table(top.get("workspace")).map(|workspace| ("workspace.".to_owned(), workspace));
    for (prefix, holder) in own.chain(targets).chain(workspace) {
        for (name, dev) in SECTIONS {
            if let Some(entries) = table(holder.get(name)) {
                found.push(Section { path: format!("{prefix}{name}"), dev, entries });
            }
        }
    }
    for (registry, item) in table(top.get("patch")).into_iter().flat_map(|patches| patches.iter()) {
        if let Some(entries) = item.as_table_like() {
            found.push(Section { path: format!("patch.{registry}"), dev: false, entries });
        }
    }
    found
}

/// One entry of a table.
struct Dependency<'a> {
    manifest: &'a Manifest,
    name: &'a str,
    item: &'a Item,
    dev: bool,
}

struct Problem {
    span: Span,
    message: String,
    help: &'static str,
    fix: Option<Fix>,
    /// Whether a lock file holds it, until somebody updates.
    locked: bool,
}

const PIN: &str = "add `rev = \"<full commit>\"`; `Cargo.lock` names the commit that is built now";
const BOUND: &str =
    "require the version that is tested, as `\"1.12\"`: later compatible ones are still taken";

impl Dependency<'_> {
    fn text(&self, key: &str) -> Option<(&str, Span)> {
        let item = self.item.get(key)?;
        Some((item.as_str()?, self.manifest.span(item)))
    }

    fn problems(&self) -> Vec<Problem> {
        match self.text("git") {
            Some((address, span)) => {
                [self.channel(address, span), self.password(address, span), self.commit(span)]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            None => self.version().into_iter().collect(),
        }
    }

    fn channel(&self, address: &str, span: Span) -> Option<Problem> {
        if !is_open_channel(address) {
            return None;
        }
        let fix = address.starts_with("http:").then(|| {
            let written = self.manifest.text.get(span.range()).unwrap_or("");
            Fix::needs_review("use https").replace(span, written.replacen("http:", "https:", 1))
        });
        let message = format!("dependency `{}` is fetched over an open channel", self.name);
        Some(Problem { span, message, help: "use an `https` or `ssh` address", fix, locked: false })
    }

    fn password(&self, address: &str, span: Span) -> Option<Problem> {
        let message = format!("the address of dependency `{}` holds a password", self.name);
        let help = "leave it to git's credential helper, and replace the password: it is in the history";
        has_password(address).then_some(Problem { span, message, help, fix: None, locked: false })
    }

    /// Whether it says which commit it is about.
    fn commit(&self, span: Span) -> Option<Problem> {
        let Self { name, .. } = self;
        if self.dev || self.text("rev").is_some() {
            return None;
        }
        let (span, what) = match (self.text("branch"), self.text("tag")) {
            (Some((branch, span)), _) => (span, format!("follows branch `{branch}`")),
            (_, Some(_)) if self.manifest.has_lockfile => return None,
            (_, Some((tag, span))) => (span, format!("follows tag `{tag}`, which can be moved")),
            (None, None) => (span, "follows the default branch".to_owned()),
        };
        let locked = self.manifest.has_lockfile;
        Some(Problem {
            span,
            message: format!("git dependency `{name}` {what}"),
            help: PIN,
            fix: None,
            locked,
        })
    }

    /// What a requirement leaves open. A path is in this checkout, whatever version it has.
    fn version(&self) -> Option<Problem> {
        let requirement = self.item.as_str().map(|text| (text, self.manifest.span(self.item)));
        let (text, span) = requirement.or_else(|| self.text("version"))?;
        if self.dev || self.item.get("path").is_some() {
            return None;
        }
        let name = self.name;
        let parsed = VersionReq::parse(text).ok()?;
        let message = if parsed.comparators.is_empty() {
            format!("dependency `{name}` takes every version")
        } else if !self.manifest.has_lockfile && is_open(&parsed.comparators) {
            format!("dependency `{name}` takes every version that will ever follow (`{text}`)")
        } else {
            return None;
        };
        Some(Problem { span, message, help: BOUND, fix: None, locked: self.manifest.has_lockfile })
    }
}

/// Whether nothing bounds the range from above.
fn is_open(comparators: &[Comparator]) -> bool {
    comparators.iter().all(|comparator| matches!(comparator.op, Op::Greater | Op::GreaterEq))
}

/// Whether anybody on the way can answer in the server's place. The machine itself is no way.
fn is_open_channel(address: &str) -> bool {
    let open = address.strip_prefix("http://").or_else(|| address.strip_prefix("git://"));
    open.is_some_and(|rest| {
        let host = rest.split(['/', ':']).next().unwrap_or("");
        !matches!(host, "localhost" | "127.0.0.1" | "[" | "")
    })
}

/// `scheme://user:password@host`, where the password is none that is filled in later.
fn has_password(address: &str) -> bool {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or("");
    let password =
        authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, word)| word);
    password.is_some_and(|word| !word.is_empty() && !word.contains(['$', '{', '<']))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn each_weakness_of_an_address_is_a_finding() {
        let text =
            "[package]\nname = \"x\"\n[dependencies]\na = { git = \"http://me:secret@example.com/a\" }";
        assert_eq!(
            crate::fixture::found(&LINT, text),
            "4:13 dependency `a` is fetched over an open channel\n\
             4:13 git dependency `a` follows the default branch\n\
             4:13 the address of dependency `a` holds a password"
        );
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                [package]
                name = "x"
                [dependencies]
                a = { git = "https://example.com/a" }
                #~          ^^^^^^^^^^^^^^^^^^^^^^^ git dependency `a` follows the default branch
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [dependencies.a]
                git = "https://example.com/a"
                branch = "next"
                #~       ^^^^^^ git dependency `a` follows branch `next`
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [target.'cfg(unix)'.dependencies]
                a = { version = "*", features = ["b"] }
                #~              ^^^ dependency `a` takes every version
            "#]],
            expect![[r#"
                [workspace]
                [workspace.dependencies]
                a = { git = "https://example.com/a", tag = "v1" }
                #~                                         ^^^^ git dependency `a` follows tag `v1`, which can be moved
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [build-dependencies]
                a = ">=1.2"
                #~  ^^^^^^^ dependency `a` takes every version that will ever follow (`>=1.2`)
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [dev-dependencies]
                a = { git = "http://example.com/a", rev = "3f1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d" }
                #~          ^^^^^^^^^^^^^^^^^^^^^^ dependency `a` is fetched over an open channel
                #~ fix: use https
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [dependencies]
                a = { git = "https://me:secret@example.com/a", rev = "3f1c9d2e7b5a4c6d8e9f0a1b2c3d4e5f6a7b8c9d" }
                #~          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the address of dependency `a` holds a password
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [patch.crates-io]
                a = { git = "https://example.com/a" }
                #~          ^^^^^^^^^^^^^^^^^^^^^^^ git dependency `a` follows the default branch
            "#]],
        ]);
        LINT.is_silent_about(&[
            "[package]\nname = \"x\"\n[dependencies]\na = \"1\"\nb = \">=1, <3\"\nc = \"=1.2.3\"\nd = \"1.*\"\ne = \"~1.2\"",
            "[package]\nname = \"x\"\n[dependencies]\na = { path = \"../a\", version = \"*\" }\nb = { workspace = true }",
            "[package]\nname = \"x\"\n[dependencies]\na = { git = \"https://example.com/a\", rev = \"3f1c9d2\" }",
            "[package]\nname = \"x\"\n[dev-dependencies]\na = \"*\"\nb = { git = \"https://example.com/b\" }",
            "[package]\nname = \"x\"\n[dependencies]\na = { git = \"https://example.com/a\", tag = \"v1\" }\nb = \">=1\"\n//- Cargo.lock\nversion = 4\n",
            "[package]\nname = \"x\"\n[dependencies]\na = { git = \"ssh://git@example.com/a\", rev = \"3f1c9d2\" }",
            "[package]\nname = \"x\"\n[dependencies]\na = \"not a version\"\nb = 3\nc = { git = 1 }",
        ]);
    }
}
