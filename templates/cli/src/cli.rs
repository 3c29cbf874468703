//! Every argument and flag.

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand};
use clap_complete::Shell;
use log::LevelFilter;

/// Lists the services of a machine by port
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done, 1 the input is refused, 2 the call is wrong or a file cannot be read or written"
)]
pub(crate) struct Cli {
    /// Tell more on standard error; twice for details
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,

    /// Tell errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a file of services and list them by port
    List {
        /// One service a line: its name and its port
        file: PathBuf,
    },
    /// Print a completion script for a shell
    Completions { shell: Shell },
}

impl Cli {
    pub(crate) fn level(&self) -> LevelFilter {
        match (self.quiet, self.verbose) {
            (true, _) => LevelFilter::Error,
            (false, 0) => LevelFilter::Warn,
            (false, 1) => LevelFilter::Info,
            (false, _) => LevelFilter::Debug,
        }
    }
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
    fn each_v_tells_more() {
        let level = |flags: &[&str]| {
            let call = ["tool", "list", "file"].iter().chain(flags);
            Cli::try_parse_from(call).unwrap().level()
        };
        assert_eq!(level(&["-q"]), LevelFilter::Error);
        assert_eq!(level(&[]), LevelFilter::Warn);
        assert_eq!(level(&["-v"]), LevelFilter::Info);
        assert_eq!(level(&["-vv"]), LevelFilter::Debug);
    }
}
