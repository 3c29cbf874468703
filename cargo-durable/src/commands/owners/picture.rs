//! Who answers for what, all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use durable_lints::finding::{Position, Span};
use durable_lints::lints::ownership::unknown_owners;
use durable_lints::report::{Relevance, SecurityItem, Tag, TagScope};
use jiff::civil::Date;
use serde::Serialize;

use crate::outcome::{Judged, Outcome};
use crate::owners::{Answer, Field, Owners};
use crate::policy::{Policy, position};
use crate::ratchet::Lock;

/// A place, as reports write it.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) file: Arc<str>,
    pub(super) line: u32,
}

/// Who answers, and where that is said.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Held {
    /// The owner's id; `None` where nobody answers.
    pub(super) owner: Option<String>,
    /// `item`, `file`, `paths` or `package`: which of them says so.
    pub(super) by: Option<&'static str>,
    /// Where it is said.
    pub(super) said_at: Option<Spot>,
}

/// One owner and what it answers for.
#[derive(Clone, Debug, Serialize)]
pub(super) struct OwnerRow {
    pub(super) owner: String,
    pub(super) team: Option<String>,
    pub(super) contact: Option<String>,
    pub(super) declared_at: Option<Spot>,
    pub(super) counts: Counts,
}

/// How much somebody, or nobody, answers for.
#[derive(Clone, Copy, Debug, Default, Serialize, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) files: usize,
    pub(super) security_items: usize,
    pub(super) tagged_items: usize,
    pub(super) findings: usize,
    pub(super) exemptions: usize,
    pub(super) controls: usize,
    pub(super) overdue_reviews: usize,
}

impl Counts {
    fn is_nothing(&self) -> bool {
        *self == Counts::default()
    }
}

/// One item that matters to security, or that a tag speaks of.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ItemRow {
    pub(super) file: Arc<str>,
    pub(super) line: u32,
    pub(super) item: String,
    pub(super) package: Option<Arc<str>>,
    /// Why it matters to security; nothing where it is only tagged.
    pub(super) why: Vec<Relevance>,
    #[serde(flatten)]
    pub(super) held: Held,
    pub(super) control: Option<String>,
    pub(super) review_by: Option<String>,
    pub(super) guard: Option<String>,
    pub(super) tagged: bool,
}

/// One file.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FileRow {
    pub(super) file: Arc<str>,
    #[serde(flatten)]
    pub(super) held: Held,
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FindingRow {
    pub(super) file: Arc<str>,
    pub(super) line: u32,
    pub(super) lint: &'static str,
    pub(super) level: &'static str,
    pub(super) item: String,
    pub(super) identity: String,
    #[serde(flatten)]
    pub(super) held: Held,
}

/// A name that no owner has.
#[derive(Clone, Debug, Serialize)]
pub(super) struct UnknownRow {
    pub(super) file: Arc<str>,
    pub(super) line: u32,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// How many of the items that matter to security somebody answers for.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Coverage {
    pub(super) security_items: usize,
    pub(super) owned: usize,
    /// In per cent, with one digit behind the point; `None` where there is no such item.
    pub(super) percent: Option<f64>,
}

/// All that is known of who answers for what.
pub(super) struct Picture {
    pub(super) owners: Vec<OwnerRow>,
    pub(super) nobody: Counts,
    pub(super) items: Vec<ItemRow>,
    pub(super) files: Vec<FileRow>,
    pub(super) findings: Vec<FindingRow>,
    pub(super) unknown: Vec<UnknownRow>,
    pub(super) coverage: Coverage,
}

/// What a picture is drawn from.
pub(super) struct Drawing<'a> {
    pub(super) policy: &'a Policy,
    pub(super) lock: &'a Lock,
    pub(super) outcome: &'a Outcome,
    pub(super) security: &'a [SecurityItem],
    pub(super) paths: &'a [Arc<str>],
    pub(super) today: Date,
    /// Whether a file is asked about.
    pub(super) within: &'a dyn Fn(&str) -> bool,
}

impl Drawing<'_> {
    /// Draws it.
    pub(super) fn picture(&self) -> Picture {
        let owners = Owners::new(self.policy, &self.outcome.tags);
        let paths: Vec<Arc<str>> = self.paths.iter().filter(|path| (self.within)(path)).cloned().collect();
        let answers = owners.of_files(&paths);
        let files = paths.into_iter().zip(answers);
        let files = files.map(|(file, answer)| FileRow { file, held: self.held(answer) }).collect();
        let items = self.items(owners);
        let findings: Vec<FindingRow> = self.findings(owners);
        let unknown = self
            .outcome
            .findings
            .iter()
            .filter(|judged| judged.finding.lint.name == unknown_owners::LINT.name);
        let unknown = unknown.map(|judged| UnknownRow {
            file: judged.finding.file.clone(),
            line: judged.finding.start.line,
            message: judged.finding.message.clone(),
            help: judged.finding.help.clone(),
        });
        let unknown = unknown.collect();
        let (owners, nobody, coverage) = (Vec::new(), Counts::default(), Coverage::of(&items));
        let mut picture = Picture { owners, nobody, items, files, findings, unknown, coverage };
        let mut counts = self.count(&picture);
        picture.nobody = counts.remove(&None).unwrap_or_default();
        picture.owners = self.owners(&counts);
        picture
    }

    fn held(&self, answer: Option<Answer<'_>>) -> Held {
        let Some(answer) = answer else { return Held { owner: None, by: None, said_at: None } };
        let (file, line) = answer.said_at();
        let spot = Spot { file: file.clone(), line };
        Held { owner: Some(answer.owner.to_owned()), by: Some(answer.basis.name()), said_at: Some(spot) }
    }

    /// The items that matter to security and those that a tag of their own speaks of.
    fn items(&self, owners: Owners<'_>) -> Vec<ItemRow> {
        let mut rows: Vec<ItemRow> = Vec::new();
        let row = |file: &Arc<str>, item: &str, package: &Option<Arc<str>>, at: Position, span: Span| {
            let field = |pick: Field| owners.field(file, span.start, pick).map(|said| said.text.clone());
            ItemRow {
                file: file.clone(),
                line: at.line,
                item: item.to_owned(),
                package: package.clone(),
                why: Vec::new(),
                held: self.held(owners.at(file, span.start)),
                control: field(|tag| tag.control.as_ref()),
                review_by: field(|tag| tag.review_by.as_ref()),
                guard: field(|tag| tag.guard.as_ref()),
                tagged: false,
            }
        };
        // What matters to security is told of by its name, and an attribute stands before it.
        let mut numbers: BTreeMap<(Arc<str>, String), usize> = BTreeMap::new();
        for item in self.security.iter().filter(|item| (self.within)(&item.file)) {
            numbers.insert((item.file.clone(), item.item.clone()), rows.len());
            let row = row(&item.file, &item.item, &item.package, item.start, item.span);
            rows.push(ItemRow { why: item.why.clone(), ..row });
        }
        let tags = self.outcome.tags.iter().filter(|tag| tag.scope == TagScope::Item && !tag.test);
        for tag in tags.filter(|tag| (self.within)(&tag.file)) {
            let number = *numbers.entry((tag.file.clone(), tag.item.clone())).or_insert(rows.len());
            if number == rows.len() {
                rows.push(row(&tag.file, &tag.item, &tag.package, tag.start, tag.span));
            }
            rows[number].tagged = true;
        }
        rows.sort_by(|a, b| (&a.file, a.line, &a.item).cmp(&(&b.file, b.line, &b.item)));
        rows
    }

    fn findings(&self, owners: Owners<'_>) -> Vec<FindingRow> {
        let shown = self.outcome.findings.iter().filter(|judged| judged.shown());
        let shown = shown.filter(|judged| (self.within)(&judged.finding.file));
        let row = |judged: &Judged| {
            let finding = &judged.finding;
            FindingRow {
                file: finding.file.clone(),
                line: finding.start.line,
                lint: finding.lint.name,
                level: judged.level.name(),
                item: finding.item.clone(),
                identity: finding.id.clone(),
                held: match owners.at(&finding.file, finding.span.start) {
                    None => Held { owner: judged.owner.clone(), by: None, said_at: None },
                    answer => self.held(answer),
                },
            }
        };
        shown.map(row).collect()
    }

    /// How much each answers for, nobody (`None`) too.
    fn count(&self, picture: &Picture) -> BTreeMap<Option<String>, Counts> {
        let mut counts: BTreeMap<Option<String>, Counts> = BTreeMap::new();
        let mut add = |owner: &Option<String>, what: fn(&mut Counts) -> &mut usize| {
            *what(counts.entry(owner.clone()).or_default()) += 1;
        };
        picture.files.iter().for_each(|row| add(&row.held.owner, |counts| &mut counts.files));
        for row in &picture.items {
            if !row.why.is_empty() {
                add(&row.held.owner, |counts| &mut counts.security_items);
            }
            if row.tagged {
                add(&row.held.owner, |counts| &mut counts.tagged_items);
            }
        }
        picture.findings.iter().for_each(|row| add(&row.held.owner, |counts| &mut counts.findings));
        let known = |owner: &str| Some(owner.to_owned()).filter(|owner| self.policy.accepts_owner(owner));
        for entry in self.lock.exemptions.iter().filter(|entry| (self.within)(&entry.at)) {
            add(&known(&entry.owner), |counts| &mut counts.exemptions);
        }
        for control in &self.policy.controls {
            let owner = control.owner.as_deref().and_then(known);
            add(&owner, |counts| &mut counts.controls);
        }
        let over = |tag: &&Tag| {
            let last = tag.review_by.as_ref().and_then(|review| review.text.parse::<Date>().ok());
            last.is_some_and(|last| last < self.today)
        };
        let owners = Owners::new(self.policy, &self.outcome.tags);
        for tag in self.outcome.tags.iter().filter(over).filter(|tag| (self.within)(&tag.file)) {
            add(&self.held(owners.at(&tag.file, tag.span.start)).owner, |counts| &mut counts.overdue_reviews);
        }
        counts
    }

    /// The declared owners in their order; where none is, those that are named.
    fn owners(&self, counts: &BTreeMap<Option<String>, Counts>) -> Vec<OwnerRow> {
        let of = |id: &str| counts.get(&Some(id.to_owned())).copied().unwrap_or_default();
        let declared = self.policy.owners.iter().map(|owner| {
            let place = &owner.place;
            let line = position(&place.text, place.span.start as usize).line;
            OwnerRow {
                owner: owner.id.clone(),
                team: owner.team.clone(),
                contact: owner.contact.clone(),
                declared_at: Some(Spot { file: place.file.clone(), line }),
                counts: of(&owner.id),
            }
        });
        let ids: BTreeSet<&str> = self.policy.owners.iter().map(|owner| owner.id.as_str()).collect();
        let named = counts.keys().flatten().filter(|id| !ids.contains(id.as_str())).map(|id| OwnerRow {
            owner: id.clone(),
            team: None,
            contact: None,
            declared_at: None,
            counts: of(id),
        });
        declared.chain(named).collect()
    }
}

impl Coverage {
    fn of(items: &[ItemRow]) -> Coverage {
        let items = || items.iter().filter(|row| !row.why.is_empty());
        let (all, owned) = (items().count(), items().filter(|row| row.held.owner.is_some()).count());
        let percent = (all > 0).then(|| (owned as f64 / all as f64 * 1000.0).round() / 10.0);
        Coverage { security_items: all, owned, percent }
    }
}

impl Picture {
    /// The declared owners that answer for nothing.
    pub(super) fn idle(&self) -> Vec<&str> {
        let idle = self.owners.iter().filter(|row| row.counts.is_nothing());
        idle.map(|row| row.owner.as_str()).collect()
    }

    /// Keeps the rows that are asked for: of one owner, or of nobody. The coverage stays.
    pub(super) fn narrow(&mut self, of: Option<&str>, unowned: bool) {
        let fits = |held: &Held| match of {
            Some(owner) => held.owner.as_deref() == Some(owner),
            None => !unowned || held.owner.is_none(),
        };
        self.items.retain(|row| fits(&row.held));
        self.files.retain(|row| fits(&row.held));
        self.findings.retain(|row| fits(&row.held));
        if let Some(owner) = of {
            self.owners.retain(|row| row.owner == owner);
        }
    }
}
