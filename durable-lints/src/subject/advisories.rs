//! What the RustSec database says of the resolved packages.

use std::sync::Arc;

use jiff::Timestamp;
use rustsec::advisory::Informational;
use rustsec::{Advisory, Database};
use semver::{Comparator, Op, Version, VersionReq};

use super::{Dependencies, Resolved};
use crate::finding::Findings;
use crate::vocabulary::Span;

/// An advisory database that was given by its path.
pub struct Advisories {
    /// The database.
    pub database: Database,
    /// The date of its newest entry.
    pub newest: Option<Timestamp>,
}

impl std::fmt::Debug for Advisories {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} advisories", self.database.iter().count())
    }
}

/// What is known of advisories.
#[derive(Clone, Debug, Default)]
pub enum AdvisoryDb {
    /// No database was given.
    #[default]
    NotGiven,
    /// One was given and cannot be read, which is told as not checked.
    Unreadable,
    /// All that it says.
    Read(Arc<Advisories>),
}

impl Dependencies {
    /// Reports every package that an advisory of the wanted kind is about: `NAME VERSION IS: TITLE, ID`.
    /// Of vulnerabilities the kind is `None`.
    pub(crate) fn report_advised(
        &self,
        wanted: impl Fn(Option<&Informational>) -> bool,
        is: &str,
        findings: &mut Findings,
    ) {
        let AdvisoryDb::Read(advisories) = &self.advisories else {
            if matches!(self.advisories, AdvisoryDb::NotGiven)
                && self.packages.iter().any(Resolved::is_public)
            {
                findings.could_not_look(
                    "the dependencies were not compared with known vulnerabilities, as no advisory database was \
                     given; `--advisory-db FOLDER` names a clone of https://github.com/rustsec/advisory-db, and \
                     `--advisory-db default` that of cargo-audit or cargo-deny",
                );
            }
            return;
        };
        let is_wanted =
            |advisory: &&Advisory| !advisory.withdrawn() && wanted(advisory.metadata.informational.as_ref());
        for advisory in advisories.database.iter().filter(is_wanted) {
            let name = advisory.metadata.package.as_str();
            let packages = self.packages.iter().filter(|package| package.name == name && package.is_public());
            for package in packages.filter(|package| advisory.versions.is_vulnerable(&package.version)) {
                self.report(package, advisory, is, findings);
            }
        }
    }

    fn report(&self, package: &Resolved, advisory: &Advisory, is: &str, findings: &mut Findings) {
        let Resolved { name, version, .. } = package;
        let id = advisory.id().as_str();
        // Other databases' names for it, so that it can be searched for and exempted by them.
        let names: Vec<&str> =
            std::iter::once(id).chain(advisory.metadata.aliases.iter().map(|alias| alias.as_str())).collect();
        let place =
            if package.ships == Some(false) { "; it is part of tests or build scripts only" } else { "" };
        findings
            .at(
                self.locked_at(package),
                format!("{name} {version} {is}: {}, {}{place}", title(advisory), names.join(", ")),
            )
            // The advisory comes first: an exemption from it is none from the package's next one.
            .item(format!("{id} {name} {version}"))
            .identified_by(format!("{id} {name} {version}"))
            .help(format!("{}; see https://rustsec.org/advisories/{id}", self.remedy(package, advisory)));
    }

    /// The line of the lock file that names a package's version.
    pub(crate) fn locked_at(&self, package: &Resolved) -> Span {
        let Some(lockfile) = &self.lockfile else { return Span::new(0, 0) };
        let version = package.version.to_string();
        let locked =
            lockfile.packages.iter().find(|locked| locked.name == package.name && locked.version == version);
        locked.map_or(Span::new(0, 0), |locked| lockfile.version_span(locked))
    }

    /// The command that updates one package.
    pub(crate) fn update(&self, package: &Resolved) -> String {
        let Resolved { name, version, .. } = package;
        self.lockfile
            .as_ref()
            .map_or_else(|| format!("`cargo update {name}`"), |lockfile| lockfile.update(name, version))
    }

    /// What brings a package: `(brought by a 1.0.0, b 2.0.0)`.
    pub(crate) fn brought(&self, package: &Resolved) -> String {
        let by = dependents(package);
        if by.is_empty() { String::new() } else { format!(" (brought by {})", by.join(", ")) }
    }

    fn remedy(&self, package: &Resolved, advisory: &Advisory) -> String {
        let (name, version) = (&package.name, &package.version);
        let patched = advisory.versions.patched();
        let all = patched.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        if patched.is_empty() {
            return format!(
                "no version of {name} is patched: look for a replacement{}",
                self.brought(package)
            );
        }
        if let Some(lowest) = reachable(version, patched) {
            return format!(
                "{} brings a patched version, {lowest} or later{}",
                self.update(package),
                self.brought(package)
            );
        }
        let by = dependents(package);
        let who = match &by[..] {
            [] => "what depends on it has".to_owned(),
            [one] => format!("{one} has"),
            several => format!("{} have", several.join(", ")),
        };
        format!(
            "no patched version is compatible with {version}, so no `cargo update` of it helps: {who} to move to one \
             ({all})"
        )
    }
}

impl Resolved {
    /// Whether the package comes from the registry that the advisories speak of; a fork may be mended.
    pub fn is_public(&self) -> bool {
        self.source.as_deref().is_some_and(|source| {
            source.contains("github.com/rust-lang/crates.io-index") || source.contains("index.crates.io")
        })
    }
}

fn dependents(package: &Resolved) -> Vec<String> {
    package.dependents.iter().take(3).map(|(name, version)| format!("{name} {version}")).collect()
}

/// The advisory's title, on one line and without the full stop.
fn title(advisory: &Advisory) -> String {
    advisory.title().split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

/// The lowest patched version that a requirement met by this version also takes, as cargo's default
/// requirements go.
fn reachable(version: &Version, patched: &[VersionReq]) -> Option<Version> {
    let compatible = VersionReq::parse(&format!("^{version}")).ok()?;
    let starts = patched.iter().flat_map(|requirement| {
        let start = requirement.comparators.iter().filter_map(start).max();
        // What has no lower bound begins where the version is.
        start.or_else(|| Some(version.clone())).filter(|start| requirement.matches(start))
    });
    starts.filter(|start| compatible.matches(start) && start > version).min()
}

/// The lowest version that one part of a requirement takes; `None` where it is an upper bound.
fn start(comparator: &Comparator) -> Option<Version> {
    let [minor, patch] = [comparator.minor, comparator.patch].map(Option::unwrap_or_default);
    let named = Version { pre: comparator.pre.clone(), ..Version::new(comparator.major, minor, patch) };
    match (comparator.op, comparator.minor, comparator.patch) {
        (Op::Less | Op::LessEq, ..) => None,
        (Op::Greater, None, _) => Some(Version::new(comparator.major + 1, 0, 0)),
        (Op::Greater, _, None) => Some(Version::new(comparator.major, minor + 1, 0)),
        (Op::Greater, ..) if !comparator.pre.is_empty() => Some(Version::new(comparator.major, minor, patch)),
        (Op::Greater, ..) => Some(Version::new(comparator.major, minor, patch + 1)),
        _ => Some(named),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patched_version_is_reachable_within_compatible_ones() {
        let reach = |version: &str, patched: &[&str]| {
            let patched: Vec<VersionReq> = patched.iter().map(|text| text.parse().unwrap()).collect();
            reachable(&version.parse().unwrap(), &patched).map(|version| version.to_string())
        };
        assert_eq!(reach("1.1.0", &[">= 1.2.0"]).as_deref(), Some("1.2.0"));
        assert_eq!(reach("0.101.7", &[">= 0.103.12, < 0.104.0-alpha.1", ">= 0.104.0-alpha.6"]), None);
        assert_eq!(reach("0.103.1", &[">= 0.103.12, < 0.104.0-alpha.1"]).as_deref(), Some("0.103.12"));
        assert_eq!(reach("1.1.0", &["> 1.1.3", "^1.1.2"]).as_deref(), Some("1.1.2"));
        assert_eq!(reach("1.1.0", &["> 1.1.3"]).as_deref(), Some("1.1.4"));
        assert_eq!(reach("1.1.0", &[">= 2"]), None);
        assert_eq!(reach("0.1.0", &["~0.1.4", ">= 0.2"]).as_deref(), Some("0.1.4"));
    }
}
