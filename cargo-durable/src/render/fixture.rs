//! An outcome to render in tests: lints of its own and a few findings.

use std::sync::Arc;

use durable_lints::finding::{Finding, Label, LintRef, Position, Span};
use durable_lints::fix::Fix;
use durable_lints::lint::{Level, Lint};
use durable_lints::report::{Stats, Unchecked};

use super::{Format, Options, render, text::Lines};
use crate::outcome::{Exempt, Judged, Outcome, Status};

pub(crate) mod transport {
    pub(crate) mod disabled_checks {
        use durable_lints::lint::{Level, Severity};
        durable_lints::declare_lint! {
            /// A TLS client accepts any certificate, so anyone on the path can read its traffic.
            ///
            /// A check that is *off* in `debug` builds is often off in all of them.
            ///
            /// ```rust,bad
            /// fn client() { builder().danger_accept_invalid_certs(true); }
            /// ```
            ///
            /// ```rust,good
            /// fn client() { builder().add_root_certificate(ours()); }
            /// ```
            ///
            /// ## Known limits
            /// - A flag that arrives through a variable is not followed.
            pub static LINT = {
                level: Level::Deny,
                severity: Severity::Critical,
                cwe: &[295, 20],
            }
        }
    }
}

pub(crate) mod build {
    pub(crate) mod missing_flags {
        use durable_lints::lint::Confidence;
        durable_lints::declare_lint! {
            /// A profile leaves overflow checks off.
            pub static LINT = { confidence: Confidence::Medium, cwe: &[190] }
        }
    }
}

pub(crate) use build::missing_flags::LINT as FLAGS;
pub(crate) use transport::disabled_checks::LINT as CHECKS;

pub(crate) const SOURCE: &str =
    "fn client() {\n    let trust = true;\n    builder().danger_accept_invalid_certs(trust);\n}\n";
pub(crate) const OPTIONS: Options<'static> = Options {
    color: false,
    width: 100,
    show_exempt: false,
    quiet: false,
    verbose: false,
    statistics: false,
    version: "0.1.0",
};

/// A finding at the first occurrence of some text.
pub(crate) fn finding(lint: &'static Lint, file: &str, source: &str, at: &str) -> Finding {
    let start = source.find(at).expect("the text occurs");
    let span = Span::from(start..start + at.len());
    let lines = Lines::new(source);
    Finding {
        lint: LintRef(lint),
        file: file.into(),
        package: Some("app".into()),
        item: "tls::client".into(),
        span,
        start: lines.position(span.range().start),
        end: lines.position(span.range().end),
        message: "this client accepts any certificate".into(),
        label: "the check is off".into(),
        labels: Vec::new(),
        help: None,
        fix: None,
        id: "v1:00112233445566778899aabbccddeeff".into(),
        tokens: String::new(),
        confidence: lint.confidence,
        due: None,
    }
}

pub(crate) fn judged(finding: Finding, level: Level) -> Judged {
    Judged { finding, level, status: Status::New, owner: None, only_reported: false }
}

/// One finding in one file.
pub(crate) fn single(file: &str, source: &str, at: &str) -> Outcome {
    let mut outcome = Outcome { root: "/work space".into(), ..Outcome::default() };
    outcome.sources.insert(file.into(), source.into());
    outcome.findings.push(judged(finding(&CHECKS, file, source, at), Level::Deny));
    outcome.stats = Stats { packages: 1, files: 1, bytes: source.len() as u64, generated: 0 };
    outcome
}

/// A denied finding with all its parts, a warning, an exempt and an allowed one, something that
/// could not be checked and a note.
pub(crate) fn rich() -> Outcome {
    let mut outcome = single("src/tls.rs", SOURCE, "danger_accept_invalid_certs");
    let first = &mut outcome.findings[0];
    first.owner = Some("identity".into());
    let flag = SOURCE.rfind("trust").expect("it occurs");
    let bound = SOURCE.find("true").expect("it occurs");
    first.finding.labels.push(Label { span: Span::from(bound..bound + 4), text: "turned off here".into() });
    first.finding.help = Some("trust your own authority with `add_root_certificate`".into());
    first.finding.fix =
        Some(Fix::needs_review("turn the check back on").replace(Span::from(flag..flag + 5), "false"));

    let manifest = "[package]\nname = \"app\"\n";
    outcome.sources.insert("Cargo.toml".into(), manifest.into());
    let mut flags = finding(&FLAGS, "Cargo.toml", manifest, "[package]");
    flags.message = "overflow checks are off".into();
    flags.label = String::new();
    flags.id = "v1:11".into();
    let end = manifest.len() as u32;
    flags.fix = Some(Fix::safe("turn them on").insert(end, "\n[profile.release]\noverflow-checks = true\n"));
    outcome.findings.insert(0, judged(flags, Level::Warn));

    let exempt = Exempt {
        owner: Some("payments".into()),
        reason: Some("partner X migrates".into()),
        expires: Some(jiff::civil::date(2027, 1, 31)),
        category: "waiver",
    };
    for (id, status) in
        [("v1:22", Status::Exempt(exempt.clone())), ("v1:33", Status::AllowedInSource(exempt))]
    {
        let mut other = judged(finding(&CHECKS, "src/tls.rs", SOURCE, "builder()"), Level::Deny);
        other.finding.id = id.into();
        other.status = status;
        outcome.findings.push(other);
    }
    outcome.unchecked.push(Unchecked {
        path: Arc::from("src/new syntax.rs"),
        at: Some(Position { line: 7, column: 3 }),
        reason: "syntax newer than the parser".into(),
        help: Some("update cargo-durable".into()),
    });
    outcome.notes.push("the dependency graph comes from Cargo.lock; run `cargo fetch`".into());
    outcome.stats = Stats { packages: 1, files: 12, bytes: 3400, generated: 0 };
    outcome
}

/// Renders with [`OPTIONS`].
pub(crate) fn written(format: Format, outcome: &Outcome) -> String {
    written_with(format, outcome, &OPTIONS)
}

pub(crate) fn written_with(format: Format, outcome: &Outcome, options: &Options<'_>) -> String {
    let mut out = Vec::new();
    render(format, outcome, options, &mut out).expect("a vector takes all");
    String::from_utf8(out).expect("the output is UTF-8")
}
