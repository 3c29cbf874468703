//! `cargo durable fix`: fixes applied to files, and exemptions that are no longer needed dropped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::{fs, io};

use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::fix::{Applicability, Edit, Fix};

use crate::analysis;
use crate::cli;
use crate::git::{GitError, Repository};
use crate::judge::{judge_case, tightened};
use crate::outcome::Outcome;
use crate::ratchet::{Lock, lock};
use crate::write;

/// Applies fixes and drops exemptions that are no longer needed.
///
/// # Errors
/// Where the working folder is not safe to change, or a file cannot be read or written.
pub fn run(args: &cli::Fix, out: &mut dyn io::Write) -> anyhow::Result<()> {
    let analysis = analysis::analyse(&args.selection)?;
    let lock = Lock::load(&analysis.root)?;
    let case = analysis.case(&lock, &args.selection);
    let mut outcome = judge_case(analysis.report.clone(), &case);
    outcome.root.clone_from(&analysis.root);
    let shown: Vec<_> = outcome.findings.iter().filter(|judged| judged.shown()).collect();
    let texts = analysis::texts(&outcome, &shown);
    outcome.sources.extend(texts);
    let options = Options {
        unsafe_fixes: args.unsafe_fixes,
        diff: args.diff,
        allow_dirty: args.allow_dirty,
        allow_staged: args.allow_staged,
        allow_no_vcs: args.allow_no_vcs,
    };
    let fixed = fix(&outcome, &lock, &tightened(&analysis.report, &case), options)?;
    write!(out, "{}", fixed.diff)?;
    for line in &fixed.lines {
        writeln!(out, "{line}")?;
    }
    anyhow::ensure!(fixed.failed == 0, "not every file could be changed");
    Ok(())
}

/// How far `fix` may go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Also apply fixes that a person should look at.
    pub unsafe_fixes: bool,
    /// Show what would change, and change nothing.
    pub diff: bool,
    /// Work on a tree with changes.
    pub allow_dirty: bool,
    /// Work on a tree with staged changes.
    pub allow_staged: bool,
    /// Work without version control.
    pub allow_no_vcs: bool,
}

/// Why nothing was touched.
#[derive(Debug, thiserror::Error)]
pub enum FixError {
    /// A mistake could not be undone.
    #[error(
        "no version control is found here, and `fix` can change much; to go on all the same, pass `--allow-no-vcs`"
    )]
    NoVersionControl,
    /// A change could not be told from the user's own.
    #[error(
        "the working folder has changes that are not committed, and `fix` can change much; commit them, or pass `{flag}`:\n{files}"
    )]
    Changes {
        /// What would let it go on.
        flag: &'static str,
        /// The files, one a line.
        files: String,
    },
    /// Git could not be asked.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The lock file could not be written.
    #[error("durable.lock cannot be written: {0}")]
    Lock(std::io::Error),
}

/// What `fix` did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// Fixes applied.
    pub applied: usize,
    /// Files that could not be changed.
    pub failed: usize,
    /// What was done and left, one line each.
    pub lines: Vec<String>,
    /// The unified diff of all changes; filled with `diff` only.
    pub diff: String,
}

/// Applies the fixes of new findings to the files below `outcome.root`, and writes `tightened`, the
/// exemptions as [`crate::judge::tightened`] leaves them. The texts that were checked have to be in
/// `outcome.sources`; a file that is another one by now is left alone.
///
/// # Errors
/// Where the working folder is not safe to change; then nothing is touched.
pub fn fix(outcome: &Outcome, lock: &Lock, tightened: &Lock, options: Options) -> Result<Fixed, FixError> {
    if !options.diff {
        check_version_control(&outcome.root, options)?;
    }
    let mut fixed = Fixed::default();
    for (file, fixes) in plan(outcome, options) {
        if let Err(reason) = fix_file(outcome, &file, &fixes, options, &mut fixed) {
            fixed.failed += 1;
            fixed.lines.push(format!("left {file} alone: {reason}"));
        }
    }
    tighten(&outcome.root, lock, tightened, options, &mut fixed)?;
    tell_of_the_rest(outcome, options, &mut fixed);
    Ok(fixed)
}

/// The fixes for each file, in the order of their places. What is let through is let be.
fn plan(outcome: &Outcome, options: Options) -> BTreeMap<Arc<str>, Vec<&Fix>> {
    let mut plan: BTreeMap<Arc<str>, Vec<&Fix>> = BTreeMap::new();
    for judged in outcome.findings.iter().filter(|judged| judged.shown()) {
        let Some(fix) = judged.finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) else { continue };
        if fix.applicability == Applicability::Safe || options.unsafe_fixes {
            plan.entry(judged.finding.file.clone()).or_default().push(fix);
        }
    }
    for fixes in plan.values_mut() {
        fixes.sort_by_key(|fix| fix.edits.first().map(|edit| edit.span));
    }
    plan
}

fn fix_file(
    outcome: &Outcome,
    file: &Arc<str>,
    fixes: &[&Fix],
    options: Options,
    fixed: &mut Fixed,
) -> Result<(), String> {
    let checked = outcome.sources.get(file).ok_or("its text is not known; check again without the cache")?;
    let path = inside(&outcome.root, file)?;
    let bytes = fs::read(&path).map_err(|error| error.to_string())?;
    // A byte order mark stays where it is, whether or not the check saw it.
    let mark: &[u8] =
        if bytes.starts_with(MARK) && !checked.as_bytes().starts_with(MARK) { MARK } else { b"" };
    if &bytes[mark.len()..] != checked.as_bytes() {
        return Err("it changed while it was checked; run again".to_owned());
    }
    let (edits, applied) = compatible(fixes);
    let (new, impossible) = durable_lints::fix::apply(checked, &edits);
    if impossible > 0 {
        return Err("a fix does not fit its text".to_owned());
    }
    if applied < fixes.len() {
        fixed
            .lines
            .push(format!("{} fixes in {file} overlap others; run again for them", fixes.len() - applied));
    }
    if options.diff {
        fixed.diff.push_str(&unified(file, checked, &new));
    } else {
        write::atomically(&path, &[mark, new.as_bytes()].concat())
            .map_err(|error| format!("it cannot be written: {error}"))?;
        let fixes = if applied == 1 { "fix" } else { "fixes" };
        fixed.lines.push(format!("applied {applied} {fixes} in {file}"));
    }
    fixed.applied += applied;
    Ok(())
}

const MARK: &[u8] = "\u{feff}".as_bytes();

/// The file itself, through links, as long as it lies below the root.
fn inside(root: &Utf8Path, file: &str) -> Result<Utf8PathBuf, String> {
    let root = root.canonicalize_utf8().map_err(|error| error.to_string())?;
    let path = root.join(file).canonicalize_utf8().map_err(|error| error.to_string())?;
    if path.starts_with(&root) {
        Ok(path)
    } else {
        Err(format!("it leads to {path}, which is outside {root}"))
    }
}

/// The edits of all fixes that go together, each fix whole or not at all; of two that overlap the
/// first wins. Fixes may share an edit: the same import, added twice, is added once.
fn compatible(fixes: &[&Fix]) -> (Vec<Edit>, usize) {
    let mut edits: Vec<Edit> = Vec::new();
    let mut applied = 0;
    for fix in fixes {
        let fits =
            fix.edits.iter().all(|edit| edits.iter().all(|other| edit == other || !overlap(edit, other)));
        if fits {
            for edit in &fix.edits {
                if !edits.contains(edit) {
                    edits.push(edit.clone());
                }
            }
            applied += 1;
        }
    }
    (edits, applied)
}

/// Two insertions at one place overlap too: their order would be anybody's guess.
fn overlap(left: &Edit, right: &Edit) -> bool {
    let (left, right) = (left.span, right.span);
    left.start == right.start || (left.start < right.end && right.start < left.end)
}

fn unified(file: &str, old: &str, new: &str) -> String {
    let mut options = diffy::DiffOptions::new();
    options.set_original_filename(format!("a/{file}")).set_modified_filename(format!("b/{file}"));
    options.create_patch(old, new).to_string()
}

fn tighten(
    root: &Utf8Path,
    lock: &Lock,
    tightened: &Lock,
    options: Options,
    fixed: &mut Fixed,
) -> Result<(), FixError> {
    if lock.exemptions == tightened.exemptions {
        return Ok(());
    }
    if options.diff {
        fixed.diff.push_str(&unified(lock::FILE, &lock.text, &tightened.render()));
        return Ok(());
    }
    tightened.save(root).map_err(FixError::Lock)?;
    let gone = lock.exemptions.len().saturating_sub(tightened.exemptions.len());
    fixed.lines.push(match gone {
        0 => "brought durable.lock up to date".to_owned(),
        1 => "removed 1 exemption that covers nothing any more".to_owned(),
        gone => format!("removed {gone} exemptions that cover nothing any more"),
    });
    Ok(())
}

fn tell_of_the_rest(outcome: &Outcome, options: Options, fixed: &mut Fixed) {
    let needs_review = |fix: &Fix| fix.applicability == Applicability::NeedsReview && !fix.edits.is_empty();
    let left = outcome
        .findings
        .iter()
        .filter(|judged| judged.shown() && judged.finding.fix.as_ref().is_some_and(needs_review))
        .count();
    if left > 0 && !options.unsafe_fixes {
        let (are, them) = if left == 1 { ("1 more fix needs", "it") } else { ("more fixes need", "them") };
        let count = if left == 1 { String::new() } else { format!("{left} ") };
        fixed.lines.push(format!(
            "{count}{are} a look; apply {them} with `--unsafe-fixes`, or see {them} with `--diff`"
        ));
    }
}

/// As `cargo fix`: what cannot be undone, or told from the user's own changes, is refused.
fn check_version_control(root: &Utf8Path, options: Options) -> Result<(), FixError> {
    let has =
        |names: &[&str]| root.ancestors().any(|folder| names.iter().any(|name| folder.join(name).exists()));
    if options.allow_no_vcs && !has(&[".git"]) {
        return Ok(());
    }
    if has(&[".hg", ".pijul", ".jj", ".fslckout", "_FOSSIL_"]) && !has(&[".git"]) {
        return Ok(());
    }
    if !has(&[".git"]) {
        return Err(FixError::NoVersionControl);
    }
    if options.allow_dirty && options.allow_staged {
        return Ok(());
    }
    let changes = Repository::around(root)?.changes()?;
    let list = |files: &[String], state: &str| {
        files.iter().take(20).map(|file| format!("  * {file} ({state})\n")).collect::<String>()
    };
    if !options.allow_dirty && !changes.dirty.is_empty() {
        return Err(FixError::Changes { flag: "--allow-dirty", files: list(&changes.dirty, "dirty") });
    }
    // Who works on a dirty tree has decided about staged changes as well.
    if !options.allow_dirty && !options.allow_staged && !changes.staged.is_empty() {
        return Err(FixError::Changes { flag: "--allow-staged", files: list(&changes.staged, "staged") });
    }
    Ok(())
}

#[cfg(test)]
#[path = "fix_tests.rs"]
mod tests;
