//! What `cargo check --message-format=json` writes, so that rust-analyzer's
//! `check.overrideCommand` shows the findings and offers their fixes.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock};

use camino::Utf8Path;
use durable_lints::finding::{Finding, Position, Span};
use durable_lints::fix::{Applicability, Fix};
use durable_lints::homes::Package;
use durable_lints::load::{self, Told};
use durable_lints::report::Unchecked;
use serde::Serialize;
use url::Url;

use super::text::{Lines, Sources, visible};
use super::{Names, Options, human, machine, shown, word};
use crate::exit;
use crate::outcome::{Judged, Outcome};

#[derive(Serialize)]
struct CompilerMessage<'a> {
    reason: &'static str,
    package_id: String,
    manifest_path: String,
    target: Target<'a>,
    message: Diagnostic,
}

#[derive(Serialize)]
struct Target<'a> {
    kind: &'a [Arc<str>],
    crate_types: &'a [Arc<str>],
    name: &'a str,
    src_path: String,
    edition: String,
    doc: bool,
    doctest: bool,
    test: bool,
}

#[derive(Serialize)]
struct BuildFinished {
    reason: &'static str,
    success: bool,
}

#[derive(Serialize)]
struct Diagnostic {
    #[serde(rename = "$message_type")]
    kind: &'static str,
    message: String,
    code: Option<Code>,
    level: &'static str,
    spans: Vec<DiagnosticSpan>,
    children: Vec<Diagnostic>,
    rendered: Option<String>,
}

#[derive(Serialize)]
struct Code {
    code: String,
    explanation: Option<&'static str>,
}

#[derive(Serialize)]
struct DiagnosticSpan {
    file_name: String,
    byte_start: u32,
    byte_end: u32,
    line_start: u32,
    line_end: u32,
    column_start: u32,
    column_end: u32,
    is_primary: bool,
    text: Vec<SpanLine>,
    label: Option<String>,
    suggested_replacement: Option<String>,
    suggestion_applicability: Option<&'static str>,
    expansion: Option<()>,
}

#[derive(Serialize)]
struct SpanLine {
    text: String,
    highlight_start: usize,
    highlight_end: usize,
}

/// What code without a package is taken for.
const EDITION: u16 = 2021;

/// A span names at most so many of its lines, and none longer than so many bytes: editors have
/// the file, and a minified one would be repeated with every finding.
const LINES: usize = 20;
const LINE_BYTES: usize = 2000;

/// Writes one line a finding, and one that ends the run.
pub(super) fn write(outcome: &Outcome, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut sources = Sources::new(outcome);
    let loose = loose(outcome);
    let mut send = |file: &str, message: Diagnostic| {
        let (package, target) = outcome.homes.of(file).unwrap_or((&loose, None));
        machine::write_line(&compiler_message(outcome, package, target, file, message), out)
    };
    let names = Names::of(outcome);
    for judged in shown(outcome, options) {
        let finding = &judged.finding;
        let lines = sources.lines(&finding.file);
        let rendered = human::plain(judged, lines, names.name(judged));
        send(&finding.file, diagnostic(judged, lines, rendered))?;
    }
    for place in &outcome.unchecked {
        send(&place.path, unchecked(place))?;
    }
    for note in &outcome.notes {
        send("", plain("note", visible(note).into_owned()))?;
    }
    let success = exit::code(outcome) == exit::CLEAN;
    machine::write_line(&BuildFinished { reason: "build-finished", success }, out)
}

/// A message with the package and target that cargo would name for the file.
fn compiler_message<'a>(
    outcome: &Outcome,
    package: &'a Package,
    target: Option<&'a load::Target>,
    file: &str,
    message: Diagnostic,
) -> CompilerMessage<'a> {
    static NONE: LazyLock<Told> = LazyLock::new(|| Told {
        kind: vec!["lib".into()],
        crate_types: vec!["lib".into()],
        edition: EDITION,
        ..Told::default()
    });
    let folder = outcome.root.join(&*package.folder);
    let told = target.map_or(&*NONE, |target| &target.told);
    let target = Target {
        kind: &told.kind,
        crate_types: &told.crate_types,
        name: if told.name.is_empty() { &package.name } else { &told.name },
        src_path: outcome.root.join(target.map_or(file, |target| &target.root)).into_string(),
        edition: told.edition.to_string(),
        doc: told.doc,
        doctest: told.doctest,
        test: told.test,
    };
    CompilerMessage {
        reason: "compiler-message",
        package_id: package_id(&folder, &package.name, &package.version),
        manifest_path: folder.join("Cargo.toml").into_string(),
        target,
        message,
    }
}

/// The specification by which cargo names a package of the workspace: the name is left out where
/// the folder says it already.
fn package_id(folder: &Utf8Path, name: &str, version: &str) -> String {
    // An absolute path has an address; the joined root is absolute.
    let address = Url::from_file_path(folder).map_or_else(|()| format!("file://{folder}"), String::from);
    let address = address.trim_end_matches('/');
    match address.rsplit('/').next() {
        Some(last) if last == name => format!("path+{address}#{version}"),
        _ => format!("path+{address}#{name}@{version}"),
    }
}

/// Stands for the package of files that lie in none: readers insist on one.
fn loose(outcome: &Outcome) -> Package {
    let name = outcome.root.file_name().unwrap_or("checkout");
    Package { name: name.into(), version: "0.0.0".into(), folder: "".into(), targets: Vec::new() }
}

fn diagnostic(judged: &Judged, lines: Option<&Lines<'_>>, rendered: String) -> Diagnostic {
    let finding = &judged.finding;
    let mut spans = vec![primary(finding, lines)];
    spans.extend(finding.labels.iter().filter_map(|label| {
        let span = place(finding, label.span, lines?);
        Some(DiagnosticSpan { label: Some(label.text.clone()), ..span })
    }));
    let mut children: Vec<Diagnostic> = Vec::new();
    children.extend(finding.help.iter().map(|help| plain("help", help.clone())));
    children.extend(finding.fix.as_ref().zip(lines).and_then(|(fix, lines)| suggestion(finding, fix, lines)));
    children.extend(judged.owner.iter().map(|owner| plain("note", format!("owner: {owner}"))));
    Diagnostic {
        // Editors split `tool::lint` into a source and a code.
        code: Some(Code { code: format!("durable::{}", finding.lint.name), explanation: None }),
        spans,
        children,
        rendered: Some(rendered),
        ..plain(word(judged), finding.message.clone())
    }
}

/// A message without a place.
fn plain(level: &'static str, message: String) -> Diagnostic {
    let rendered = None;
    Diagnostic { kind: "diagnostic", message, code: None, level, spans: vec![], children: vec![], rendered }
}

fn unchecked(place: &Unchecked) -> Diagnostic {
    let at = place.at.unwrap_or_default();
    let at = Position { line: at.line.max(1), column: at.column.max(1) };
    let span = bare_span(&place.path, Span::new(0, 0), at, at);
    let message = format!("not checked: {}", place.reason);
    Diagnostic {
        spans: vec![DiagnosticSpan { is_primary: true, ..span }],
        children: place.help.iter().map(|help| plain("help", help.clone())).collect(),
        rendered: Some(format!("error: {}\n --> {}\n", visible(&message), visible(&place.path))),
        ..plain("error", message)
    }
}

/// The fix as a child whose spans carry the new text: an editor applies them together.
fn suggestion(finding: &Finding, fix: &Fix, lines: &Lines<'_>) -> Option<Diagnostic> {
    if !fix.edits.iter().all(|edit| lines.holds(edit.span)) {
        return None;
    }
    let applicability = match fix.applicability {
        Applicability::Safe => "MachineApplicable",
        Applicability::NeedsReview => "MaybeIncorrect",
    };
    let spans = fix.edits.iter().map(|edit| DiagnosticSpan {
        is_primary: true,
        suggested_replacement: Some(edit.text.clone()),
        suggestion_applicability: Some(applicability),
        ..place(finding, edit.span, lines)
    });
    Some(Diagnostic { spans: spans.collect(), ..plain("help", fix.title.clone()) })
}

fn primary(finding: &Finding, lines: Option<&Lines<'_>>) -> DiagnosticSpan {
    let span = match lines {
        Some(lines) if lines.holds(finding.span) => place(finding, finding.span, lines),
        _ => bare_span(&finding.file, finding.span, finding.start, finding.end),
    };
    let label = Some(finding.label.clone()).filter(|label| !label.is_empty());
    DiagnosticSpan { is_primary: true, label, ..span }
}

fn place(finding: &Finding, span: Span, lines: &Lines<'_>) -> DiagnosticSpan {
    let range = lines.clamp(span);
    let (start, end) = (lines.position(range.start), lines.position(range.end));
    let text = (start.line..=end.line).take(LINES).map(|line| {
        let range = lines.range(line as usize - 1);
        let length = lines.text[range.clone()].chars().count();
        SpanLine {
            highlight_start: if line == start.line { start.column as usize } else { 1 },
            highlight_end: if line == end.line { end.column as usize } else { length + 1 },
            text: lines.text[range].to_owned(),
        }
    });
    let short = lines.range(start.line as usize - 1).len() <= LINE_BYTES;
    let text = if short { text.filter(|line| line.text.len() <= LINE_BYTES).collect() } else { Vec::new() };
    DiagnosticSpan { text, ..bare_span(&finding.file, span, start, end) }
}

fn bare_span(file: &str, span: Span, start: Position, end: Position) -> DiagnosticSpan {
    DiagnosticSpan {
        file_name: file.to_owned(),
        byte_start: span.start,
        byte_end: span.end,
        line_start: start.line.max(1),
        line_end: end.line.max(start.line).max(1),
        column_start: start.column.max(1),
        column_end: end.column.max(1),
        is_primary: false,
        text: Vec::new(),
        label: None,
        suggested_replacement: None,
        suggestion_applicability: None,
        expansion: None,
    }
}

#[cfg(test)]
mod tests {
    use cargo_metadata::Message;
    use cargo_metadata::diagnostic::{Applicability, DiagnosticLevel};

    use crate::render::Format;
    use crate::render::fixture::{rich, single, written};

    #[test]
    fn cargo_metadata_reads_every_line() {
        let text = written(Format::Rustc, &rich());
        let messages: Vec<Message> = Message::parse_stream(text.as_bytes()).map(Result::unwrap).collect();
        let Message::CompilerMessage(error) = &messages[1] else { panic!("{text}") };
        assert_eq!(error.message.level, DiagnosticLevel::Error);
        assert_eq!(error.message.code.as_ref().unwrap().code, "durable::disabled_checks");
        let (place, label) = (&error.message.spans[0], &error.message.spans[1]);
        assert_eq!(
            (place.line_start, place.column_start, place.column_end, place.is_primary),
            (3, 15, 42, true)
        );
        assert_eq!(place.text[0].highlight_start, 15);
        assert_eq!(label.label.as_deref(), Some("turned off here"));
        let change = &error.message.children[1].spans[0];
        assert_eq!(change.suggested_replacement.as_deref(), Some("false"));
        assert_eq!(change.suggestion_applicability, Some(Applicability::MaybeIncorrect));
        assert!(error.message.rendered.as_ref().unwrap().starts_with("error[disabled_checks]: this client"));
        assert!(matches!(messages.last(), Some(Message::BuildFinished(end)) if !end.success));
    }

    #[test]
    fn a_minified_line_is_not_repeated() {
        let source = format!("{}bad()", "ab;".repeat(300_000));
        assert!(written(Format::Rustc, &single("a.rs", &source, "bad()")).len() < 4000);
    }
}
