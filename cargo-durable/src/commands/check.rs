//! `cargo durable check`.

use std::io::{self, Write as _};

use anyhow::Result;

use crate::analysis::{self, Analysis};
use crate::judge::judge_case;
use crate::ratchet::{Lock, against};
use crate::render::{self, Options};
use crate::{cli, exit, git};

/// Checks what is selected and prints what was found.
///
/// # Errors
/// Where the selection, the policy, the lock file or the revision cannot be read.
pub fn run(args: &cli::Check, options: &Options<'_>) -> Result<u8> {
    let mut analysis = analysis::analyse(&args.selection)?;
    let report = std::mem::take(&mut analysis.report);
    let allows = report.allows.clone();
    let lock = Lock::load(&analysis.root)?;
    let case = analysis.case(&lock, &args.selection);
    let Analysis { root, policy, .. } = &analysis;
    let mut outcome = judge_case(report, &case);
    outcome.root = root.clone();
    if let Some(revision) = &args.against {
        let before = against::at(&git::Repository::around(root)?, revision)?;
        against::judge(&mut outcome, &before, policy, &lock, &allows, args.approve_weakening.as_deref())?;
    }
    let texts = analysis::texts(&outcome, render::with_text(args.message_format, &outcome, options));
    outcome.sources.extend(texts);
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    render::render(args.message_format, &outcome, options, &mut out)?;
    out.flush()?;
    Ok(exit::code(&outcome))
}
