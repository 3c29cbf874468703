//! `cargo durable history`: when each finding came, went and came back.

mod json;
mod table;

use std::io::Write;

use anyhow::{Result, bail};
use camino::Utf8PathBuf;
use durable_lints::lint::Level;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cache::Cache;
use crate::commands::lints::Format;
use crate::history::History;
use crate::history::Range;
use crate::history::lives::{Event, Life};
use crate::history::walk::Steps;
use crate::policy::{Policy, suggestion};
use crate::render::text::message;
use crate::{cli, exit, interrupt};

/// Walks the history and writes what happened; 2 where an interrupt cut it short.
///
/// # Errors
/// Where there is no repository, an object cannot be read, a name is not known, or the writer fails.
pub fn run(args: &cli::History, color: bool, width: usize, out: &mut dyn Write) -> Result<u8> {
    let (root, policy) = root_and_policy(&args.scope)?;
    let filter = Filter::new(args, &policy)?;
    let range = Range { since: args.since, until: args.until, judge: args.policy };
    let cache = Cache::default_folder().filter(|_| !args.scope.no_cache);
    let bar = Bar::new();
    let mut history = History::read(&root, &policy, range, cache, &bar)?;
    bar.0.finish_and_clear();
    history.lives.retain(|life| filter.has(life));
    match args.format {
        Format::Json => json::write(&history, out)?,
        Format::Table => table::write(&history, filter.least(), color, width, out)?,
    }
    for note in &history.notes {
        writeln!(anstream::stderr(), "note: {}", message(note))?;
    }
    Ok(if interrupt::happened() { exit::INCOMPLETE } else { exit::CLEAN })
}

/// The root around the current folder, and the policy that lies there today.
pub(crate) fn root_and_policy(scope: &cli::Scope) -> Result<(Utf8PathBuf, Policy)> {
    let selected = crate::analysis::Selected::new(&cli::Selection::all(scope))?;
    let root = selected.root().to_owned();
    let policy = Policy::load(&root)?;
    Ok((root, policy))
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

/// A bar on a terminal's standard error.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Bar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
        let style = ProgressStyle::with_template("    Walking [{bar:27}] {pos}/{len} commits, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        Bar(bar)
    }
}

impl Steps for Bar {
    fn done(&self, commits: usize, of: usize) {
        self.0.set_length(of as u64);
        self.0.set_position(commits as u64);
    }
}
