//! `cargo durable check`.

use std::io::{self, Write as _};

use anyhow::Result;

use crate::analysis::{self, Analysis};
use crate::cache::Cache;
use crate::cli;
use crate::judge::judge;
use crate::ratchet::{Lock, against};
use crate::render::{self, Options};
use crate::{exit, git};

/// Checks what is selected and prints what was found.
///
/// # Errors
/// Where the selection, the policy, the lock file or the revision cannot be read.
pub fn run(args: &cli::Check, options: &Options<'_>) -> Result<u8> {
    let selection = &args.selection;
    let load = selection.options(Cache::default_folder().filter(|_| !selection.no_cache));
    let Analysis { report, root, policy } = analysis::analyse(&load, selection.profile, !selection.no_cache)?;
    let lock = Lock::load(&root)?;
    let mut outcome = judge(report, &policy, &lock, selection.now(), selection.profile);
    outcome.root = root;
    if let Some(revision) = &args.against {
        let before = against::at(&git::Repository::around(&outcome.root)?, revision)?;
        against::judge(&mut outcome, &before, &policy, &lock, args.approve_weakening.as_deref())?;
    }
    let shown: Vec<_> = outcome.findings.iter().filter(|judged| judged.shown()).map(|judged| judged.finding.file.clone()).collect();
    analysis::add_sources(&mut outcome, shown.iter());
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    render::render(args.message_format, &outcome, options, &mut out)?;
    out.flush()?;
    Ok(exit::code(&outcome))
}
