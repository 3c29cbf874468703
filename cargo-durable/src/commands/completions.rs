//! `cargo durable completions SHELL`.

use std::io::{self, Write};

use clap::Command;
pub use clap_complete::Shell;

/// Writes the completion script of a shell for a command line.
///
/// # Errors
/// Where the writer fails.
pub fn run(shell: Shell, command: &mut Command, out: &mut dyn Write) -> io::Result<()> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
    // The generator panics where its writer fails, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, command, name, &mut script);
    out.write_all(&script)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_gets_a_script_with_the_subcommands() {
        for shell in Shell::value_variants() {
            let mut command = Command::new("cargo-durable").subcommand(Command::new("explain"));
            let mut out = Vec::new();
            run(*shell, &mut command, &mut out).unwrap();
            assert!(String::from_utf8(out).unwrap().contains("explain"), "{shell}");
        }
    }
}
