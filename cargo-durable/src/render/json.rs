//! Everything an outcome holds, documented in `docs/json.md` and `docs/schemas/check.json`.
//!
//! Within one version fields are added and never renamed, removed or given another meaning.

use std::io::{self, Write};

use durable_lints::finding::{Finding, Position, Span};
use durable_lints::fix::Applicability;
use schemars::JsonSchema;
use serde::Serialize;

use super::controls::{self, ControlView};
use super::statistics::{self, Row};
use super::summary::Summary;
use super::text::{Lines, Sources};
use super::{Options, machine};
use crate::outcome::{Exempt, Judged, Outcome, Status};

/// The version of the document.
const VERSION: u32 = 1;

/// What `cargo durable check --message-format json` writes.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "cargo durable check", rename = "Document")]
struct Document<'a> {
    /// The version of this document's form; 1.
    version: u32,
    /// What wrote it.
    tool: ToolView<'a>,
    /// Every finding at `audit` or above, the exempt ones too, sorted by file, place and lint.
    findings: Vec<FindingView<'a>>,
    /// What could not be checked; not empty means exit code 2.
    unchecked: Vec<UncheckedView<'a>>,
    /// Remarks in one line each.
    notes: Vec<&'a str>,
    /// The security requirements of the policy, each with what enforces it.
    controls: Vec<ControlView<'a>>,
    /// The counts.
    summary: SummaryView,
    /// The counts by lint, with `--statistics`.
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<StatisticsView>,
}

/// The counts by lint.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Statistics")]
struct StatisticsView {
    /// One row a lint and level, what fails most first.
    lints: Vec<Row>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tool")]
struct ToolView<'a> {
    /// `cargo-durable`.
    name: &'a str,
    /// Its version.
    version: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingView<'a> {
    /// Its identity, which edits elsewhere do not change.
    id: &'a str,
    /// The lint that speaks.
    lint: &'a str,
    /// The lint's group.
    group: &'a str,
    /// `audit`, `warn`, `deny` or `forbid`: the level under the policy and the command line; with
    /// `--profile audit`, under which nothing fails, also `allow`.
    level: &'a str,
    /// `low`, `medium`, `high` or `critical`: what an attacker gains at worst.
    severity: &'a str,
    /// `medium` or `high`: how often such findings are right.
    confidence: &'a str,
    /// The weaknesses, as CWE numbers.
    cwe: &'a [u32],
    /// `new`, `exempt` (an exemption in durable.lock) or `allowed` (an attribute or comment in source).
    status: &'a str,
    /// Whether it makes the check fail.
    fails: bool,
    /// The team that answers for the place.
    owner: Option<&'a str>,
    /// What lets it through, where its status is not `new`.
    exemption: Option<ExemptionView<'a>>,
    /// The file, relative to the workspace root, with `/` between its parts.
    file: &'a str,
    /// The package the file belongs to.
    package: Option<&'a str>,
    /// The item or table around the place.
    item: &'a str,
    /// The place.
    span: SpanView,
    /// What is wrong.
    message: &'a str,
    /// What is to be seen at the place; may be empty.
    label: &'a str,
    /// Further places in the same file.
    labels: Vec<LabelView<'a>>,
    /// What to do.
    help: Option<&'a str>,
    /// Edits that would do it.
    fix: Option<FixView<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Exemption")]
struct ExemptionView<'a> {
    /// Who answers for it.
    owner: Option<&'a str>,
    /// Why.
    reason: Option<&'a str>,
    /// Its last day, `YYYY-MM-DD`.
    expires: Option<String>,
    /// `waiver` or `mitigated`.
    category: &'a str,
}

/// A range of text.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Span")]
struct SpanView {
    /// Where it starts.
    start: PlaceView,
    /// One past where it ends.
    end: PlaceView,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Place")]
struct PlaceView {
    /// The byte, from 0.
    byte: u32,
    /// The line, from 1.
    line: u32,
    /// The column, from 1, in Unicode scalar values.
    column: u32,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Label")]
struct LabelView<'a> {
    /// Where.
    span: SpanView,
    /// What is to be seen there.
    text: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fix")]
struct FixView<'a> {
    /// What it does.
    title: &'a str,
    /// `safe` or `needs_review`.
    applicability: &'a str,
    /// The edits to the finding's file, in order, without overlap.
    edits: Vec<EditView<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Edit")]
struct EditView<'a> {
    /// What is replaced; empty to insert.
    span: SpanView,
    /// What comes in its place.
    text: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Unchecked")]
struct UncheckedView<'a> {
    /// The file, relative to the workspace root where it lies below it.
    path: &'a str,
    /// The line, where it is known.
    line: Option<u32>,
    /// The column, where it is known.
    column: Option<u32>,
    /// What is in the way.
    reason: &'a str,
    /// What mends it.
    help: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Summary")]
struct SummaryView {
    /// New findings that make the check fail.
    denied: u64,
    /// New findings that are shown and let pass.
    warnings: u64,
    /// New findings that are recorded only.
    audited: u64,
    /// Findings that an exemption in durable.lock covers.
    exempt: u64,
    /// Findings that an attribute or comment in source covers.
    allowed: u64,
    /// Places that could not be checked.
    unchecked: u64,
    /// Files looked at.
    files: u64,
    /// Packages looked at.
    packages: u64,
    /// Rust files among them that say that a generator wrote them; matters of style are spared there.
    generated: u64,
}

/// Writes the document.
pub(super) fn write(outcome: &Outcome, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut sources = Sources::new(outcome);
    let findings = outcome.findings.iter().map(|judged| view(judged, sources.lines(&judged.finding.file)));
    let not_run = outcome.not_run.iter().map(|missed| &missed.reason);
    let document = Document {
        version: VERSION,
        tool: ToolView { name: "cargo-durable", version: options.version },
        findings: findings.collect(),
        unchecked: outcome.unchecked.iter().map(unchecked).collect(),
        notes: outcome.notes.iter().chain(not_run).map(String::as_str).collect(),
        controls: controls::of(outcome),
        summary: summary(Summary::of(outcome)),
        statistics: options.statistics.then(|| StatisticsView { lints: statistics::rows(outcome) }),
    };
    machine::write_pretty(&document, out)
}

/// The JSON Schema of the document, as `docs/schemas/check.json` holds it.
pub fn schema() -> String {
    let generator = schemars::generate::SchemaSettings::draft07().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<Document<'_>>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

fn view<'a>(judged: &'a Judged, lines: Option<&Lines<'_>>) -> FindingView<'a> {
    let Finding { lint, file, package, item, message, label, labels, help, fix, id, confidence, .. } =
        &judged.finding;
    let (status, exemption) = match &judged.status {
        Status::New => ("new", None),
        Status::Exempt(exempt) => ("exempt", Some(exemption(exempt))),
        Status::AllowedInSource(exempt) => ("allowed", Some(exemption(exempt))),
    };
    FindingView {
        id,
        lint: lint.name,
        group: lint.group,
        level: judged.level.name(),
        severity: lint.severity.name(),
        confidence: match confidence {
            durable_lints::lint::Confidence::Medium => "medium",
            durable_lints::lint::Confidence::High => "high",
        },
        cwe: lint.cwe,
        status,
        fails: judged.fails(),
        owner: judged.owner.as_deref(),
        exemption,
        file,
        package: package.as_deref(),
        item,
        span: place(&judged.finding),
        message,
        label,
        labels: labels
            .iter()
            .map(|label| LabelView { span: span(label.span, lines), text: &label.text })
            .collect(),
        help: help.as_deref(),
        fix: fix.as_ref().map(|fix| FixView {
            title: &fix.title,
            applicability: match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::NeedsReview => "needs_review",
            },
            edits: fix
                .edits
                .iter()
                .map(|edit| EditView { span: span(edit.span, lines), text: &edit.text })
                .collect(),
        }),
    }
}

fn exemption(exempt: &Exempt) -> ExemptionView<'_> {
    ExemptionView {
        owner: exempt.owner.as_deref(),
        reason: exempt.reason.as_deref(),
        expires: exempt.expires.map(|date| date.to_string()),
        category: exempt.category,
    }
}

fn place(finding: &Finding) -> SpanView {
    let at = |byte, at: Position| PlaceView { byte, line: at.line.max(1), column: at.column.max(1) };
    SpanView { start: at(finding.span.start, finding.start), end: at(finding.span.end, finding.end) }
}

/// A span with its lines and columns; 1 where the text is not known.
fn span(span: Span, lines: Option<&Lines<'_>>) -> SpanView {
    let at = |byte: u32| {
        let at = lines.map_or(Position { line: 1, column: 1 }, |lines| lines.position(byte as usize));
        PlaceView { byte, line: at.line, column: at.column }
    };
    SpanView { start: at(span.start), end: at(span.end) }
}

fn unchecked(place: &durable_lints::report::Unchecked) -> UncheckedView<'_> {
    UncheckedView {
        path: &place.path,
        line: place.at.map(|at| at.line),
        column: place.at.map(|at| at.column),
        reason: &place.reason,
        help: place.help.as_deref(),
    }
}

fn summary(of: Summary) -> SummaryView {
    let Summary { denied, warnings, audited, exempt, allowed, unchecked, files, packages, generated, .. } =
        of;
    SummaryView { denied, warnings, audited, exempt, allowed, unchecked, files, packages, generated }
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::fixture::{rich, written};
    use serde_json::{Value, json};

    #[test]
    fn the_document_holds_everything() {
        let document: Value = serde_json::from_str(&written(Format::Json, &rich())).unwrap();
        assert_eq!(document["version"], 1);
        assert_eq!(document["findings"].as_array().unwrap().len(), 4);
        let finding = &document["findings"][1];
        assert_eq!(finding["span"]["start"], json!({ "byte": 50, "line": 3, "column": 15 }));
        assert_eq!(finding["labels"][0]["span"]["end"], json!({ "byte": 34, "line": 2, "column": 21 }));
        assert_eq!(finding["fix"]["edits"][0]["text"], "false");
        assert_eq!(
            document["findings"][2]["exemption"],
            json!({ "owner": "payments", "reason": "partner X migrates", "expires": "2027-01-31", "category": "waiver" })
        );
        assert_eq!(document["summary"]["denied"], 1);
        assert_eq!(document["unchecked"][0]["line"], 7);
    }

    #[test]
    fn the_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schemas/check.json");
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, super::schema()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == super::schema(), "run this test with UPDATE_SCHEMAS=1 and commit the schema");
    }
}
