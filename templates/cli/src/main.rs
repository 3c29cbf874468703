//! Lists the services of a machine by port.

mod cli;
mod error;
mod logging;
mod services;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use log::{debug, error};

use cli::{Cli, Command};
use error::Error;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(cli.level());
    match run(&cli, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has seen enough, as in `… | head`.
        Err(Error::Output(source)) if source.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            error!("{failure}");
            failure.exit_code()
        }
    }
}

fn run(cli: &Cli, out: &mut impl Write) -> Result<(), Error> {
    match &cli.command {
        Command::List { file } => {
            let mut services = services::read(file)?;
            debug!("{}: services: {}", file.display(), services.len());
            services.sort_by_key(|service| service.port);
            for service in &services {
                writeln!(out, "{:>5}  {}", service.port, service.name).map_err(Error::Output)?;
            }
        }
        Command::Completions { shell } => {
            // Into memory first: `generate` panics where its writer fails.
            let mut script = Vec::new();
            clap_complete::generate(
                *shell,
                &mut Cli::command(),
                env!("CARGO_PKG_NAME"),
                &mut script,
            );
            out.write_all(&script).map_err(Error::Output)?;
        }
    }
    out.flush().map_err(Error::Output)
}
