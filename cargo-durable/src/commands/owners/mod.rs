//! `cargo durable owners`: who answers for what.

pub mod codeowners;

use std::io::Write;

use anyhow::{Result, bail};

use crate::cli;

/// Writes or verifies CODEOWNERS; gives the exit code.
///
/// # Errors
/// Where the policy cannot be said to the host, or a file cannot be read or written.
pub fn run(args: &cli::Owners, out: &mut dyn Write) -> Result<u8> {
    match args.codeowners {
        Some(host) => codeowners::run(host.into(), args, out),
        None => bail!("say what to do: `cargo durable owners --codeowners` writes CODEOWNERS"),
    }
}
