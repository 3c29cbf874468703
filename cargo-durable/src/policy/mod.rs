//! `durable.toml`: levels, owners, controls, models and the limits of exemptions.

mod call;
mod error;
pub mod file;
pub mod handles;
mod load;
mod paths;
mod term;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::codeowners::Patterns;
use durable_lints::finding::Span;
use durable_lints::lint::{Level, Lint};
use durable_lints::models::project::ProjectModel;
use jiff::civil::Date;
use rustc_hash::FxHashSet;

pub use call::{Origin, Set};
pub use error::{PolicyError, position, suggestion};
pub use file::ControlStatus;
pub use handles::Handles;
pub use load::{DiskFiles, PolicyFiles, names};
pub use paths::Paths;
pub use term::Term;

/// The name of the policy file.
pub const FILE: &str = "durable.toml";

/// How strictly a check looks at a repository, whatever its policy says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// As the policy says.
    #[default]
    Default,
    /// Every lint is denied.
    Strict,
    /// Everything there is, is reported, and nothing fails.
    Audit,
}

/// A place in one of the policy's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the root where it lies below it.
    pub file: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// Where in it.
    pub span: Span,
}

/// A team that answers for code and exceptions.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub team: Option<String>,
    /// How to reach it.
    pub contact: Option<String>,
    /// Who it is on GitHub.
    pub github: Handles,
    /// Who it is on GitLab.
    pub gitlab: Handles,
    /// The files it answers for.
    pub paths: Paths,
    /// Where each of their patterns stands, in the file of `place`.
    pub pattern_spans: Vec<Span>,
    /// How often it reviews.
    pub cadence: Option<Term>,
    /// Where it is declared.
    pub place: Place,
}

/// A security requirement of the project.
#[derive(Clone, Debug)]
pub struct Control {
    /// Its id.
    pub id: String,
    /// What it requires.
    pub title: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The lints, groups and rules of other tools that enforce it; none means reviews do.
    pub enforced_by: Vec<String>,
    /// How often it is reviewed.
    pub cadence: Option<Term>,
    /// The last day on which its next review is in time.
    pub review_by: Option<Date>,
    /// Where it stands.
    pub status: ControlStatus,
    /// What has to be true for it to be closed.
    pub closure: Option<String>,
    /// Where its owner is named, or it is declared.
    pub place: Place,
    /// Where its id stands, in the same file.
    pub id_span: Span,
}

/// What one entry under `[lints]` says.
#[derive(Clone, Debug)]
struct Rule {
    level: Option<Level>,
    paths: Option<Paths>,
    exclude: Paths,
    place: Place,
}

impl Rule {
    fn speaks_of(&self, path: &str) -> bool {
        self.paths.as_ref().is_none_or(|paths| paths.contains(path))
    }
}

/// What is decided about one lint: its rules, the strongest first, what platforms forbid, and what
/// the call asks for.
#[derive(Clone, Debug)]
struct Decision {
    lint: &'static Lint,
    rules: Vec<Rule>,
    floors: Vec<Rule>,
    call: Option<Set>,
}

/// An entry that tries to lower what an extended file forbids; it has no effect.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The lint or group.
    pub name: String,
    /// The file that forbids it.
    pub by: Arc<str>,
    /// The entry without effect.
    pub place: Place,
}

/// The policy of a repository, with those it extends.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The owners; of several that name a file, the last wins.
    pub owners: Vec<Owner>,
    /// The controls.
    pub controls: Vec<Control>,
    /// What the project's own APIs mean.
    pub models: Vec<ProjectModel>,
    /// The files that are extended, directly or through others, relative to the repository's own.
    pub files: Vec<String>,
    /// Entries that try to lower what is forbidden.
    pub lowered: Vec<Lowered>,
    /// The longest term an exemption may have.
    max_term: Term,
    /// How often an exemption may be renewed.
    pub renewals: u32,
    decisions: Vec<Decision>,
    ownership: Ownership,
}

/// The patterns of all owners as one list, as one search is faster than one for each owner.
#[derive(Clone, Debug, Default)]
struct Ownership {
    patterns: Patterns,
    /// The owner of each pattern.
    owners: Vec<usize>,
}

impl Ownership {
    fn of(owners: &[Owner]) -> Result<Ownership, String> {
        let all = || {
            let owners = owners.iter().enumerate();
            owners.flat_map(|(index, owner)| owner.paths.patterns.iter().map(move |text| (index, &**text)))
        };
        let patterns = paths::compile(all().map(|(_, text)| text)).map_err(|(_, error)| error)?;
        Ok(Ownership { patterns, owners: all().map(|(index, _)| index).collect() })
    }
}

impl Policy {
    /// Reads `durable.toml` in a folder, and what it extends. Without one everything is as the
    /// lints say themselves.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place and what mends it.
    pub fn load(root: &Utf8Path) -> Result<Policy, PolicyError> {
        Policy::read(&DiskFiles { root: root.to_owned() }, durable_lints::lints::ALL)
    }

    /// Reads a policy from wherever its files are, for the given lints.
    ///
    /// # Errors
    /// As [`Policy::load`].
    pub fn read(files: &dyn PolicyFiles, lints: &[&'static Lint]) -> Result<Policy, PolicyError> {
        load::read(files, lints)
    }

    /// The policy of a repository that has none.
    pub fn defaults() -> Policy {
        load::without_file(durable_lints::lints::ALL)
    }

    /// Every lint this policy decides about.
    pub fn lints(&self) -> impl Iterator<Item = &'static Lint> {
        self.decisions.iter().map(|decision| decision.lint)
    }

    /// The level of a lint in a file, as the policy's files say.
    pub fn level(&self, lint: &Lint, path: &str) -> Level {
        self.decide_by_files(lint, path).0
    }

    /// The level of a lint where no pattern says anything else, as the policy's files say.
    pub fn usual_level(&self, lint: &Lint) -> Level {
        // No sensible pattern means this path.
        self.level(lint, "\u{1}/\u{1}")
    }

    /// Whether somebody sets the level of a lint in a file, rather than the lint itself.
    pub fn sets(&self, lint: &Lint, path: &str) -> bool {
        self.decide(Profile::Default, lint, path).1 != Origin::Lint
    }

    /// The level of a lint in a file under a profile, with what the call asks for.
    pub fn level_under(&self, profile: Profile, lint: &Lint, path: &str) -> Level {
        self.decide(profile, lint, path).0
    }

    /// The lints that are not `allow` everywhere: those that have to run. What only the call allows
    /// runs too: where it finds something, policies are compared.
    pub fn enabled(&self, profile: Profile) -> Vec<&'static Lint> {
        let runs = |decision: &&Decision| {
            let call = decision.call.as_ref().map(|set| set.level);
            let named = decision.rules.iter().chain(&decision.floors).filter_map(|rule| rule.level);
            profile != Profile::Default
                || call.into_iter().chain(named).max().is_some_and(|level| level > Level::Allow)
                || self.level(decision.lint, "") > Level::Allow
        };
        self.decisions.iter().filter(runs).map(|decision| decision.lint).collect()
    }

    /// Who answers for a file.
    pub fn owner_of(&self, path: &str) -> Option<&str> {
        let last = self.ownership.patterns.last_match(path)?;
        Some(&self.owners[self.ownership.owners[last]].id)
    }

    /// Whether a control is enforced by the rule of another tool.
    pub fn asks_for_tools(&self) -> bool {
        self.controls.iter().flat_map(|control| &control.enforced_by).any(|rule| rule.contains("::"))
    }

    /// The declared owner of this id.
    pub fn owner(&self, id: &str) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.id == id)
    }

    /// Whether a name may stand where an owner is asked for: it is declared, or none is.
    pub fn accepts_owner(&self, id: &str) -> bool {
        !id.trim().is_empty() && (self.owners.is_empty() || self.owner(id).is_some())
    }

    /// The longest term of an exemption from a lint.
    pub fn max_term(&self, lint: &Lint) -> Term {
        match u16::try_from(lint.max_term_days) {
            Ok(days @ 1..) => self.max_term.min(Term { days }),
            _ => self.max_term,
        }
    }

    /// The longest term of an exemption, as far as the policy goes.
    pub fn longest_term(&self) -> Term {
        self.max_term
    }

    /// Where the strongest entry about a lint stands.
    pub fn place_of(&self, lint: &Lint) -> Option<&Place> {
        self.decision(lint)?.rules.first().map(|rule| &rule.place)
    }

    /// Every pattern that decides about a lint.
    pub fn patterns_of(&self, lint: &Lint) -> impl Iterator<Item = &str> {
        let rules = self
            .decision(lint)
            .into_iter()
            .flat_map(|decision| decision.rules.iter().chain(&decision.floors));
        rules
            .flat_map(|rule| {
                rule.exclude.patterns.iter().chain(rule.paths.iter().flat_map(|paths| &paths.patterns))
            })
            .map(String::as_str)
    }

    /// Of the patterns in the repository's own file those that mean none of these files, which are
    /// all there are, with the entries that they stand in.
    pub fn idle_patterns<'a>(&'a self, files: &[Arc<str>]) -> Vec<(&'a Place, &'a str)> {
        let owners = self.owners.iter().map(|owner| (&owner.place, &owner.paths));
        let rules = self.decisions.iter().flat_map(|decision| &decision.rules);
        let rules =
            rules.flat_map(|rule| rule.paths.iter().chain([&rule.exclude]).map(|paths| (&rule.place, paths)));
        let own = owners.chain(rules).filter(|(place, _)| *place.file == *FILE);
        let all =
            own.flat_map(|(place, paths)| paths.patterns.iter().map(move |text| (place, text.as_str())));
        let mut sorted: Vec<_> = all.collect();
        // A group's entry is there once for each of its lints.
        sorted.sort_by_key(|(place, text)| (place.span.start, *text));
        sorted.dedup_by_key(|(place, text)| (place.span.start, *text));
        // They were compiled one by one, so together they are too.
        let Ok(patterns) = paths::compile(sorted.iter().map(|(_, text)| *text)) else { return Vec::new() };
        let busy: FxHashSet<usize> = files.iter().flat_map(|file| patterns.matches(file)).collect();
        let mut index = 0..;
        sorted.retain(|_| !index.next().is_some_and(|index| busy.contains(&index)));
        sorted
    }

    fn decision(&self, lint: &Lint) -> Option<&Decision> {
        self.decisions.iter().find(|decision| decision.lint.name == lint.name)
    }
}

/// The root of a repository's own policy file.
pub fn path(root: &Utf8Path) -> Utf8PathBuf {
    root.join(FILE)
}
