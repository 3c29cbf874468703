//! Which files a list of patterns means.

use std::sync::Arc;

use globset::{Candidate, Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::Host;

/// A list of patterns, compiled. On GitHub `*.rs` means every such file, `/docs` and `src/auth/**`
/// start at the root, a folder means all that is in it, and `docs/*` means the files directly in `docs`.
/// On GitLab only a slash at its begin ties a pattern to the root, and only one at its end means a folder.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    sets: Arc<[GlobSet]>,
    /// The pattern that each glob of the sets is for, ascending.
    of: Arc<[usize]>,
}

/// The library compiles so many globs at once and no more: what they come to has a bound.
const GLOBS_OF_A_SET: usize = 512;

impl Patterns {
    /// Compiles patterns.
    ///
    /// # Errors
    /// The first pattern that means nothing, by its place in the list, with the reason.
    pub fn new<'a>(
        host: Host,
        patterns: impl IntoIterator<Item = &'a str>,
    ) -> Result<Patterns, (usize, String)> {
        let mut globs = Vec::new();
        let mut of = Vec::new();
        for (index, pattern) in patterns.into_iter().enumerate() {
            let own = compiled(host, pattern).map_err(|error| (index, error))?;
            of.extend(own.iter().map(|_| index));
            globs.extend(own);
        }
        let starts = of.iter().step_by(GLOBS_OF_A_SET);
        let sets = globs.chunks(GLOBS_OF_A_SET).zip(starts).map(|(globs, first)| {
            let mut set = GlobSetBuilder::new();
            globs.iter().for_each(|glob| {
                set.add(glob.clone());
            });
            set.build().map_err(|error| (*first, error.to_string()))
        });
        Ok(Patterns { sets: sets.collect::<Result<_, _>>()?, of: of.into() })
    }

    /// Why a pattern means nothing, where it does not.
    ///
    /// # Errors
    /// The reason.
    pub fn check(host: Host, pattern: &str) -> Result<(), String> {
        compiled(host, pattern).map(drop)
    }

    /// The last pattern that means a file, relative to the root and with `/` between its parts.
    pub fn last_match(&self, path: &str) -> Option<usize> {
        let path = Candidate::new(path.trim_start_matches('/'));
        let last = |(set, globs): (usize, &GlobSet)| Some((set, globs.matches_candidate(&path).pop()?));
        let (set, glob) = self.sets.iter().enumerate().rev().find_map(last)?;
        Some(self.of[set * GLOBS_OF_A_SET + glob])
    }

    /// Every pattern that means a file, ascending; one may be there twice.
    pub fn matches(&self, path: &str) -> impl Iterator<Item = usize> {
        let path = Candidate::new(path.trim_start_matches('/'));
        let matches = move |(set, globs): (usize, &GlobSet)| {
            globs.matches_candidate(&path).into_iter().map(move |glob| set * GLOBS_OF_A_SET + glob)
        };
        self.sets.iter().enumerate().flat_map(matches).map(|glob| self.of[glob])
    }

    /// Whether one of them means a file.
    pub fn contains(&self, path: &str) -> bool {
        let path = Candidate::new(path.trim_start_matches('/'));
        self.sets.iter().any(|set| set.is_match_candidate(&path))
    }
}

fn compiled(host: Host, pattern: &str) -> Result<Vec<Glob>, String> {
    let compile = |glob: String| {
        let glob = GlobBuilder::new(&glob).literal_separator(true).backslash_escape(true).build();
        // The library's own words name the glob that we made of the pattern.
        glob.map_err(|error| format!("`{pattern}`: {}", error.kind()))
    };
    globs(host, pattern).into_iter().map(compile).collect()
}

/// The globs over whole paths that a pattern stands for.
fn globs(host: Host, pattern: &str) -> Vec<String> {
    match host {
        Host::Github => github(pattern),
        Host::Gitlab => vec![gitlab(pattern)],
    }
}

/// As gitignore means it, but that `docs/*` does not reach into folders.
fn github(pattern: &str) -> Vec<String> {
    let (rest, escaped) = match pattern.strip_prefix('\\') {
        Some(rest) if rest.starts_with(['#', '!']) => (rest, true),
        _ => (pattern, false),
    };
    let direct = rest.ends_with("/*");
    let (rest, anchored) = match rest.strip_prefix('/').filter(|_| !escaped) {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (rest, folder) = match rest.strip_suffix('/') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    if rest.is_empty() {
        return Vec::new();
    }
    let mut own = if anchored || rest.contains('/') { rest.to_owned() } else { format!("**/{rest}") };
    // Two stars at the end mean what lies in a folder, not the folder.
    if own == "**" || own.ends_with("/**") {
        own.push_str("/*");
    }
    let below = format!("{own}/**");
    match (direct, folder) {
        (true, _) => vec![own],
        (_, true) => vec![below],
        _ => vec![own, below],
    }
}

fn gitlab(pattern: &str) -> String {
    let rest = match pattern.strip_prefix('\\') {
        Some(rest) if rest.starts_with('#') => rest,
        _ => pattern,
    };
    let mut glob = match rest.strip_prefix('/') {
        Some(rest) => rest.to_owned(),
        None if rest.starts_with("**/") => rest.to_owned(),
        None => format!("**/{rest}"),
    };
    // Without a slash behind them two stars mean what one means.
    if glob.ends_with("/**") {
        glob.pop();
    }
    if glob.is_empty() || glob.ends_with('/') {
        glob.push_str("**");
    }
    glob
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use ignore::gitignore::GitignoreBuilder;
    use proptest::prelude::*;

    use super::*;

    fn one(host: Host, pattern: &str) -> Patterns {
        Patterns::new(host, [pattern]).unwrap()
    }

    #[test]
    fn the_hosts_differ() {
        for (pattern, path, on_github, on_gitlab) in [
            ("/docs/", "docs/a/b.md", true, true),
            ("docs/*", "docs/a.md", true, true),
            ("docs/*", "docs/a/b.md", false, false),
            ("*.rs", "src/a.rs", true, true),
            ("lib/", "a/lib/b.rs", true, true),
            ("src/a.rs", "b/src/a.rs", false, true),
            ("/docs", "docs/a.md", true, false),
            ("/src/**", "src/a/b.rs", true, false),
            ("/src/**/*.rs", "src/a.rs", true, true),
            ("/a/*/c", "a/b/b/c", false, false),
            ("path\\ with\\ spaces/", "path with spaces/a", true, true),
        ] {
            assert_eq!(one(Host::Github, pattern).contains(path), on_github, "GitHub: {pattern} {path}");
            assert_eq!(one(Host::Gitlab, pattern).contains(path), on_gitlab, "GitLab: {pattern} {path}");
        }
    }

    #[test]
    fn the_last_one_wins() {
        let patterns = Patterns::new(Host::Github, ["*", "/src/", "*.md", "/src/auth"]).unwrap();
        for (path, last) in [("a", 0), ("src/a.rs", 1), ("src/a.md", 2), ("src/auth/a.md", 3)] {
            assert_eq!(patterns.last_match(path), Some(last), "{path}");
        }
        assert_eq!(Patterns::new(Host::Github, ["a", "["]).unwrap_err().0, 1);
        assert_eq!(Patterns::default().last_match("a"), None);
    }

    #[test]
    fn so_many_patterns_are_as_good_as_few() {
        let many: Vec<String> = (0..4000).map(|i| format!("a{i}/**/*b{i}*c")).collect();
        let patterns = Patterns::new(Host::Github, many.iter().map(|pattern| &**pattern)).unwrap();
        for i in [0, 255, 256, 257, 3999] {
            let path = format!("a{i}/x/b{i}c");
            assert_eq!(patterns.last_match(&path), Some(i));
            assert!(patterns.contains(&path) && patterns.matches(&path).all(|found| found == i));
        }
    }

    /// What the crate `ignore` makes of a pattern, which ripgrep has tested for years.
    fn by_ignore(pattern: &str, path: &str) -> Option<bool> {
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        builder.add_line(None, pattern).ok()?;
        let set = builder.build().ok()?;
        Some(match pattern.ends_with("/*") {
            true => set.matched(path, false).is_ignore(),
            // The library's own walk upward ends at the root, which no pattern means.
            false => Utf8Path::new(path)
                .ancestors()
                .filter(|part| *part != "")
                .any(|part| set.matched(part, part != path).is_ignore()),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn as_the_crate_ignore(
            pattern in "/?(a|b|\\*|\\*\\*|a\\*|\\?|\\.x|\\[ab\\])(/(a|b|\\*|\\*\\*|\\*\\.x|b\\?)){0,3}/?",
            path in "(a|b|ab|\\.x|a\\.x)(/(a|b|ab|c|b\\.x)){0,4}",
        ) {
            let expected = by_ignore(&pattern, &path);
            let found = Patterns::new(Host::Github, [&*pattern]).ok().map(|one| one.contains(&path));
            prop_assert_eq!(found, expected, "{} {}", pattern, path);
        }
    }
}
