//! `cargo durable man`: manual pages from the command line's own description.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

/// Writes the page of one command.
///
/// # Errors
/// Where the writer fails.
pub fn run(command: Command, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    out.write_all(&page)
}

/// The pages of a command and everything below it, as (file name, text):
/// `cargo-durable.1`, `cargo-durable-check.1`.
///
/// # Errors
/// Where a page cannot be rendered.
pub fn pages(command: &Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = command.clone().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, command.get_name(), &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let man = Man::new(command.clone().display_name(name)).title(name.to_uppercase());
    let mut page = Vec::new();
    man.render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        collect(below, &format!("{name}-{}", below.get_name()), pages)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page() {
        let check = Command::new("check").about("Refuses insecure patterns");
        let hidden = Command::new("internal").hide(true);
        let command = Command::new("cargo-durable").subcommand(check).subcommand(hidden);
        let pages = pages(&command).unwrap();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["cargo-durable.1", "cargo-durable-check.1"]);
        let text = String::from_utf8(pages[1].1.clone()).unwrap();
        assert!(text.contains(".TH CARGO-DURABLE-CHECK 1") && text.contains("Refuses insecure"), "{text}");
    }
}
