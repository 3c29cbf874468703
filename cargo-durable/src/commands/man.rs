//! `cargo durable man`: manual pages from the command line's own description.

use std::io::{self, Write as _};

use clap::Command;
use clap_mangen::Man;

/// The pages of a command and everything below it, as (file name, text):
/// `cargo-durable.1`, `cargo-durable-check.1`.
///
/// # Errors
/// Where a page cannot be rendered.
pub fn pages(command: &Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = command.clone().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, command.get_name(), "cargo", &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, name: &str, above: &str, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let man = Man::new(command.clone().display_name(name)).title(name.to_uppercase());
    let mut page = Vec::new();
    man.render(&mut page)?;
    writeln!(page, ".SH \"SEE ALSO\"\n\\fB{}\\fR(1)", above.replace('-', "\\-"))?;
    pages.push((format!("{name}.1"), page));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        collect(below, &format!("{name}-{}", below.get_name()), name, pages)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli;

    fn text(name: &str) -> String {
        let pages = pages(&cli::command()).unwrap();
        let page = pages.into_iter().find(|(file, _)| file == name).unwrap();
        String::from_utf8(page.1).unwrap().replace("\\-", "-")
    }

    #[test]
    fn each_command_has_a_page_of_its_own_name() {
        let main = text("cargo-durable.1");
        assert!(main.contains(".TH CARGO-DURABLE 1"), "{main}");
        assert!(main.contains("\ncargo-durable - Make") && main.contains("\\fBcargo durable\\fR"), "{main}");
        let check = text("cargo-durable-check.1");
        assert!(check.contains(".TH CARGO-DURABLE-CHECK 1") && check.contains("Refuse insecure"), "{check}");
        assert!(check.contains("\\fBcargo durable check\\fR"), "{check}");
        assert!(check.ends_with("\\fBcargo-durable\\fR(1)\n"), "{check}");
    }

    #[test]
    fn every_page_that_is_named_is_there() {
        let pages = pages(&cli::command()).unwrap();
        let names: BTreeSet<&str> = pages.iter().map(|(name, _)| name.trim_end_matches(".1")).collect();
        let mut named = 0;
        for (file, page) in &pages {
            let text = String::from_utf8_lossy(page).replace("\\-", "-").replace("\\fR(1)", "(1)");
            for before in text.split("(1)").collect::<Vec<_>>().split_last().unwrap().1 {
                let name = before.rsplit(|c: char| c.is_whitespace() || c == 'B').next().unwrap();
                assert!(name == "cargo" || names.contains(name), "{file} names {name}");
                named += 1;
            }
        }
        assert!(named > names.len(), "{named}");
        assert!(!names.iter().any(|name| name.contains("__")), "{names:?}");
    }
}
