//! SARIF 2.1.0, within the limits of GitHub's code scanning.

mod line_hash;
mod log;
mod rules;
mod uri;

use std::collections::BTreeMap;
use std::io::{self, Write};

use durable_lints::finding::{Finding, Position, Span};
use durable_lints::fix::Fix;
use durable_lints::lint::Level;
use durable_lints::report::Unchecked;

use self::line_hash::LineHashes;
use self::log::{
    ArtifactChange, ArtifactLocation, FixObject, Invocation, Location, Log, LogicalLocation, Notification,
    PhysicalLocation, Region, Replacement, ResultObject, ResultProperties, Run, Suppression,
    SuppressionProperties, Text, Tool, ToolComponent,
};
use self::rules::Rules;
use super::text::{Lines, Sources};
use super::{Options, failing_first, machine, word};
use crate::exit;
use crate::outcome::{Exempt, Judged, Outcome, Status};

/// GitHub refuses a run with more results.
const MOST_RESULTS: usize = 25_000;
/// GitHub shows no more places of a result.
const MOST_RELATED: usize = 100;
/// Longer source stays out of a region; the viewer has the file.
const LONG_SNIPPET: u32 = 1000;
/// What paths are relative to.
const ROOT: &str = "%SRCROOT%";

/// Writes the log.
pub(super) fn write(outcome: &Outcome, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_at_most(MOST_RESULTS, outcome, options, out)
}

fn write_at_most(
    most: usize,
    outcome: &Outcome,
    options: &Options<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let recorded = outcome.findings.iter().filter(|judged| options.show_exempt || recorded(judged));
    let mut findings: Vec<&Judged> = recorded.collect();
    let left_out = findings.len().saturating_sub(most);
    if left_out > 0 {
        findings = failing_first(findings.into_iter());
        findings.truncate(most);
        findings.sort_by_key(|judged| (&judged.finding.file, judged.finding.span, judged.finding.lint.name));
    }
    let rules = Rules::new(outcome);
    let indices = rules.indices();
    let mut sources = Sources::new(outcome);
    let mut hashes = LineHashes::default();
    let results = findings.into_iter().map(|judged| {
        let index = indices.get(judged.finding.lint.name).copied().unwrap_or(0);
        result(judged, index, sources.lines(&judged.finding.file), &mut hashes)
    });
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            results: results.collect(),
            tool: Tool { driver: driver(&rules, options.version) },
            invocations: [invocation(outcome, left_out, most)],
            original_uri_base_ids: BTreeMap::from([(
                ROOT,
                ArtifactLocation { uri: uri::folder(outcome.root.as_str()), uri_base_id: None },
            )]),
            column_kind: "unicodeCodePoints",
            taxonomies: rules.taxonomies(),
        }],
    };
    machine::write_pretty(&log, out)
}

/// What is exempt is recorded as suppressed; what is only audited is not for others' dashboards.
fn recorded(judged: &Judged) -> bool {
    judged.effect() >= Level::Warn
}

fn driver<'a>(rules: &Rules<'a>, version: &str) -> ToolComponent<'a> {
    ToolComponent {
        name: "cargo-durable",
        semantic_version: Some(version.to_owned()),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: rules.rules(version),
        supported_taxonomies: rules.supported(),
        ..ToolComponent::default()
    }
}

fn invocation(outcome: &Outcome, left_out: usize, most: usize) -> Invocation {
    let mut notifications: Vec<Notification> = outcome.unchecked.iter().map(unchecked).collect();
    let note =
        |level, text: String| Notification { level, message: Text::plain(text), locations: Vec::new() };
    if left_out > 0 {
        let text = format!(
            "{left_out} findings are left out: a run may have {most} results. What fails the check comes first."
        );
        notifications.push(note("warning", text));
    }
    let not_run = outcome.not_run.iter().map(|missed| &missed.reason);
    notifications.extend(outcome.notes.iter().chain(not_run).map(|text| note("note", sentence(text))));
    Invocation {
        execution_successful: outcome.unchecked.is_empty(),
        exit_code: exit::code(outcome),
        tool_execution_notifications: notifications,
    }
}

fn unchecked(place: &Unchecked) -> Notification {
    let mut text = sentence(&format!("not checked: {}", place.reason));
    if let Some(help) = &place.help {
        text += &format!(" {}", sentence(help));
    }
    let region = place.at.map(|at| region(at, at));
    Notification {
        level: "error",
        message: Text::plain(text),
        locations: vec![location(&place.path, region)],
    }
}

fn result(
    judged: &Judged,
    rule_index: usize,
    lines: Option<&Lines<'_>>,
    hashes: &mut LineHashes,
) -> ResultObject {
    let finding = &judged.finding;
    let mut text = sentence(&finding.message);
    if let Some(help) = &finding.help {
        text += &format!(" {}", sentence(help));
    }
    let mut fingerprints = BTreeMap::from([("durable/v1", finding.id.clone())]);
    if let Some(hash) =
        lines.and_then(|lines| hashes.of(&finding.file, lines.text, finding.start.line.max(1)))
    {
        fingerprints.insert("primaryLocationLineHash", hash);
    }
    ResultObject {
        rule_id: finding.lint.name,
        rule_index,
        // A suppressed result keeps its level: the suppression says that it is let through.
        level: if judged.effect() >= Level::Deny { "error" } else { word(judged) },
        message: Text::plain(text),
        locations: [primary(finding, lines)],
        related_locations: related(finding, lines),
        partial_fingerprints: fingerprints,
        suppressions: suppressions(&judged.status),
        fixes: finding.fix.iter().zip(lines).filter_map(|(fix, lines)| change(finding, fix, lines)).collect(),
        properties: ResultProperties {
            level: judged.level.name(),
            owner: judged.owner.clone(),
            package: finding.package.as_deref().map(str::to_owned),
        },
    }
}

fn primary(finding: &Finding, lines: Option<&Lines<'_>>) -> Location {
    let mut region = region(finding.start, finding.end);
    let text = lines
        .filter(|_| finding.span.len() <= LONG_SNIPPET)
        .and_then(|lines| lines.text.get(finding.span.range()));
    region.snippet = text.filter(|text| !text.is_empty()).map(Text::plain);
    let mut location = location(&finding.file, Some(region));
    if !finding.item.is_empty() {
        location.logical_locations.push(LogicalLocation { fully_qualified_name: finding.item.clone() });
    }
    location
}

fn related(finding: &Finding, lines: Option<&Lines<'_>>) -> Vec<Location> {
    let Some(lines) = lines else { return Vec::new() };
    let labels = finding.labels.iter().take(MOST_RELATED).enumerate();
    let related = labels.map(|(index, label)| Location {
        id: Some(index),
        message: Some(Text::plain(sentence(&label.text))),
        ..location(&finding.file, Some(span_region(label.span, lines)))
    });
    related.collect()
}

fn suppressions(status: &Status) -> Vec<Suppression> {
    let suppression = |kind, exempt: &Exempt| Suppression {
        kind,
        status: "accepted",
        justification: exempt.reason.clone(),
        properties: SuppressionProperties {
            category: exempt.category,
            owner: exempt.owner.clone(),
            expires: exempt.expires.map(|date| date.to_string()),
        },
    };
    match status {
        Status::New => Vec::new(),
        Status::Exempt(exempt) => vec![suppression("external", exempt)],
        Status::AllowedInSource(exempt) => vec![suppression("inSource", exempt)],
    }
}

fn change(finding: &Finding, fix: &Fix, lines: &Lines<'_>) -> Option<FixObject> {
    if fix.edits.is_empty() || !fix.edits.iter().all(|edit| lines.holds(edit.span)) {
        return None;
    }
    let replacements = fix.edits.iter().map(|edit| Replacement {
        deleted_region: span_region(edit.span, lines),
        inserted_content: Some(&edit.text).filter(|text| !text.is_empty()).map(Text::plain),
    });
    Some(FixObject {
        description: Text::plain(sentence(&fix.title)),
        artifact_changes: [ArtifactChange {
            artifact_location: artifact(&finding.file),
            replacements: replacements.collect(),
        }],
    })
}

fn location(path: &str, region: Option<Region>) -> Location {
    Location {
        id: None,
        physical_location: PhysicalLocation { artifact_location: artifact(path), region },
        message: None,
        logical_locations: Vec::new(),
    }
}

/// A file: below the root by its relative path, elsewhere by its whole one.
fn artifact(path: &str) -> ArtifactLocation {
    match uri::is_absolute(path) {
        true => ArtifactLocation { uri: uri::file(path), uri_base_id: None },
        false => ArtifactLocation { uri: uri::relative(path), uri_base_id: Some(ROOT) },
    }
}

fn span_region(span: Span, lines: &Lines<'_>) -> Region {
    let range = lines.clamp(span);
    region(lines.position(range.start), lines.position(range.end))
}

fn region(start: Position, end: Position) -> Region {
    let start = Position { line: start.line.max(1), column: start.column.max(1) };
    let end = end.max(start);
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column.max(1),
        snippet: None,
    }
}

/// A message as a sentence. Brackets before parentheses would be a link, and the text may quote
/// source that others wrote.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let mut text = first + letters.as_str();
    if text.contains("](") {
        text = text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
    }
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::Format;
    use crate::render::fixture::{OPTIONS, rich, single, written};

    fn run(outcome: &crate::outcome::Outcome) -> Value {
        let log: Value = serde_json::from_str(&written(Format::Sarif, outcome)).unwrap();
        log["runs"][0].clone()
    }

    #[test]
    fn a_result_names_its_rule_place_change_and_identity() {
        let run = run(&rich());
        let result = &run["results"][1];
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert_eq!(result["level"], "error");
        assert_eq!(
            result["message"]["text"],
            "This client accepts any certificate. Trust your own authority with `add_root_certificate`."
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"], json!({ "uri": "src/tls.rs", "uriBaseId": "%SRCROOT%" }));
        assert_eq!(place["region"]["startColumn"], 15);
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "Turned off here.");
        assert_eq!(result["partialFingerprints"]["durable/v1"], "v1:00112233445566778899aabbccddeeff");
        let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!(change["insertedContent"]["text"], "false");
        assert_eq!(change["deletedRegion"]["startColumn"], 43);
    }

    #[test]
    fn what_is_let_through_is_suppressed() {
        let run = run(&rich());
        assert_eq!(run["results"][0]["suppressions"], json!([]));
        assert_eq!(run["results"][2]["suppressions"][0]["kind"], "external");
        assert_eq!(run["results"][3]["suppressions"][0]["kind"], "inSource");
        assert_eq!(run["results"][2]["suppressions"][0]["justification"], "partner X migrates");
    }

    #[test]
    fn a_rule_carries_its_documentation_and_weaknesses() {
        let run = run(&rich());
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["id"] == "disabled_checks").unwrap();
        assert_eq!(rule["name"], "DisabledChecks");
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("```rust\n"));
        assert!(rule["fullDescription"]["text"].as_str().unwrap().ends_with("off in all of them."));
        assert_eq!(
            rule["properties"]["tags"],
            json!(["security", "transport", "external/cwe/cwe-295", "external/cwe/cwe-020"])
        );
        assert_eq!(rule["properties"]["security-severity"], "9.5");
        let taxon = rule["relationships"][0]["target"]["index"].as_u64().unwrap() as usize;
        assert_eq!(run["taxonomies"][0]["taxa"][taxon]["id"], "295");
    }

    #[test]
    fn a_run_that_could_not_see_everything_says_so() {
        let run = run(&rich());
        let invocation = &run["invocations"][0];
        assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&json!(false), &json!(2)));
        let notification = &invocation["toolExecutionNotifications"][0];
        assert_eq!(
            notification["message"]["text"],
            "Not checked: syntax newer than the parser. Update cargo-durable."
        );
        let place = &notification["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "src/new%20syntax.rs");
        assert_eq!(run["originalUriBaseIds"]["%SRCROOT%"]["uri"], "file:///work%20space/");
    }

    #[test]
    fn too_many_results_are_cut_and_that_is_told() {
        let mut out = Vec::new();
        super::write_at_most(1, &rich(), &OPTIONS, &mut out).unwrap();
        let log: Value = serde_json::from_slice(&out).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), 1);
        assert_eq!(run["results"][0]["ruleId"], "disabled_checks");
        let told = &run["invocations"][0]["toolExecutionNotifications"][1]["message"]["text"];
        assert!(told.as_str().unwrap().starts_with("3 findings are left out"), "{told}");
    }

    #[test]
    fn a_message_makes_no_link() {
        let mut outcome = single("a.rs", "x", "x");
        outcome.findings[0].finding.message = "see [here](https://evil.example)".into();
        assert_eq!(run(&outcome)["results"][0]["message"]["text"], "See \\[here\\](https://evil.example).");
    }
}
