//! `cargo durable check`.

use std::io::{self, Write as _};
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use camino::Utf8Path;

use super::show_policy;
use crate::analysis::{self, Analysis};
use crate::cli::Output;
use crate::judge::judge_case;
use crate::outcome::Outcome;
use crate::policy::{FILE, Place, Policy, position};
use crate::ratchet::Lock;
use crate::ratchet::against::{self, Change};
use crate::render::text::one_line;
use crate::render::{self, Format, Options};
use crate::watch::Watch;
use crate::{cli, exit, git, write};

/// Checks what is selected and prints what was found.
///
/// # Errors
/// Where the selection, the policy, the lock file or the revision cannot be read, or a file that is
/// asked for cannot be written.
pub fn run(args: &cli::Check, options: &Options<'_>) -> Result<u8> {
    if let Some(path) = &args.show_policy {
        return show_policy(args, path);
    }
    no_file_twice(&args.output)?;
    let mut analysis = analysis::analyse(&args.selection)?;
    let report = std::mem::take(&mut analysis.report);
    let allows = report.allows.clone();
    let mut watch = analysis.watch.clone();
    let lock = Lock::load(&analysis.root)?;
    let case = analysis.case(&lock, &args.selection);
    let Analysis { root, policy, files, paths, .. } = &analysis;
    let mut outcome = judge_case(report, &case);
    outcome.root.clone_from(root);
    if case.coverage.is_whole() {
        outcome.notes.extend(idle_patterns(policy, paths));
        outcome.notes.extend(unused_policies(policy, paths));
    }
    watch.lap(format!("judged {}", render::counted(outcome.findings.len() as u64, "finding")));
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
        watch.lap(format!("compared with {revision}"));
    }
    // Files first, and their errors too: whoever reads the output may stop reading.
    let written = write_files(args, &mut outcome, options);
    let printed = print(args.message_format, &mut outcome, options);
    watch.lap("wrote the report");
    if args.verbose {
        tell(&watch)?;
    }
    written?;
    match printed {
        // Whoever reads the output may stop at any line; what was found stays found.
        Err(error) if !super::is_broken_pipe(&error) => Err(error),
        _ => Ok(exit::code(&outcome)),
    }
}

/// A pattern that means no file protects nothing, or excludes nothing: it is misspelt or left over.
fn idle_patterns(policy: &Policy, files: &[Arc<str>]) -> Option<String> {
    let idle = policy.idle_patterns(files);
    let one = |(place, text): &(&Place, &str)| {
        format!("`{text}` (line {})", position(&place.text, place.span.start as usize).line)
    };
    let list = idle.iter().map(one).collect::<Vec<_>>().join(", ");
    let patterns = if idle.len() == 1 { "a pattern" } else { "patterns" };
    (!idle.is_empty()).then(|| {
        format!("no file is meant by {patterns} of {FILE}: {list}; correct or remove what is left over")
    })
}

/// A project inside this one may have a policy of its own, which does not hold here.
fn unused_policies(policy: &Policy, files: &[Arc<str>]) -> Option<String> {
    let is_there = |path: &str| files.binary_search_by(|file| (**file).cmp(path)).is_ok();
    let folders = files.iter().filter_map(|file| file.strip_suffix(FILE)?.strip_suffix('/'));
    let mut unused = folders
        .filter(|folder| is_there(&format!("{folder}/Cargo.toml")))
        .filter(|folder| !policy.files.contains(&format!("{folder}/{FILE}")));
    let first = unused.next()?;
    let more = match unused.count() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    Some(format!(
        "{first}/{FILE}{more} does not hold here: one call has one policy, that at its root; `cargo durable check {first}` follows it where it is a project of its own"
    ))
}

fn print(format: Format, outcome: &mut Outcome, options: &Options<'_>) -> Result<()> {
    read_texts(format, outcome, options);
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    render::render(format, outcome, options, &mut out)?;
    out.flush()?;
    Ok(())
}

/// Writes every file that is asked for, also where one fails; then says which.
fn write_files(args: &cli::Check, outcome: &mut Outcome, options: &Options<'_>) -> Result<()> {
    // What is quiet on the terminal is whole in a file, and nobody colours files.
    let options = Options { color: false, width: 0, quiet: false, ..*options };
    let mut result = Ok(());
    for output in &args.output {
        let format = output.format(args.message_format);
        read_texts(format, outcome, &options);
        let mut bytes = Vec::new();
        render::render(format, outcome, &options, &mut bytes)?;
        let written = write::atomically(&output.file, &bytes);
        result = result.and(written.map_err(|error| not_written(&output.file, &error)));
    }
    result
}

fn not_written(file: &Utf8Path, error: &io::Error) -> anyhow::Error {
    match file.parent().filter(|folder| !folder.as_str().is_empty() && !folder.is_dir()) {
        Some(folder) => anyhow!("{file} cannot be written: there is no folder {folder}"),
        None => anyhow!("{file} cannot be written: {error}"),
    }
}

fn read_texts(format: Format, outcome: &mut Outcome, options: &Options<'_>) {
    let texts = analysis::texts(outcome, render::with_text(format, outcome, options));
    outcome.sources.extend(texts);
}

/// The second report would replace the first.
fn no_file_twice(outputs: &[Output]) -> Result<()> {
    for (index, output) in outputs.iter().enumerate() {
        if outputs[..index].iter().any(|other| other.whole() == output.whole()) {
            bail!("--output names {} twice; give each format a file of its own", output.file);
        }
    }
    Ok(())
}

fn tell(watch: &Watch) -> io::Result<()> {
    let mut err = anstream::stderr().lock();
    for (what, time) in &watch.steps {
        writeln!(err, "{:>8.1} ms  {}", time.as_secs_f64() * 1000.0, one_line(what))?;
    }
    Ok(())
}

fn show_policy(args: &cli::Check, path: &Utf8Path) -> Result<u8> {
    let around = analysis::policy_around(&args.selection, path)?;
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    show_policy::write(&around, args.selection.profile, &mut out)?;
    out.flush()?;
    Ok(exit::CLEAN)
}
