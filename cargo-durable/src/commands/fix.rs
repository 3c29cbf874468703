//! `cargo durable fix`: fixes applied to files, and exemptions that are no longer needed dropped.

mod draft;
mod rest;

use std::io;

use camino::Utf8Path;

use crate::analysis::Selected;
use crate::cli;
use crate::git::{GitError, Repository};
use crate::judge::{judge_case, tightened};
use crate::outcome::Outcome;
use crate::ratchet::{Lock, lock};
use crate::render::text::{ITEM, diff_lines, one_line, unified};
use crate::write::{Hold, WriteError};

use draft::{Draft, Texts};

/// Applies fixes and drops exemptions that are no longer needed.
///
/// # Errors
/// Where the working folder is not safe to change, or a file cannot be read or written.
pub fn run(args: &cli::Fix, out: &mut dyn io::Write) -> anyhow::Result<()> {
    let selected = Selected::new(&args.selection)?;
    let lock = Lock::load(selected.root())?;
    let judge = |changed: &Texts| {
        let (analysis, sources) = selected.with(changed)?;
        let case = analysis.case(&lock, &args.selection);
        let mut outcome = judge_case(analysis.report.clone(), &case);
        outcome.root.clone_from(&analysis.root);
        for judged in outcome.findings.iter().filter(|judged| judged.shown()) {
            let text = sources.text(&judged.finding.file);
            outcome.sources.extend(text.map(|text| (judged.finding.file.clone(), text)));
        }
        Ok(Verdict { tightened: tightened(&analysis.report, &case), outcome })
    };
    let options = Options {
        unsafe_fixes: args.unsafe_fixes,
        diff: args.diff,
        allow_dirty: args.allow_dirty,
        allow_staged: args.allow_staged,
        allow_no_vcs: args.allow_no_vcs,
    };
    let fixed = fix(selected.root(), &judge, &lock, options)?;
    let diff = diff_lines(&fixed.diff);
    write!(out, "{diff}")?;
    if *diff != *fixed.diff {
        writeln!(
            out,
            "characters that cannot be seen are shown by name above, so `patch` may refuse this diff; `cargo durable fix` applies it"
        )?;
    }
    for line in &fixed.lines {
        writeln!(out, "{}", one_line(line))?;
    }
    out.flush()?;
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
        "the working folder has changes that are not committed, and `fix` can change much; commit them, or pass `{flag}`:{files}"
    )]
    Changes {
        /// What would let it go on.
        flag: &'static str,
        /// The files, each on a line of its own.
        files: String,
    },
    /// Git could not be asked.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The folder could not be looked at.
    #[error(transparent)]
    Analysis(#[from] anyhow::Error),
    /// Files could not be changed now.
    #[error(transparent)]
    Write(#[from] WriteError),
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
    /// The unified diff of all changes, and of those that need a look; filled with `diff` only.
    pub diff: String,
}

/// What is found in the texts as they are, and the exemptions as [`tightened`] leaves them. The texts
/// that were checked have to be in `outcome.sources`.
pub struct Verdict {
    outcome: Outcome,
    tightened: Lock,
}

/// Looks at the files below the root with some of their texts changed.
type Judge<'a> = dyn Fn(&Texts) -> anyhow::Result<Verdict> + 'a;

/// Fixes make others possible: those that overlapped, or whose place came into view. So often is
/// looked again; what is still left then may go round in circles.
const PASSES: usize = 8;

/// Applies the fixes of new findings to the files below the root, and drops exemptions that are no
/// longer needed. Everything is tried in memory first; then each file is written once, whole, and only
/// where it still is what was judged.
///
/// # Errors
/// Where the working folder is not safe to change or cannot be looked at; then nothing is touched.
pub fn fix(root: &Utf8Path, judge: &Judge<'_>, lock: &Lock, options: Options) -> Result<Fixed, FixError> {
    if !options.diff {
        check_version_control(root, options)?;
    }
    let mut draft = Draft::new(root);
    let verdict = apply(&mut draft, judge(&Texts::new())?, judge, options.unsafe_fixes)?;
    let mut fixed = Fixed::default();
    if options.diff {
        fixed.diff = draft.diff();
        if lock.exemptions != verdict.tightened.exemptions {
            fixed.diff += &unified(lock::FILE, &lock.text, &verdict.tightened.render());
        }
        if !options.unsafe_fixes {
            fixed.diff += &in_need_of_a_look(&draft, &verdict, judge)?;
        }
        fixed.lines.extend(draft.told(true));
        fixed.failed = draft.refused.len();
    } else {
        let hold = Hold::of(root)?;
        draft.write(&hold);
        fixed.lines.extend(draft.told(false));
        fixed.failed = draft.refused.len();
        if lock.exemptions != verdict.tightened.exemptions {
            tighten(&hold, lock, &verdict.tightened, &mut fixed);
        }
    }
    fixed.applied = draft.applied();
    fixed.lines.extend(rest::told(&verdict.outcome, &draft, options.unsafe_fixes));
    Ok(fixed)
}

/// Applies fixes and looks again until there are no more.
fn apply(
    draft: &mut Draft,
    mut verdict: Verdict,
    judge: &Judge<'_>,
    unsafe_fixes: bool,
) -> anyhow::Result<Verdict> {
    for _ in 0..PASSES {
        if !draft.apply(&verdict.outcome, unsafe_fixes) {
            break;
        }
        verdict = judge(&draft.texts())?;
    }
    Ok(verdict)
}

/// What `--unsafe-fixes` would change besides.
fn in_need_of_a_look(draft: &Draft, verdict: &Verdict, judge: &Judge<'_>) -> anyhow::Result<String> {
    let mut more = draft.follow_up();
    let outcome = Verdict { outcome: verdict.outcome.clone(), tightened: verdict.tightened.clone() };
    apply(&mut more, outcome, judge, true)?;
    let diff = more.diff();
    Ok(if diff.is_empty() {
        diff
    } else {
        format!("\nThese need a look, and `--unsafe-fixes` applies them:\n{diff}")
    })
}

fn tighten(hold: &Hold, lock: &Lock, tightened: &Lock, fixed: &mut Fixed) {
    if fixed.failed > 0 {
        // What is not needed was found out with changes that did not come about.
        fixed.lines.push(format!("left {} alone, as not every file could be changed", lock::FILE));
        return;
    }
    if let Err(error) = tightened.save(hold) {
        fixed.failed += 1;
        fixed.lines.push(format!("left {} alone: {error}", lock::FILE));
        return;
    }
    let gone = lock.exemptions.len().saturating_sub(tightened.exemptions.len());
    fixed.lines.push(match gone {
        0 => "brought durable.lock up to date".to_owned(),
        1 => "removed 1 exemption that covers nothing any more".to_owned(),
        gone => format!("removed {gone} exemptions that cover nothing any more"),
    });
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
        files.iter().take(20).map(|file| format!("{ITEM}{} ({state})", one_line(file))).collect::<String>()
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
mod tests;
