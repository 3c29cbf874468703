//! `cargo durable history`: when each finding came, went and came back.

mod json;
mod table;

use std::io::Write;

use anyhow::{Result, bail};
use durable_lints::lint::Level;

use crate::analysis::Selected;
use crate::bar::Bar;
use crate::cache::Cache;
use crate::commands::lints::Format;
use crate::history::lives::{Event, Life};
use crate::history::{History, Range};
use crate::policy::{Policy, suggestion};
use crate::render::text::message;
use crate::{cli, exit, interrupt};

/// Walks the history and writes what happened; 2 where an interrupt cut it short.
///
/// # Errors
/// Where there is no repository, an object cannot be read, a name is not known, or the writer fails.
pub fn run(args: &cli::History, color: bool, width: usize, out: &mut dyn Write) -> Result<u8> {
    let selection = cli::Selection::all(&args.scope);
    let selected = Selected::new(&selection)?;
    let filter = Filter::new(args, selected.policy())?;
    let range = Range { since: args.since, until: args.until, judge: args.policy };
    let cache = Cache::default_folder().filter(|_| !args.scope.no_cache);
    let bar = Bar::new("Walking", "commits");
    let mut history = History::read(&selected, range, cache, &bar)?;
    bar.clear();
    filter.has_known_names(&history, selected.policy())?;
    history.lives.retain(|life| filter.has(life));
    // What stands is told as on the last day that is asked for.
    let today = table::day(args.until.unwrap_or(selection.now()).min(selection.now()));
    match args.format {
        Format::Json => json::write(&history, today, out)?,
        Format::Table => table::write(&history, filter.least(), today, color, width, out)?,
    }
    for note in &history.notes {
        writeln!(anstream::stderr(), "note: {}", message(note))?;
    }
    Ok(if interrupt::happened() { exit::INCOMPLETE } else { exit::CLEAN })
}

/// Which findings are told of.
struct Filter {
    lints: Vec<String>,
    packages: Vec<String>,
    owner: Option<String>,
    all: bool,
}

impl Filter {
    fn new(args: &cli::History, policy: &Policy) -> Result<Filter> {
        let names = || policy.lints().flat_map(|lint| [lint.name, lint.group]);
        let plain = |name: &String| name.replace('-', "_");
        let lints: Vec<String> = args.lints.iter().map(plain).collect();
        if let Some(unknown) = lints.iter().find(|name| !names().any(|known| known == *name)) {
            let help = suggestion(unknown, names()).map(|help| format!("; {help}")).unwrap_or_default();
            bail!("there is no lint or group `{unknown}`{help}; `cargo durable lints` lists them");
        }
        let all = args.all || !lints.is_empty();
        Ok(Filter { lints, packages: args.packages.clone(), owner: args.owner.clone(), all })
    }

    /// Refuses packages that no commit has, and owners that nobody knows.
    fn has_known_names(&self, history: &History, policy: &Policy) -> Result<()> {
        let packages = || history.packages.iter().flat_map(|names| names.iter()).map(|name| &**name);
        if let Some(unknown) = self.packages.iter().find(|name| !packages().any(|known| known == *name)) {
            let help = suggestion(unknown, packages()).map(|help| format!("; {help}")).unwrap_or_default();
            bail!("no commit of these has a package `{unknown}`{help}");
        }
        let of_lives = history.lives.iter().filter_map(|life| life.last.owner.as_deref());
        let owners: Vec<&str> = policy.owners.iter().map(|owner| owner.id.as_str()).chain(of_lives).collect();
        if let Some(unknown) = self.owner.as_deref().filter(|owner| !owners.contains(owner)) {
            let help = suggestion(unknown, owners.iter().copied());
            let help = help.map(|help| format!("; {help}")).unwrap_or_default();
            bail!("there is no owner `{unknown}`{help}");
        }
        Ok(())
    }

    /// The least level that is told of one by one.
    fn least(&self) -> Level {
        if self.all { Level::Audit } else { Level::Deny }
    }

    fn has(&self, life: &Life) -> bool {
        let group = durable_lints::lints::find(&life.last.lint).map_or("", |lint| lint.group);
        let named = |name: &String| **name == *life.last.lint || name == group;
        let owner = life.last.owner.as_deref();
        (self.lints.is_empty() || self.lints.iter().any(named))
            && (self.packages.is_empty() || self.packages.iter().any(|name| **name == *life.last.package))
            && self.owner.as_deref().is_none_or(|of| owner == Some(of))
    }
}

/// Every event of some lives with its life, the oldest commit first.
fn events(history: &History) -> Vec<(&Life, usize)> {
    fn of(life: &Life) -> impl Iterator<Item = (&Life, usize)> {
        (0..life.events.len()).map(move |number| (life, number))
    }
    let mut events: Vec<(&Life, usize)> = history.lives.iter().flat_map(of).collect();
    events.sort_by_key(|(life, number)| (life.events[*number].commit, life.events[*number].kind));
    events
}

/// Whole days between two events.
fn days(history: &History, from: &Event, to: &Event) -> i64 {
    let time = |event: &Event| history.commits[event.commit].time;
    (time(to).duration_since(time(from)).as_hours() / 24).max(0)
}
