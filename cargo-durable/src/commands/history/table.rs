//! The history for people: what happened, commit by commit, and what it comes to.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use clap::builder::styling::Style;
use durable_lints::lint::Level;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{days, events};
use crate::history::lives::{Event, Kind, Life, State};
use crate::history::{History, short};
use crate::render::counted;
use crate::render::text::one_line;

/// Writes the events of findings of a level and above, counts the others, and says what stands today.
///
/// # Errors
/// Where the writer fails.
pub(super) fn write(
    history: &History,
    least: Level,
    today: Date,
    color: bool,
    width: usize,
    out: &mut dyn Write,
) -> Result<()> {
    let (Some(first), Some(last)) = (history.commits.first(), history.commits.last()) else {
        writeln!(out, "there is no commit in this time")?;
        return Ok(());
    };
    let bold = if color { Style::new().bold() } else { Style::new() };
    let told = |life: &Life| life.last.level >= least;
    let mut at = None;
    for (life, number) in events(history).into_iter().filter(|(life, _)| told(life)) {
        let event = &life.events[number];
        if at != Some(event.commit) {
            at = Some(event.commit);
            let commit = &history.commits[event.commit];
            let head = format!("{} {}", day(commit.time), short(commit));
            writeln!(out, "{bold}{head}{bold:#} {}", cut(&one_line(&commit.title), width, head.len() + 1))?;
        }
        let stand = &event.stand;
        let item = if stand.item.is_empty() { String::new() } else { format!(" {}", stand.item) };
        let line = format!(
            "  {:<10} {} {}:{}{item}{}",
            name(event.kind),
            stand.lint,
            stand.file,
            stand.line,
            circumstances(history, life, number)
        );
        writeln!(out, "{}", one_line(&line))?;
    }
    if at.is_some() {
        writeln!(out)?;
    }
    writeln!(
        out,
        "{} from {} to {}",
        counted(history.commits.len() as u64, "commit"),
        day(first.time),
        day(last.time)
    )?;
    let mut groups: BTreeMap<bool, Vec<&Life>> = BTreeMap::new();
    for life in &history.lives {
        groups.entry(!told(life)).or_default().push(life);
    }
    for (is_rest, lives) in groups {
        let whose = if is_rest { "others (`--all` lists them)" } else { "listed" };
        writeln!(out, "{whose}: {}", sum(&lives, today))?;
    }
    Ok(())
}

fn sum(lives: &[&Life], today: Date) -> String {
    let count = |wanted: fn(Kind) -> bool| {
        lives.iter().flat_map(|life| &life.events).filter(|event| wanted(event.kind)).count()
    };
    let state = |wanted: State| lives.iter().filter(|life| life.state_on(today) == wanted).count();
    let parts = [
        (count(|kind| kind == Kind::Found), "at the beginning"),
        (count(|kind| kind == Kind::Introduced), "introduced"),
        (count(Kind::is_end), "fixed or removed"),
        (count(|kind| kind == Kind::Returned), "returned"),
        (state(State::Open), "open"),
        (state(State::Exempt), "exempt"),
        (state(State::Unread) + state(State::Off), "not known"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// What an event is called.
pub(super) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Found => "found",
        Kind::Introduced => "introduced",
        Kind::Returned => "returned",
        Kind::Moved => "moved",
        Kind::Exempted => "exempted",
        Kind::Refused => "refused",
        Kind::Fixed => "fixed",
        Kind::Removed => "removed",
        Kind::Unread => "unread",
        Kind::Off => "off",
        Kind::Seen => "seen",
    }
}

/// How long it took, and whose it is.
fn circumstances(history: &History, life: &Life, number: usize) -> String {
    let event = &life.events[number];
    let before = |wanted: fn(Kind) -> bool| life.events[..number].iter().rfind(|event| wanted(event.kind));
    let begins = |kind| matches!(kind, Kind::Introduced | Kind::Returned | Kind::Found);
    let after = |since: Option<&Event>, what: &str| match since {
        Some(since) => {
            // What stood where the line begins may be older.
            let at_least = if since.kind == Kind::Found { "at least " } else { "" };
            format!(", {what} {at_least}{}", counted(days(history, since, event) as u64, "day"))
        }
        None => String::new(),
    };
    let mut text = match event.kind {
        kind if kind.is_end() => after(before(begins), "after"),
        Kind::Returned => after(before(Kind::is_end), "fixed for"),
        Kind::Moved => {
            let from = number.checked_sub(1).map(|number| &life.events[number].stand.file);
            from.map(|file| format!(", from {file}")).unwrap_or_default()
        }
        _ => String::new(),
    };
    let is_let_through = begins(event.kind) || event.kind == Kind::Exempted;
    if let Some(exempt) = event.stand.exempt.as_ref().filter(|_| is_let_through) {
        let last = exempt.expires.map(|last| format!(" until {last}")).unwrap_or_default();
        text += &format!(", let through{last}");
    }
    if let Some(owner) = &event.stand.owner {
        text += &format!(" ({owner})");
    }
    text
}

/// The day of a time in UTC.
pub(super) fn day(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

fn cut(text: &str, width: usize, used: usize) -> String {
    match width.saturating_sub(used) {
        room @ 20.. if text.chars().count() > room => text.chars().take(room - 1).chain(['…']).collect(),
        _ => text.to_owned(),
    }
}
