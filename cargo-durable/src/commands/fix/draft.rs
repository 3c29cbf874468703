//! Files as fixes would leave them, tried in memory and written at the end.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::fix::{self, Applicability, Edit, Fix};

use crate::outcome::{Judged, Outcome};
use crate::render::text::unified;
use crate::write::{self, Hold, WriteError};

/// The texts of files, by their path below the root.
pub(super) type Texts = BTreeMap<Arc<str>, Arc<str>>;

/// What is changed so far.
pub(super) struct Draft {
    root: Utf8PathBuf,
    files: BTreeMap<Arc<str>, Change>,
    /// Files that cannot be changed, and why.
    pub(super) refused: BTreeMap<Arc<str>, String>,
    /// Findings whose fix was applied, and how many of the same lint their file had then.
    tried: BTreeMap<String, usize>,
}

/// One file.
struct Change {
    /// Its text as it was judged.
    judged: Arc<str>,
    /// Its text with the fixes.
    now: Arc<str>,
    applied: usize,
}

impl Draft {
    pub(super) fn new(root: &Utf8Path) -> Draft {
        Draft {
            root: root.to_owned(),
            files: BTreeMap::new(),
            refused: BTreeMap::new(),
            tried: BTreeMap::new(),
        }
    }

    /// A draft of what comes on top of this one.
    pub(super) fn follow_up(&self) -> Draft {
        let again =
            |change: &Change| Change { judged: change.now.clone(), now: change.now.clone(), applied: 0 };
        let files = self.files.iter().map(|(file, change)| (file.clone(), again(change))).collect();
        Draft { files, refused: self.refused.clone(), ..Draft::new(&self.root) }
    }

    /// The texts that differ from those on the disk.
    pub(super) fn texts(&self) -> Texts {
        self.files.iter().map(|(file, change)| (file.clone(), change.now.clone())).collect()
    }

    /// How many fixes are applied.
    pub(super) fn applied(&self) -> usize {
        let changed = self.files.iter().filter(|(file, _)| !self.refused.contains_key(*file));
        changed.map(|(_, change)| change.applied).sum()
    }

    /// Whether the fix of a finding was applied, and the finding is still there.
    pub(super) fn tried(&self, judged: &Judged) -> bool {
        self.tried.contains_key(&judged.finding.id)
    }

    /// Applies the fixes of an outcome that go together; whether there were any.
    pub(super) fn apply(&mut self, outcome: &Outcome, unsafe_fixes: bool) -> bool {
        let before = self.applied();
        let kinds = kinds(outcome);
        for (file, findings) in self.plan(outcome, &kinds, unsafe_fixes) {
            if let Err(reason) = self.apply_to(outcome, &kinds, &file, &findings) {
                self.files.remove(&file);
                self.refused.insert(file, reason);
            }
        }
        self.applied() > before
    }

    /// The findings to fix in each file, in the order of their places. What is let through is let be,
    /// and so is a finding that its own fix did not mend.
    fn plan<'a>(
        &self,
        outcome: &'a Outcome,
        kinds: &Kinds<'a>,
        unsafe_fixes: bool,
    ) -> BTreeMap<Arc<str>, Vec<&'a Judged>> {
        let mut plan: BTreeMap<Arc<str>, Vec<&Judged>> = BTreeMap::new();
        for judged in outcome.findings.iter().filter(|judged| judged.shown()) {
            let finding = &judged.finding;
            let allowed = |fix: &Fix| fix.applicability == Applicability::Safe || unsafe_fixes;
            let again = self.tried.get(&finding.id).is_some_and(|then| *then <= kinds[&kind(judged)]);
            if fix_of(judged).is_some_and(allowed) && !again && !self.refused.contains_key(&finding.file) {
                plan.entry(finding.file.clone()).or_default().push(judged);
            }
        }
        for findings in plan.values_mut() {
            findings.sort_by_key(|judged| fix_of(judged).map(|fix| fix.edits[0].span));
        }
        plan
    }

    fn apply_to(
        &mut self,
        outcome: &Outcome,
        kinds: &Kinds<'_>,
        file: &Arc<str>,
        findings: &[&Judged],
    ) -> Result<(), String> {
        let text = outcome.sources.get(file).ok_or("its text is not known; run again")?;
        let change = match self.files.get_mut(file) {
            Some(change) => change,
            None => {
                unchanged(&self.root, file, text).map_err(|error| error.to_string())?;
                let change = Change { judged: text.clone(), now: text.clone(), applied: 0 };
                self.files.entry(file.clone()).or_insert(change)
            }
        };
        let (edits, applied) = compatible(findings);
        let (new, impossible) = fix::apply(&change.now, &edits);
        if impossible > 0 || *change.now != **text {
            return Err("a fix does not fit its text".to_owned());
        }
        change.now = new.into();
        change.applied += applied.len();
        for judged in applied {
            self.tried.insert(judged.finding.id.clone(), kinds[&kind(judged)]);
        }
        Ok(())
    }

    /// Writes each file whole or not at all, and only where it still is what was judged.
    pub(super) fn write(&mut self, hold: &Hold) {
        for (file, change) in self.files.iter().filter(|(_, change)| change.judged != change.now) {
            let written = unchanged(&self.root, file, &change.judged).and_then(|mark| {
                let whole = |text: &str| [mark, text.as_bytes()].concat();
                hold.replace(Utf8Path::new(&**file), Some(&whole(&change.judged)), &whole(&change.now))
            });
            if let Err(error) = written {
                self.refused.insert(file.clone(), error.to_string());
            }
        }
    }

    /// All changes as a unified diff.
    pub(super) fn diff(&self) -> String {
        let changed = self.files.iter().filter(|(file, _)| !self.refused.contains_key(*file));
        changed.map(|(file, change)| unified(file, &change.judged, &change.now)).collect()
    }

    /// What became of each file, one line each.
    pub(super) fn told(&self, diff: bool) -> Vec<String> {
        let is_changed = |file: &Arc<str>, change: &Change| {
            !diff && change.applied > 0 && !self.refused.contains_key(file)
        };
        let changed = self.files.iter().filter(|(file, change)| is_changed(file, change));
        let applied = changed.map(|(file, Change { applied, .. })| {
            let fixes = if *applied == 1 { "fix" } else { "fixes" };
            format!("applied {applied} {fixes} in {file}")
        });
        let refused = self.refused.iter().map(|(file, reason)| format!("left {file} alone: {reason}"));
        refused.chain(applied).collect()
    }
}

/// The fix that a finding offers, where it changes anything.
pub(super) fn fix_of(judged: &Judged) -> Option<&Fix> {
    judged.finding.fix.as_ref().filter(|fix| !fix.edits.is_empty())
}

/// How many findings of each lint there are in each file.
type Kinds<'a> = HashMap<(&'a str, &'a str), usize>;

fn kind(judged: &Judged) -> (&str, &str) {
    (&judged.finding.file, judged.finding.lint.name)
}

fn kinds(outcome: &Outcome) -> Kinds<'_> {
    let mut kinds = Kinds::new();
    outcome.findings.iter().for_each(|judged| *kinds.entry(kind(judged)).or_default() += 1);
    kinds
}

const MARK: &[u8] = "\u{feff}".as_bytes();

/// The byte order mark of a file, which stays whether or not the check saw it; refused where the file
/// is not what was judged, or lies elsewhere.
fn unchanged(root: &Utf8Path, file: &str, judged: &str) -> Result<&'static [u8], WriteError> {
    let bytes = fs::read(write::inside(root, Utf8Path::new(file))?)?;
    let mark: &[u8] =
        if bytes.starts_with(MARK) && !judged.as_bytes().starts_with(MARK) { MARK } else { b"" };
    if &bytes[mark.len()..] == judged.as_bytes() { Ok(mark) } else { Err(WriteError::Changed) }
}

/// The edits of all fixes that go together, and the findings whose they are.
pub(super) fn compatible<'a>(findings: &[&'a Judged]) -> (Vec<Edit>, Vec<&'a Judged>) {
    let (offering, fixes): (Vec<&Judged>, Vec<&Fix>) =
        findings.iter().filter_map(|judged| Some((*judged, fix_of(judged)?))).unzip();
    let (edits, applied) = fix::together(&fixes);
    (edits, applied.into_iter().map(|index| offering[index]).collect())
}
