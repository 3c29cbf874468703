//! `cargo durable check`.

use std::io::{self, Write as _};

use anyhow::Result;

use crate::analysis::{self, Analysis};
use crate::judge::judge_case;
use crate::ratchet::Lock;
use crate::ratchet::against::{self, Change};
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
    let Analysis { root, policy, files, paths, .. } = &analysis;
    let mut outcome = judge_case(report, &case);
    outcome.root = root.clone();
    if let Some(revision) = &args.against {
        let before = against::at(&git::Repository::around(root)?, revision)?;
        let change = Change {
            before: &before,
            base: analysis::of_files(&before.files, &args.selection, policy)?,
            case: &case,
            files,
            allows: &allows,
            paths,
            everywhere: &|| analysis::everywhere(&args.selection, policy),
        };
        against::judge(&mut outcome, change, args.approve_weakening.as_deref())?;
    }
    let texts = analysis::texts(&outcome, &render::with_text(args.message_format, &outcome, options));
    outcome.sources.extend(texts);
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    let written = render::render(args.message_format, &outcome, options, &mut out).and_then(|()| out.flush());
    match written {
        // Whoever reads the output may stop at any line; what was found stays found.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(exit::code(&outcome)),
    }
}
