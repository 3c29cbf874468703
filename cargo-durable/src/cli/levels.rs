//! `-D LINT` and its like, in the order given.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};
use durable_lints::lint::Level;
use durable_lints::lints::ALL;

use crate::commands::explain::unknown;
use crate::policy::Set;

/// Levels for one call. The library keeps no order among different options by itself, and here the
/// last one counts.
#[derive(Clone, Debug, Default)]
pub struct Levels(pub Vec<Set>);

const OPTIONS: [(char, &str, Level, &str); 4] = [
    ('A', "allow", Level::Allow, "Let pass what this lint or group finds"),
    ('W', "warn", Level::Warn, "Show what this lint or group finds"),
    ('D', "deny", Level::Deny, "Fail on what this lint or group finds"),
    ('F', "forbid", Level::Forbid, "Fail on what this lint or group finds, whatever exempts it"),
];

impl Args for Levels {
    fn augment_args(command: Command) -> Command {
        let option = |(short, long, _, help): (char, &'static str, Level, &'static str)| {
            let arg = Arg::new(long).short(short).long(long).value_name("LINT").help(help);
            arg.action(ArgAction::Append).value_parser(lint_or_group).help_heading("Levels")
        };
        command.args(OPTIONS.map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Levels::augment_args(command)
    }
}

impl FromArgMatches for Levels {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Levels, Error> {
        let mut levels = Vec::new();
        for (_, id, level, _) in OPTIONS {
            let names = matches.get_many::<String>(id).into_iter().flatten();
            let places = matches.indices_of(id).into_iter().flatten();
            levels.extend(places.zip(names).map(|(at, name)| (at, Set { name: name.clone(), level })));
        }
        levels.sort_by_key(|(at, _)| *at);
        Ok(Levels(levels.into_iter().map(|(_, set)| set).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Levels::from_arg_matches(matches)?;
        Ok(())
    }
}

fn lint_or_group(text: &str) -> Result<String, String> {
    let name = text.trim_start_matches("durable::").replace('-', "_");
    let known = ALL.iter().any(|lint| lint.name == name || lint.group == name);
    if known { Ok(name) } else { Err(unknown(&name, ALL)) }
}
