//! Every argument and flag.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use log::LevelFilter;

/// Lists the services of a machine by port
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done, 1 the input is refused, 2 the call is wrong or a file cannot be read or written"
)]
pub(crate) struct Cli {
    /// Tell on standard error what is done
    #[arg(short, long, global = true)]
    verbose: bool,

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
            (false, false) => LevelFilter::Warn,
            (false, true) => LevelFilter::Debug,
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
    fn flags_set_how_much_is_told() {
        let level = |flags: &[&str]| {
            let call = ["tool", "list", "file"].iter().chain(flags);
            Cli::try_parse_from(call).map(|cli| cli.level()).ok()
        };
        assert_eq!(level(&["-q"]), Some(LevelFilter::Error));
        assert_eq!(level(&[]), Some(LevelFilter::Warn));
        assert_eq!(level(&["-v"]), Some(LevelFilter::Debug));
        assert_eq!(level(&["-q", "-v"]), None);
    }
}
