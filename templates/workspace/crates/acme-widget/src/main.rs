//! Says which addresses an allow list lets in.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use durable_macros::durable;

use acme_widget_core::AllowList;
use acme_widget_core::InvalidList;

/// Says which addresses an allow list lets in
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 all are let in, 1 some are not, 2 nothing can be said"
)]
struct Cli {
    /// The allow list: a network a line
    list: PathBuf,

    /// The addresses that are asked about
    #[arg(required = true)]
    addresses: Vec<IpAddr>,
}

/// Names are quoted by `{:?}`, which lets through nothing that moves a cursor or begins a line.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{path:?} cannot be read: {source}")]
    Unreadable { path: PathBuf, source: io::Error },

    #[error("{path:?} is not UTF-8")]
    NotText { path: PathBuf },

    #[error("{path:?}: {source}")]
    Invalid { path: PathBuf, source: InvalidList },

    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli, &mut io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            // There is nowhere left to say that standard error is closed.
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Whether all of the addresses are let in. Scripts go by that, so what fails says neither yes nor no.
#[durable(
    owner = "acme-team",
    guard = "tests::an_answer_that_is_lost_is_neither_yes_nor_no"
)]
fn run(cli: &Cli, out: &mut impl Write) -> Result<bool, Error> {
    let list = read(&cli.list)?;
    let mut all = true;
    for &address in &cli.addresses {
        let allowed = list.allows(address);
        all &= allowed;
        let answer = if allowed { "allowed" } else { "refused" };
        writeln!(out, "{answer}  {address}")?;
    }
    out.flush()?;
    Ok(all)
}

fn read(path: &Path) -> Result<AllowList, Error> {
    let unreadable = |source| Error::Unreadable {
        path: path.into(),
        source,
    };
    let mut bytes = Vec::new();
    // One byte more than the list may have, which is enough to refuse it; `/dev/zero` ends here as well.
    File::open(path)
        .map_err(unreadable)?
        .take(AllowList::MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| Error::NotText { path: path.into() })?;
    text.parse().map_err(|source| Error::Invalid {
        path: path.into(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_answer_that_is_lost_is_neither_yes_nor_no() {
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/office");
        let cli = Cli {
            list,
            addresses: vec![IpAddr::from([10, 1, 2, 3])],
        };
        assert!(matches!(run(&cli, &mut Vec::new()), Ok(true)));
        // No room for a single byte.
        let full = &mut [0; 0][..];
        assert!(matches!(run(&cli, &mut &mut *full), Err(Error::Output(_))));
    }
}
