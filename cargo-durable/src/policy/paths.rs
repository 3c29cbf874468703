//! Which files a pattern means, as CODEOWNERS means it.

use durable_lints::codeowners::{Host, Patterns};

/// A set of patterns. `*.rs` means every such file, `/docs` and `src/auth/**` start at the root, a
/// folder means all that is in it, and `docs/*` means the files directly in `docs`.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The patterns as written.
    pub patterns: Vec<String>,
    compiled: Patterns,
}

impl Paths {
    /// Compiles patterns.
    ///
    /// # Errors
    /// The first pattern that means nothing, with the reason.
    pub fn new(patterns: &[String]) -> Result<Paths, (usize, String)> {
        for (index, pattern) in patterns.iter().enumerate() {
            check(pattern).map_err(|error| (index, error))?;
        }
        Ok(Paths { patterns: patterns.to_vec(), compiled: compile(patterns.iter().map(String::as_str))? })
    }

    /// Whether a file, relative to the root and with `/` between its parts, is meant.
    pub fn contains(&self, path: &str) -> bool {
        self.compiled.contains(path)
    }
}

/// The one meaning of patterns in a policy.
pub(super) fn compile<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Patterns, (usize, String)> {
    Patterns::new(Host::Github, patterns)
}

fn check(pattern: &str) -> Result<(), String> {
    match pattern.as_bytes().first() {
        None => Err("an empty pattern means nothing".into()),
        Some(b'!') => {
            Err(format!("`{pattern}` takes files out, which patterns cannot; write a narrower one"))
        }
        Some(b'#') => Err(format!("`{pattern}` would be read as a comment; write `\\{pattern}`")),
        _ if pattern.starts_with("../") => Err(format!("`{pattern}` leaves the repository")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_codeowners_means() {
        for (pattern, yes, no) in [
            ("*.rs", "src/deep/a.rs", "src/a.toml"),
            ("src/auth/**", "src/auth/deep/a.rs", "src/author.rs"),
            ("src/auth/", "src/auth/a.rs", "src/auth"),
            ("/docs", "docs/deep/a.md", "src/docs/a.md"),
            ("docs/*", "docs/a.md", "docs/deep/a.md"),
            ("vendor", "a/vendor/b/c.rs", "a/vendored.rs"),
            ("src/a.rs", "src/a.rs", "b/src/a.rs"),
        ] {
            let paths = Paths::new(&[pattern.to_owned()]).unwrap();
            assert!(paths.contains(yes), "{pattern} means {yes}");
            assert!(!paths.contains(no), "{pattern} does not mean {no}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for pattern in ["", "!a", "../a", "a[", "#a"] {
            assert!(
                Paths::new(&["ok".to_owned(), pattern.to_owned()]).is_err_and(|(index, _)| index == 1),
                "{pattern}"
            );
        }
    }

    #[test]
    fn no_path_is_a_panic() {
        let paths = Paths::new(&["src/*".to_owned(), "lib".to_owned()]).unwrap();
        for path in ["", "/", "//x", "/src/a.rs", "../x", "./src/a.rs"] {
            paths.contains(path);
        }
    }
}
