//! Patterns of a policy as lines that a host reads.

use super::Host;

/// The patterns that mean to a host what one means in a policy.
///
/// # Errors
/// What the host does not know, with what to write instead.
pub fn lines(host: Host, pattern: &str) -> Result<Vec<String>, String> {
    let written = written(host, pattern)?;
    Ok(match host {
        Host::Github => vec![written],
        Host::Gitlab => gitlab(&written),
    })
}

/// The pattern with its spaces escaped, and no other escape that it does not need.
fn written(host: Host, pattern: &str) -> Result<String, String> {
    let name = host.name();
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    let mut space = true;
    while let Some(first) = chars.next() {
        let (c, escaped) = match first {
            '\\' => (chars.next().unwrap_or('\\'), true),
            c => (c, false),
        };
        match c {
            c if c.is_control() => return Err("has a control character, which no line can hold".into()),
            c if c.is_whitespace() => out.extend(['\\', c]),
            '[' | ']' => {
                return Err(format!("has `{c}`, and {name} knows no ranges; write a pattern for each path"));
            }
            '{' | '}' => {
                return Err(format!(
                    "has `{c}`, and {name} knows no alternatives; write a pattern for each path"
                ));
            }
            '*' | '?' | '\\' if escaped => {
                return Err(format!(
                    "has `\\{c}`, which {name} does not promise to read; name the folder around it"
                ));
            }
            '#' if out.is_empty() && host == Host::Gitlab => out.push_str("\\#"),
            '#' if space => {
                return Err(format!(
                    "has a part that begins with `#`, which {name} reads as a comment; name the folder around it"
                ));
            }
            '!' if out.is_empty() => {
                return Err(format!(
                    "begins with `!`, which {name} does not promise to read; name the folder around it"
                ));
            }
            c => out.push(c),
        }
        space = c.is_whitespace();
    }
    Ok(out)
}

fn gitlab(pattern: &str) -> Vec<String> {
    if matches!(pattern, "*" | "**") {
        return vec!["*".to_owned()];
    }
    let body = pattern.strip_suffix('/').unwrap_or(pattern);
    // There a pattern starts at the root only where it begins with a slash.
    let free = !body.contains('/') || body.starts_with("**/");
    let mut own = if free || body.starts_with('/') { pattern.to_owned() } else { format!("/{pattern}") };
    if own == "**/" || own.ends_with("/**/") {
        own.insert_str(own.len() - 1, "/*");
        return vec![own];
    }
    if own.ends_with("/**") {
        own.truncate(own.len() - 2);
        return vec![own];
    }
    if own.ends_with('/') || pattern.ends_with("/*") {
        return vec![own];
    }
    // It may be a file or a folder, which are two patterns there.
    let folder = format!("{own}/");
    vec![own, folder]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Patterns, parse};
    use super::*;

    #[test]
    fn a_pattern_on_each_host() {
        for (pattern, github, gitlab) in [
            ("*", "*", "*"),
            ("*.pem", "*.pem", "*.pem *.pem/"),
            ("/crates/auth/", "/crates/auth/", "/crates/auth/"),
            ("src/auth/**", "src/auth/**", "/src/auth/"),
            ("docs/*", "docs/*", "/docs/*"),
            ("my docs/", "my\\ docs/", "my\\ docs/"),
            ("my\\ docs/", "my\\ docs/", "my\\ docs/"),
            ("a#b", "a#b", "a#b a#b/"),
        ] {
            assert_eq!(lines(Host::Github, pattern).unwrap().join(" "), github);
            assert_eq!(lines(Host::Gitlab, pattern).unwrap().join(" "), gitlab);
        }
    }

    #[test]
    fn what_no_line_can_say_is_refused() {
        for (pattern, said) in [
            ("[ab].rs", "no ranges"),
            ("a.{rs,md}", "no alternatives"),
            ("\\!a", "begins with `!`"),
            ("a\nb @evil", "control character"),
            ("\\*", "does not promise"),
        ] {
            for host in [Host::Github, Host::Gitlab] {
                assert!(lines(host, pattern).is_err_and(|error| error.contains(said)), "{pattern}");
            }
        }
        assert!(lines(Host::Github, "\\#a").is_err());
        assert!(lines(Host::Github, "a #b").is_err());
        assert_eq!(lines(Host::Gitlab, "\\#a").unwrap()[0], "\\#a");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_line_means_what_the_pattern_means(
            pattern in "/?(a|b|\\*|\\*\\*|a\\*|\\?|\\.x|c d)(/(a|b|\\*|\\*\\*|\\*\\.x|c d|b\\?)){0,3}/?",
            path in "(a|b|ab|\\.x|a\\.x|c d)(/(a|b|ab|c d|b\\.x)){0,4}",
        ) {
            let meant = Patterns::new(Host::Github, [&*pattern]).unwrap().contains(&path);
            for host in [Host::Github, Host::Gitlab] {
                let lines = lines(host, &pattern).unwrap();
                let text: String = lines.iter().map(|line| format!("{line} @a\n")).collect();
                let read = parse(host, &text);
                prop_assert_eq!(&read.problems, &[], "{}", text);
                prop_assert_eq!(read.compiled(host).unwrap().rule_of(&path).is_some(), meant, "{:?} {} {}", host, text, path);
            }
        }
    }
}
