//! `cargo durable completions SHELL`: a script that stands beside cargo's own completion and asks
//! this program, by a hidden subcommand, what may follow. So a script that was installed once knows
//! the lints of whatever version is there, and the owners and packages of the project around.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Command;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate, complete};
use durable_lints::lints::ALL;
use durable_lints::load::{self, LoadOptions};
use jiff::Timestamp;

use crate::policy::Policy;
use crate::render::text::one_line;

/// A shell that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// Elvish.
    Elvish,
    /// fish.
    Fish,
    /// PowerShell, which completes `cargo-durable …` only.
    Powershell,
    /// Z shell.
    Zsh,
}

/// Writes the completion script of a shell.
///
/// # Errors
/// Where the writer fails.
pub fn run(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let script = match shell {
        Shell::Bash => include_str!("completions/bash.sh"),
        Shell::Elvish => include_str!("completions/elvish.elv"),
        Shell::Fish => include_str!("completions/fish.fish"),
        Shell::Powershell => include_str!("completions/powershell.ps1"),
        Shell::Zsh => include_str!("completions/zsh.zsh"),
    };
    out.write_all(script.as_bytes())
}

/// Writes what the last word may become, a line each. The first word is the command, whatever it is
/// called. Where nothing is written, the shell offers files.
///
/// # Errors
/// Where the writer fails.
pub fn candidates(shell: Shell, words: &[OsString], command: Command, out: &mut dyn Write) -> io::Result<()> {
    let mut words = words.to_vec();
    match shell {
        // bash takes `--owner=x` for three words; without the middle one they mean the same.
        Shell::Bash => words.retain(|word| word != "="),
        // An empty word does not reach a program from every PowerShell.
        Shell::Powershell => words.iter_mut().filter(|word| *word == "\"\"").for_each(OsString::clear),
        Shell::Elvish | Shell::Fish | Shell::Zsh => {}
    }
    let last = words.len().saturating_sub(1);
    let Ok(found) = complete(&mut with_values(command), words, last, None) else { return Ok(()) };
    for candidate in found {
        let value = candidate.get_value().to_string_lossy().into_owned();
        let help = candidate.get_help().map(|help| help.to_string()).unwrap_or_default();
        let help = one_line(help.lines().next().unwrap_or_default()).into_owned();
        match shell {
            Shell::Zsh => writeln!(out, "{}:{}", escaped(&value), help.replace('\\', "\\\\"))?,
            Shell::Fish | Shell::Powershell => writeln!(out, "{value}\t{help}")?,
            Shell::Bash | Shell::Elvish => writeln!(out, "{value}")?,
        }
    }
    Ok(())
}

/// zsh ends a value at its first colon.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace(':', "\\:")
}

/// The command with what its arguments may be. Files are left to the shell, which can quote them.
fn with_values(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let values: fn() -> Vec<CompletionCandidate> = match arg.get_id().as_str() {
            "name" | "names" | "findings" => lints,
            "owner" | "to" | "approve_weakening" => owners,
            "packages" | "exclude" => packages,
            _ if arg.get_possible_values().is_empty() => Vec::new,
            _ => return arg,
        };
        arg.add(ArgValueCandidates::new(values))
    });
    command.mut_subcommands(with_values)
}

fn lints() -> Vec<CompletionCandidate> {
    let mut groups: Vec<&str> = ALL.iter().map(|lint| lint.group).collect();
    groups.dedup();
    let groups =
        groups.into_iter().map(|group| CompletionCandidate::new(group).help(Some("a group of lints".into())));
    let lints = ALL
        .iter()
        .map(|lint| CompletionCandidate::new(lint.name).help(Some(lint.summary().to_owned().into())));
    lints.chain(groups).collect()
}

fn owners() -> Vec<CompletionCandidate> {
    let Some(survey) = survey() else { return Vec::new() };
    let owners = Policy::load(&survey.root).map(|policy| policy.owners).unwrap_or_default();
    let owners = owners.into_iter().filter(|owner| is_plain(&owner.id));
    owners.map(|owner| CompletionCandidate::new(owner.id).help(owner.team.map(Into::into))).collect()
}

fn packages() -> Vec<CompletionCandidate> {
    let names = survey().map(|survey| load::package_names(&survey)).unwrap_or_default();
    names.into_iter().filter(|name| is_plain(name)).map(CompletionCandidate::new).collect()
}

fn survey() -> Option<load::Survey> {
    load::survey(&LoadOptions { workspace: true, ..LoadOptions::at(Timestamp::now()) }).ok()
}

/// Whether a shell takes a word as it is: what the checkout names must not become a command by
/// being completed.
fn is_plain(word: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+');
    word.chars().all(plain) && !word.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;

    fn complete(shell: Shell, line: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let mut out = Vec::new();
        candidates(shell, &words, cli::command(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn subcommands_options_values_and_lints_are_offered() {
        assert_eq!(complete(Shell::Bash, "durable expl"), "explain\n");
        assert_eq!(complete(Shell::Bash, "cargo-durable check --message-format sa"), "sarif\n");
        assert_eq!(complete(Shell::Bash, "cargo-durable check --message-format = sa"), "sarif\n");
        assert_eq!(complete(Shell::Bash, "durable explain weak_h"), "weak_hashes\n");
        assert_eq!(complete(Shell::Elvish, "durable allow supply"), "supply_chain\n");
        assert!(complete(Shell::Fish, "durable explain weak_h").starts_with("weak_hashes\t"));
        assert!(complete(Shell::Zsh, "durable exemptions with").starts_with("withdraw:Remove"));
        assert_eq!(complete(Shell::Bash, "durable exemptions transfer --t"), "--to\n");
    }

    #[test]
    fn files_and_what_is_hidden_are_not() {
        assert_eq!(complete(Shell::Bash, "durable check --manifest-path "), "");
        assert_eq!(complete(Shell::Bash, "durable check Car"), "");
        assert!(!complete(Shell::Bash, "durable ").contains("__complete"));
    }

    #[test]
    fn no_word_of_the_checkout_becomes_a_command() {
        assert!(is_plain("team-a") && is_plain("équipe"));
        for word in ["$(id)", "a b", "`id`", "a;b", "--to", "*", "a\nb", "'"] {
            assert!(!is_plain(word), "{word}");
        }
    }
}
