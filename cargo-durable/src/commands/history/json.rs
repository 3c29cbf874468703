//! The history for programs; documented in docs/json.md.

use std::io::{self, Write};

use jiff::civil::Date;
use serde::Serialize;

use super::table::{day, name};
use crate::history::History;
use crate::history::lives::{Life, State};
use crate::render::machine;

/// The version of the document.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    commits: Commits,
    findings: Vec<Finding<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Commits {
    count: usize,
    first: Option<Commit>,
    last: Option<Commit>,
    /// Whether what stood at the first may be older than it.
    cut: bool,
}

#[derive(Serialize)]
struct Commit {
    id: String,
    date: String,
}

#[derive(Serialize)]
struct Finding<'a> {
    lint: &'a str,
    level: &'static str,
    package: Option<&'a str>,
    file: &'a str,
    line: u32,
    item: &'a str,
    owner: Option<&'a str>,
    id: &'a str,
    state: &'static str,
    events: Vec<Event<'a>>,
}

#[derive(Serialize)]
struct Event<'a> {
    event: &'static str,
    commit: String,
    date: String,
    file: &'a str,
    line: u32,
    item: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// Writes every finding with what happened to it.
///
/// # Errors
/// Where the writer fails.
pub(super) fn write(history: &History, today: Date, out: &mut dyn Write) -> io::Result<()> {
    let commit = |commit: &crate::history::objects::Commit| Commit {
        id: commit.id.to_hex().to_string(),
        date: commit.time.to_string(),
    };
    let document = Document {
        version: VERSION,
        commits: Commits {
            count: history.commits.len(),
            first: history.commits.first().map(commit),
            last: history.commits.last().map(commit),
            cut: history.is_cut,
        },
        findings: history.lives.iter().map(|life| finding(history, life, today)).collect(),
        notes: &history.notes,
    };
    machine::write_pretty(&document, out)
}

fn finding<'a>(history: &'a History, life: &'a Life, today: Date) -> Finding<'a> {
    let last = &life.last;
    let events = life.events.iter().map(|event| Event {
        event: name(event.kind),
        commit: history.commits[event.commit].id.to_hex().to_string(),
        date: day(history.commits[event.commit].time).to_string(),
        file: &event.stand.file,
        line: event.stand.line,
        item: &event.stand.item,
        expires: event.stand.exempt.as_ref().and_then(|exempt| Some(exempt.expires?.to_string())),
    });
    Finding {
        lint: &last.lint,
        level: last.level.name(),
        package: Some(&*last.package).filter(|name| !name.is_empty()),
        file: &last.file,
        line: last.line,
        item: &last.item,
        owner: last.owner.as_deref(),
        id: &last.id,
        state: match life.state_on(today) {
            State::Open => "open",
            State::Exempt => "exempt",
            State::Fixed => "fixed",
            State::Unread => "unread",
            State::Off => "off",
        },
        events: events.collect(),
    }
}
