//! One file a command; each reads like the list of its steps.

pub mod allow;
pub mod baseline;
pub mod check;
pub mod completions;
pub mod exemptions;
pub mod explain;
pub mod fix;
pub mod history;
pub mod lints;
pub mod man;
pub mod new;
pub mod owners;
pub mod show_policy;
mod table;

use std::io::{self, Write as _};

use anyhow::Result;
use durable_lints::lints::ALL;

use crate::cli::{Command, Durable};
use crate::render::Options;
use crate::render::text::message;
use crate::{cli, exit, interrupt, write};

/// Runs a command and says how the process ends. Errors are printed here and nowhere else.
pub fn run(durable: &Durable) -> u8 {
    interrupt::end_in_order();
    durable_lints::engine::bound_threads();
    durable.color.apply();
    match dispatch(&durable.command) {
        Ok(code) => code,
        // Whoever read the output has read enough. A command that changes files may not have come so far.
        Err(error) if durable.command.only_prints() && is_broken_pipe(&error) => exit::CLEAN,
        Err(error) => {
            let style = anstyle::AnsiColor::Red.on_default().bold();
            let message = message(&format!("{error:#}"));
            // Where even standard error is gone there is nobody left to tell.
            let _ = writeln!(anstream::stderr(), "{style}error{style:#}: {message}");
            exit::INCOMPLETE
        }
    }
}

fn dispatch(command: &Command) -> Result<u8> {
    let version = env!("CARGO_PKG_VERSION");
    let color = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    let width = width(std::env::var("COLUMNS").ok().as_deref());
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    match command {
        Command::Check(args) => {
            drop(out);
            let show_exempt = args.selection.profile == crate::policy::Profile::Audit;
            let cli::Check { quiet, verbose, statistics, .. } = *args;
            let options = Options { color, width, show_exempt, quiet, verbose, statistics, version };
            return check::run(args, &options);
        }
        Command::New(args) => new::run(args, &mut out)?,
        Command::Fix(args) => fix::run(args, &mut out)?,
        Command::Allow(args) => allow::run(args, &mut out)?,
        Command::Baseline(args) => baseline::run(args, &mut out)?,
        Command::Exemptions(args) => exemptions::run(args, color, width, &mut out)?,
        Command::Owners(args) => {
            let code = owners::run(args, color, width, &mut out)?;
            out.flush()?;
            return Ok(code);
        }
        Command::History(args) => {
            let code = history::run(args, color, width, &mut out)?;
            out.flush()?;
            return Ok(code);
        }
        Command::Explain { name } => {
            let options = explain::Options { color, width, version };
            if let Err(message) = explain::run(name, ALL, &options, &mut out)? {
                anyhow::bail!(message);
            }
        }
        Command::Lints { format: lints::Format::Json } => lints::write_json(ALL, version, &mut out)?,
        Command::Lints { format: lints::Format::Table } => lints::write_table(ALL, color, width, &mut out)?,
        Command::Completions { shell } => completions::run(*shell, &mut out)?,
        Command::Complete { shell, words } => {
            completions::candidates(*shell, words, cli::command(), &mut out)?
        }
        Command::Man { out: None } => {
            if let Some((_, page)) = man::pages(&cli::command())?.first() {
                out.write_all(page)?;
            }
        }
        Command::Man { out: Some(folder) } => {
            for (name, page) in man::pages(&cli::command())? {
                write::atomically(&folder.join(name), &page)?;
            }
        }
    }
    out.flush()?;
    Ok(exit::CLEAN)
}

/// The width of the terminal that is written to, 0 where it is none. As in other tools, `COLUMNS`
/// speaks for a terminal and not for a file or pipe.
fn width(columns: Option<&str>) -> usize {
    let Some((terminal_size::Width(width), _)) = terminal_size::terminal_size_of(io::stdout()) else {
        return 0;
    };
    let wanted = columns.and_then(|columns| columns.parse().ok()).filter(|wanted| *wanted > 0);
    wanted.unwrap_or(usize::from(width))
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
