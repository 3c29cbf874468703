//! The lints about everything that is not Rust source.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::identity::Place;
use super::{PackageResult, Settings, comments};
use crate::finding::{Draft, Findings, LintRef};
use crate::lint::{Check, Lint};
use crate::load::{self, Embed, Files, Workspace};
use crate::report::{InSourceAllow, NotRun, Report};
use crate::subject::Repository;

/// Runs the lints about manifests, lock files, configuration, the graph, certificates, workflows and
/// the repository.
pub(super) fn check(
    workspace: &Workspace,
    files: &dyn Files,
    settings: &Settings,
    results: &[Arc<PackageResult>],
    now: jiff::Timestamp,
) -> Report {
    let mut report = Report { allows: in_comments(workspace), ..Report::default() };
    let embeds: Vec<Embed> = results.iter().flat_map(|result| result.embeds.iter().cloned()).collect();
    let embedded = load::embedded_certificates(files, &embeds, now);
    for manifest in &workspace.manifests {
        let package = manifest.package_name().map(Arc::from);
        let place = Place { file: &manifest.path, text: &manifest.text, package, source: None };
        run(settings, &mut report, &place, |check, findings| {
            if let Check::Manifest(check) = check {
                check(manifest, findings)
            }
        });
    }
    for lockfile in &workspace.lockfiles {
        let place = Place { file: &lockfile.path, text: &lockfile.text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| {
            if let Check::Lockfile(check) = check {
                check(lockfile, findings)
            }
        });
    }
    for config in &workspace.cargo_configs {
        let place = Place { file: &config.path, text: &config.text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| {
            if let Check::CargoConfig(check) = check {
                check(config, findings)
            }
        });
    }
    for workflow in &workspace.workflows {
        let place = Place { file: &workflow.path, text: &workflow.text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| {
            if let Check::Workflow(check) = check {
                check(workflow, findings)
            }
        });
    }
    // A file that source embeds is told of where it is embedded, as that is what ships.
    let from: FxHashSet<&Arc<str>> =
        embedded.iter().filter_map(|found| found.embedded_from.as_ref()).collect();
    let alone = workspace.certificates.iter().filter(|certificate| !from.contains(&certificate.path));
    for certificate in alone.chain(&embedded) {
        let place = Place { file: &certificate.path, text: &certificate.text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| {
            if let Check::Certificate(check) = check {
                check(certificate, findings)
            }
        });
    }
    for dependencies in &workspace.dependencies {
        // Findings about the graph stand in the lock file, which names every package.
        let (path, text) = match &dependencies.lockfile {
            Some(lockfile) => (&lockfile.path, &lockfile.text),
            None => (&dependencies.root.path, &dependencies.root.text),
        };
        let place = Place { file: path, text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| {
            if let Check::Dependencies(check) = check {
                check(dependencies, findings)
            }
        });
    }
    repository(settings, &mut report, &workspace.repository);
    report
}

/// Runs the lints about the repository. Each of their findings names its file, and stands in its text
/// as far as that was read; one that names none is about the whole.
fn repository(settings: &Settings, report: &mut Report, repository: &Repository) {
    let drafts = drafts(settings, report, |check, findings| {
        if let Check::Repository(check) = check {
            check(repository, findings)
        }
    });
    let mut by_file: BTreeMap<Arc<str>, Vec<(&'static Lint, Draft)>> = BTreeMap::new();
    for (lint, draft) in drafts {
        by_file.entry(draft.file.clone().unwrap_or_default()).or_default().push((lint, draft));
    }
    for (path, drafts) in by_file {
        let text = repository.file(&path).and_then(|file| file.text.clone()).unwrap_or_default();
        let place = Place { file: &path, text: &text, package: None, source: None };
        report.findings.extend(place.complete(drafts));
    }
}

fn in_comments(workspace: &Workspace) -> Vec<InSourceAllow> {
    let manifests = workspace.manifests.iter().map(|manifest| (&manifest.path, &manifest.text));
    let configs = workspace.cargo_configs.iter().map(|config| (&config.path, &config.text));
    let workflows = workspace.workflows.iter().map(|workflow| (&workflow.path, &workflow.text));
    let mut allows = Vec::new();
    for (path, text) in manifests.chain(configs).chain(workflows) {
        comments::read(path, text, &mut allows);
    }
    allows
}

fn run(
    settings: &Settings,
    report: &mut Report,
    place: &Place<'_>,
    check: impl FnMut(&Check, &mut Findings),
) {
    let drafts = drafts(settings, report, check);
    report.findings.extend(place.complete(drafts));
}

/// What every lint drafts about one subject; their notes go into the report.
fn drafts(
    settings: &Settings,
    report: &mut Report,
    mut check: impl FnMut(&Check, &mut Findings),
) -> Vec<(&'static Lint, Draft)> {
    let mut drafts: Vec<(&'static Lint, Draft)> = Vec::new();
    for lint in &settings.lints {
        let mut findings = Findings::default();
        for each in lint.checks() {
            check(each, &mut findings);
        }
        report.notes.extend(findings.take_notes());
        let missed = findings.take_missed().into_iter().map(|reason| NotRun { lint: LintRef(lint), reason });
        report.not_run.extend(missed);
        drafts.extend(findings.take().into_iter().map(|draft| (*lint, draft)));
    }
    drafts
}
