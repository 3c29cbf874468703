//! `cargo durable explain LINT` and `explain GROUP`.

use std::io::{self, Write};

use durable_lints::lint::Lint;

use super::lints::write_table;
use crate::render::{docs, page};

/// How it is written.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Whether styles may be written.
    pub color: bool,
    /// The width of the terminal in columns; 0 where it is unknown.
    pub width: usize,
    /// The version of the tool.
    pub version: &'a str,
}

/// Writes the documentation of a lint, or the table of a group. The outer error is the writer's;
/// the inner one says that there is no such name, and which may be meant.
///
/// # Errors
/// Where the writer fails.
pub fn run(
    name: &str,
    lints: &[&Lint],
    options: &Options<'_>,
    out: &mut dyn Write,
) -> io::Result<Result<(), String>> {
    let name = name.trim().trim_start_matches("durable::").replace('-', "_");
    if let Some(lint) = lints.iter().find(|lint| lint.name == name) {
        write_lint(lint, options, out)?;
        return Ok(Ok(()));
    }
    let hyphened = name.replace('_', "-");
    let in_group = |lint: &&&Lint| lint.group == name || lint.group == hyphened;
    let group: Vec<&Lint> = lints.iter().filter(in_group).copied().collect();
    if group.is_empty() {
        return Ok(Err(unknown(&name, lints)));
    }
    write_table(&group, options.color, options.width, out)?;
    Ok(Ok(()))
}

fn write_lint(lint: &Lint, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let markdown = docs::markdown(lint);
    let cwe: Vec<String> = lint.cwe.iter().map(|number| format!("CWE-{number}")).collect();
    let facts = [lint.group.to_owned(), lint.level.to_string(), format!("severity {}", lint.severity.name())];
    let facts: Vec<String> = facts.into_iter().chain(cwe).collect();
    let head = format!("# {}\n{}\n\n", lint.name, facts.join(", "));
    out.write_all(docs::terminal(&(head + &markdown), options.color, options.width).as_bytes())?;
    if lint.max_term_days > 0 {
        let term = format!("An exemption from it may last {} days at most.", lint.max_term_days);
        write!(out, "\n{}", docs::terminal(&term, options.color, options.width))?;
    }
    let end = format!("Since {}. On the web: {}", lint.since, page(lint, options.version));
    write!(out, "\n{}", docs::terminal(&end, options.color, options.width))
}

/// What to say where a name means nothing.
pub fn unknown(name: &str, lints: &[&Lint]) -> String {
    let names = lints.iter().flat_map(|lint| [lint.name, lint.group]);
    let shown = name.escape_debug();
    match closest(name, names) {
        Some(near) => format!("there is no lint or group `{shown}`; did you mean `{near}`?"),
        None => format!("there is no lint or group `{shown}`; `cargo durable lints` lists them"),
    }
}

/// The name that is nearest to what was typed, if any is near: by spelling, or as a part.
pub fn closest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let similar = |name: &str| {
        let inside = typed.len() >= 4 && name.contains(typed);
        strsim::jaro_winkler(typed, name).max(if inside { 0.9 } else { 0.0 })
    };
    let scored = names.map(|name| (similar(name), name)).filter(|(score, _)| *score > 0.8);
    let best = scored.max_by(|(a, first), (b, second)| a.total_cmp(b).then(second.cmp(first)));
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture::{CHECKS, FLAGS};

    fn explain(name: &str) -> Result<String, String> {
        let options = Options { color: false, width: 80, version: "0.1.0" };
        let mut out = Vec::new();
        run(name, &[&FLAGS, &CHECKS], &options, &mut out).unwrap()?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_lint_is_its_documentation() {
        let text = explain("disabled-checks").unwrap();
        assert!(
            text.starts_with(
                "disabled_checks\ntransport, deny, severity critical, CWE-295, CWE-20\n\nA TLS client"
            ),
            "{text}"
        );
        assert!(text.contains("\nRefused:\n\n    fn client() { builder().danger_"), "{text}");
        assert!(text.ends_with("durable-lints/docs/disabled_checks.md\n"), "{text}");
    }

    #[test]
    fn a_group_is_the_table_of_its_lints() {
        let text = explain("build").unwrap();
        assert!(text.contains("missing_flags") && !text.contains("disabled_checks"), "{text}");
    }

    #[test]
    fn an_unknown_name_gets_the_nearest() {
        let near = |name| explain(name).unwrap_err();
        assert!(near("disabled_check").ends_with("did you mean `disabled_checks`?"));
        assert!(near("flags").ends_with("did you mean `missing_flags`?"));
        assert!(near("zzz\u{1b}").contains("`zzz\\u{1b}`; `cargo durable lints`"));
    }
}
