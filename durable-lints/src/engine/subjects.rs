//! The lints about everything that is not Rust source.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::identity::Place;
use super::{PackageResult, Settings, allows};
use crate::finding::{Draft, Findings};
use crate::lint::{Check, Lint};
use crate::load::{self, Embed, Files, Workspace};
use crate::report::{InSourceAllow, Report};

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
        run(settings, &mut report, &place, |check, findings| match check {
            Check::Manifest(check) => check(manifest, findings),
            _ => {}
        });
    }
    for lockfile in &workspace.lockfiles {
        let place = Place { file: &lockfile.path, text: &lockfile.text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| match check {
            Check::Lockfile(check) => check(lockfile, findings),
            _ => {}
        });
    }
    for config in &workspace.cargo_configs {
        let place = Place { file: &config.path, text: &config.text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| match check {
            Check::CargoConfig(check) => check(config, findings),
            _ => {}
        });
    }
    for workflow in &workspace.workflows {
        let place = Place { file: &workflow.path, text: &workflow.text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| match check {
            Check::Workflow(check) => check(workflow, findings),
            _ => {}
        });
    }
    // A file that source embeds is told of where it is embedded, as that is what ships.
    let from: FxHashSet<&Arc<str>> =
        embedded.iter().filter_map(|found| found.embedded_from.as_ref()).collect();
    let alone = workspace.certificates.iter().filter(|certificate| !from.contains(&certificate.path));
    for certificate in alone.chain(&embedded) {
        let place = Place { file: &certificate.path, text: &certificate.text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| match check {
            Check::Certificate(check) => check(certificate, findings),
            _ => {}
        });
    }
    for dependencies in &workspace.dependencies {
        // Findings about the graph stand in the lock file, which names every package.
        let (path, text) = match &dependencies.lockfile {
            Some(lockfile) => (&lockfile.path, &lockfile.text),
            None => (&dependencies.root.path, &dependencies.root.text),
        };
        let place = Place { file: path, text, package: None, source: None };
        run(settings, &mut report, &place, |check, findings| match check {
            Check::Dependencies(check) => check(dependencies, findings),
            _ => {}
        });
    }
    let nowhere: Arc<str> = "".into();
    let place = Place { file: &nowhere, text: "", package: None, source: None };
    run(settings, &mut report, &place, |check, findings| match check {
        Check::Repository(check) => check(&workspace.repository, findings),
        _ => {}
    });
    report
}

fn in_comments(workspace: &Workspace) -> Vec<InSourceAllow> {
    let manifests = workspace.manifests.iter().map(|manifest| (&manifest.path, &manifest.text));
    let configs = workspace.cargo_configs.iter().map(|config| (&config.path, &config.text));
    let workflows = workspace.workflows.iter().map(|workflow| (&workflow.path, &workflow.text));
    let mut allows = Vec::new();
    for (path, text) in manifests.chain(configs).chain(workflows) {
        allows::in_comments(path, text, &mut allows);
    }
    allows
}

fn run(
    settings: &Settings,
    report: &mut Report,
    place: &Place<'_>,
    mut check: impl FnMut(&Check, &mut Findings),
) {
    let mut drafts: Vec<(&'static Lint, Draft)> = Vec::new();
    for lint in &settings.lints {
        let mut findings = Findings::default();
        for each in lint.checks() {
            check(each, &mut findings);
        }
        report.notes.extend(findings.take_notes());
        drafts.extend(findings.take().into_iter().map(|draft| (*lint, draft)));
    }
    report.findings.extend(place.complete(drafts));
}
