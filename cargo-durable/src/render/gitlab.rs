//! A GitLab code quality report.

use std::collections::HashMap;
use std::io::{self, Write};

use durable_lints::lint::Severity;
use serde::Serialize;

use super::{Options, machine, shown, word};
use crate::outcome::{Judged, Outcome};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes the report as one array.
pub(super) fn write(outcome: &Outcome, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    // GitLab shows one of all issues that share a fingerprint.
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut unique = |fingerprint: String| {
        let count = seen.entry(fingerprint.clone()).and_modify(|count| *count += 1).or_insert(1);
        if *count == 1 { fingerprint } else { format!("{fingerprint}:{count}") }
    };
    let mut issues = Vec::new();
    for place in &outcome.unchecked {
        let line = place.at.unwrap_or_default().line.max(1);
        issues.push(Issue {
            description: format!("not checked: {}", place.reason),
            check_name: "not_checked".to_owned(),
            fingerprint: unique(format!("unchecked:{}", hash(&place.path, &place.reason))),
            severity: "major",
            location: Location { path: place.path.to_string(), lines: Lines { begin: line, end: line } },
        });
    }
    issues.extend(shown(outcome, options).map(|judged| issue(judged, unique(judged.finding.id.clone()))));
    machine::write_pretty(&issues, out)
}

fn issue(judged: &Judged, fingerprint: String) -> Issue {
    let finding = &judged.finding;
    let begin = finding.start.line.max(1);
    let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    let owner = judged.owner.as_ref().map(|owner| format!("; owner: {owner}")).unwrap_or_default();
    Issue {
        description: format!("{}{help}{owner}", finding.message),
        check_name: finding.lint.name.to_owned(),
        fingerprint,
        severity: severity(judged),
        location: Location {
            path: finding.file.to_string(),
            lines: Lines { begin, end: finding.end.line.max(begin) },
        },
    }
}

fn severity(judged: &Judged) -> &'static str {
    match (word(judged), judged.finding.lint.severity) {
        ("note", _) => "info",
        (_, Severity::Low) => "minor",
        (_, Severity::Medium) => "major",
        (_, Severity::High) => "critical",
        (_, Severity::Critical) => "blocker",
    }
}

fn hash(path: &str, reason: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(path.as_bytes()).update(b"\0").update(reason.as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::fixture::{rich, single, written};

    #[test]
    fn an_issue_has_all_that_gitlab_asks_for() {
        let report: serde_json::Value = serde_json::from_str(&written(Format::Gitlab, &rich())).unwrap();
        assert_eq!(report.as_array().unwrap().len(), 3);
        assert_eq!(
            report[2],
            serde_json::json!({
                "description": "this client accepts any certificate; trust your own authority with `add_root_certificate`; owner: identity",
                "check_name": "disabled_checks",
                "fingerprint": "v1:00112233445566778899aabbccddeeff",
                "severity": "blocker",
                "location": { "path": "src/tls.rs", "lines": { "begin": 3, "end": 3 } },
            })
        );
    }

    #[test]
    fn equal_identities_get_fingerprints_of_their_own() {
        let mut outcome = single("a.rs", "x", "x");
        outcome.findings.push(outcome.findings[0].clone());
        let report: serde_json::Value = serde_json::from_str(&written(Format::Gitlab, &outcome)).unwrap();
        assert_eq!(report[1]["fingerprint"], "v1:00112233445566778899aabbccddeeff:2");
    }
}
