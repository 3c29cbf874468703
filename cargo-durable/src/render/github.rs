//! Workflow commands, which GitHub shows as annotations beside the changed lines.
//!
//! A step shows ten of each kind, so what fails comes first.

use std::io::{self, Write};

use super::text::{one_line, visible};
use super::{Options, failing_first, shown, statistics, summary, word};
use crate::outcome::{Judged, Outcome};

/// Writes one command a finding.
pub(super) fn write(outcome: &Outcome, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    for place in &outcome.unchecked {
        let at = place.at.unwrap_or_default();
        let help = place.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
        let message = format!("{}{help}", place.reason);
        let properties = [
            ("file", place.path.to_string()),
            ("line", at.line.max(1).to_string()),
            ("title", "not checked".to_owned()),
        ];
        command("error", &properties, &message, out)?;
    }
    for judged in failing_first(shown(outcome, options)) {
        annotate(judged, out)?;
    }
    if options.statistics {
        writeln!(out, "{}", statistics::table(outcome))?;
    }
    if options.quiet {
        return Ok(());
    }
    for note in &outcome.notes {
        command("notice", &[], note, out)?;
    }
    writeln!(out, "{}", summary::Summary::of(outcome))
}

fn annotate(judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let finding = &judged.finding;
    let kind = match word(judged) {
        "note" => "notice",
        word => word,
    };
    let mut properties = vec![
        ("file", finding.file.to_string()),
        ("line", finding.start.line.max(1).to_string()),
        ("col", finding.start.column.max(1).to_string()),
    ];
    properties.push(("endLine", finding.end.line.max(finding.start.line).max(1).to_string()));
    // GitHub reads the end column only where start and end are on one line.
    if finding.end.line == finding.start.line {
        properties.push(("endColumn", finding.end.column.max(finding.start.column).max(1).to_string()));
    }
    properties.push(("title", finding.lint.name.to_owned()));
    let mut message = finding.message.clone();
    if let Some(help) = &finding.help {
        message += &format!("\nhelp: {help}");
    }
    if let Some(owner) = &judged.owner {
        message += &format!("\nowner: {owner}");
    }
    message += &format!("\nfor more: cargo durable explain {}", finding.lint.name);
    command(kind, &properties, &message, out)
}

fn command(kind: &str, properties: &[(&str, String)], message: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "::{kind}")?;
    for (index, (name, value)) in properties.iter().enumerate() {
        let before = if index == 0 { ' ' } else { ',' };
        write!(out, "{before}{name}={}", property(value))?;
    }
    writeln!(out, "::{}", data(&visible(message)))
}

/// Escapes the message of a command. The text is decoded again, so a `%` that stays would let
/// source code write commands of its own.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command. A path with control characters in it is shown and not found:
/// a log is read in terminals too.
fn property(text: &str) -> String {
    data(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::fixture::{rich, single, written};

    #[test]
    fn a_finding_is_one_command() {
        let text = written(Format::Github, &rich());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "::error file=src/new syntax.rs,line=7,title=not checked::syntax newer than the parser%0Aupdate cargo-durable"
        );
        assert_eq!(
            lines[1],
            "::error file=src/tls.rs,line=3,col=15,endLine=3,endColumn=42,title=disabled_checks::this client \
             accepts any certificate%0Ahelp: trust your own authority with `add_root_certificate`%0Aowner: \
             identity%0Afor more: cargo durable explain disabled_checks"
        );
        assert!(lines[2].starts_with("::warning file=Cargo.toml,line=1,"));
        assert!(lines[3].starts_with("::notice::the dependency graph"));
    }

    #[test]
    fn source_cannot_write_a_command() {
        let mut outcome = single("a,b:c%\n.rs", "x", "x");
        outcome.findings[0].finding.message = "m\r\n::set-env name=A::%0A\u{1b}".into();
        let text = written(Format::Github, &outcome);
        assert!(text.starts_with("::error file=a%2Cb%3Ac%25␊.rs,"), "{text}");
        assert!(text.contains("::m␍%0A::set-env name=A::%250A␛%0Afor more"), "{text}");
    }
}
