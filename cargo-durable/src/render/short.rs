//! One line a finding: `path:line:column: error[lint]: message`.

use std::io::{self, Write};

use super::text::one_line;
use super::{Names, Options, shown, statistics, summary, word};
use crate::outcome::{Judged, Outcome};

/// Writes the findings, what could not be checked, and the summary.
pub(super) fn write(outcome: &Outcome, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::of(outcome);
    for judged in shown(outcome, options) {
        writeln!(out, "{}", line(judged, &names))?;
    }
    for place in &outcome.unchecked {
        let at = place.at.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
        writeln!(out, "{}{at}: error: not checked: {}", one_line(&place.path), one_line(&place.reason))?;
    }
    if options.statistics {
        writeln!(out, "{}", statistics::table(outcome))?;
    }
    if options.quiet {
        return Ok(());
    }
    for note in &outcome.notes {
        writeln!(out, "note: {}", one_line(note))?;
    }
    writeln!(out, "{}", summary::Summary::of(outcome))
}

fn line(judged: &Judged, names: &Names) -> String {
    let finding = &judged.finding;
    let (path, message) = (one_line(&finding.file), one_line(&finding.message));
    let (line, column) = (finding.start.line.max(1), finding.start.column.max(1));
    let owner = judged.owner.as_ref().map(|owner| format!("owner {}", one_line(owner)));
    let known: Vec<String> =
        names.name(judged).map(|name| name.to_string()).into_iter().chain(owner).collect();
    let known = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
    format!("{path}:{line}:{column}: {}[{}]: {message}{known}", word(judged), finding.lint.name)
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::fixture::{rich, single, written};

    #[test]
    fn a_finding_is_one_line() {
        assert_eq!(
            written(Format::Short, &rich()),
            "Cargo.toml:1:1: warning[missing_flags]: overflow checks are off (11)
src/tls.rs:3:15: error[disabled_checks]: this client accepts any certificate (00112233, owner identity)
src/new syntax.rs:7:3: error: not checked: syntax newer than the parser
note: the dependency graph comes from Cargo.lock; run `cargo fetch`
1 denied, 1 warning, 1 exempt, 1 allowed in source, 1 not checked; 12 files in 1 package
"
        );
    }

    #[test]
    fn a_line_break_in_a_path_or_message_makes_no_line() {
        let mut outcome = single("a\nb.rs", "x", "x");
        outcome.findings[0].finding.message = "m\nerror: n\u{1b}[0m".into();
        let text = written(Format::Short, &outcome);
        assert!(
            text.starts_with("a␊b.rs:1:1: error[disabled_checks]: m␊error: n␛[0m (00112233)\n"),
            "{text}"
        );
    }
}
