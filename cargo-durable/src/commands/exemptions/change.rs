//! Shorten, transfer and withdraw.

use anyhow::{Result, bail, ensure};
use jiff::civil::Date;

use super::{Entry, short, unknown_owner};
use crate::advisory;
use crate::analysis::Analysis;
use crate::cli::{Change, Which};
use crate::identity::{self, Short};
use crate::policy::{Policy, suggestion};
use crate::ratchet::Lock;
use crate::ratchet::grant::{check_owner, is_in};
use crate::render::text::{ITEM, one_line};

/// Where to look.
const LISTS: &str = "`cargo durable exemptions` lists them";

/// The lock after a change, and what is said about it.
pub(super) struct Changed {
    pub(super) lock: Lock,
    pub(super) lines: Vec<String>,
    pub(super) count: usize,
    pub(super) done: &'static str,
}

/// An entry to change.
pub(super) struct Chosen<'e, 'a> {
    entry: &'e Entry<'a>,
    title: String,
}

/// The exemptions that are meant. Whatever is given has to mean some, so that no misspelt word
/// passes for a change that was made.
pub(super) fn choose<'e, 'a>(
    which: &Which,
    entries: &'e [Entry<'a>],
    analysis: &Analysis,
) -> Result<Vec<Chosen<'e, 'a>>> {
    let short = short(entries);
    let mut chosen: Vec<&Entry<'_>> = entries.iter().collect();
    if let Some(owner) = &which.owner {
        chosen.retain(|entry| entry.exemption.owner == *owner);
        if chosen.is_empty() {
            bail!(in_source(which, analysis).unwrap_or_else(|| unknown_owner(owner, entries, analysis)));
        }
    }
    for folder in &which.within {
        let any = chosen.iter().any(|entry| entry.is_in(folder));
        if !any {
            let none = || format!("{} from a finding in `{folder}`; {LISTS}", nothing(which));
            bail!(in_source(which, analysis).unwrap_or_else(none));
        }
    }
    if !which.within.is_empty() {
        chosen.retain(|entry| which.within.iter().any(|folder| entry.is_in(folder)));
    }
    if !which.names.is_empty() {
        let mut named = vec![false; entries.len()];
        for name in &which.names {
            for entry in by_name(name, &chosen, short, which, analysis)? {
                named[entry.index] = true;
            }
        }
        chosen.retain(|entry| named[entry.index]);
    }
    Ok(chosen.into_iter().map(|entry| Chosen { entry, title: entry.title(short) }).collect())
}

fn by_name<'e, 'a>(
    name: &str,
    entries: &[&'e Entry<'a>],
    short: Short,
    which: &Which,
    analysis: &Analysis,
) -> Result<Vec<&'e Entry<'a>>> {
    if advisory::is_name(name) {
        let meant = |entry: &&'e Entry<'a>| advisory::is_of(&entry.exemption.item, name);
        let found: Vec<&'e Entry<'a>> = entries.iter().copied().filter(meant).collect();
        if found.is_empty() {
            bail!("{} from the advisory `{name}`; {LISTS}", nothing(which));
        }
        return Ok(found);
    }
    let plain = name.replace('-', "_");
    let lints: Vec<&str> = (analysis.policy.lints())
        .filter(|lint| lint.name == plain || lint.group == plain)
        .map(|lint| lint.name)
        .collect();
    // An entry may be from a lint that is no more.
    let of_lint: Vec<&'e Entry<'a>> = entries
        .iter()
        .copied()
        .filter(|entry| entry.exemption.lint == plain || lints.contains(&entry.exemption.lint.as_str()))
        .collect();
    if !of_lint.is_empty() {
        return Ok(of_lint);
    }
    if !lints.is_empty() {
        let none = || format!("{} from `{name}`; {LISTS}", nothing(which));
        bail!(in_source(which, analysis).unwrap_or_else(none));
    }
    let Some(digits) = identity::digits(name) else {
        let known = analysis.policy.lints().flat_map(|lint| [lint.name, lint.group]);
        let help = suggestion(&plain, known).unwrap_or("`cargo durable exemptions` shows identities".into());
        bail!("`{name}` is no lint, group or identity of an exemption; {help}");
    };
    let found: Vec<&'e Entry<'a>> = entries.iter().copied().filter(|entry| entry.begins(&digits)).collect();
    let Some(first) = found.first() else {
        bail!("{} with the identity `{name}`; {LISTS}", nothing(which));
    };
    if found.iter().any(|entry| entry.exemption.id != first.exemption.id) {
        let list: String =
            found.iter().map(|entry| format!("{ITEM}{}", one_line(&entry.title(short)))).collect();
        bail!("`{name}` means {} exemptions; give more digits:{list}", found.len());
    }
    Ok(found)
}

fn nothing(which: &Which) -> String {
    let owner = which.owner.as_ref().map(|owner| format!(" of `{owner}`")).unwrap_or_default();
    format!("durable.lock has no exemption{owner}")
}

/// Where a finding is let through in source instead, which this command does not write.
fn in_source(which: &Which, analysis: &Analysis) -> Option<String> {
    let owned = |owner: &Option<String>| which.owner.is_none() || *owner == which.owner;
    let within = |file: &str| {
        which.within.is_empty() || which.within.iter().any(|folder| is_in(file, folder.as_str()))
    };
    let names = |written: &str| {
        let written = written.replace('-', "_");
        which.names.is_empty() || which.names.iter().any(|name| name.replace('-', "_") == written)
    };
    let allow = analysis.report.allows.iter().find(|allow| {
        owned(&allow.owner) && within(&allow.file) && allow.lints.iter().any(|(name, _)| names(name))
    });
    allow.map(|allow| {
        let at = format!("{}:{}", allow.file, allow.start.line);
        format!("{}: what {at} lets through in source is changed there", nothing(which))
    })
}

/// Changes the lock as asked. A single entry that cannot be changed is an error; of several, those
/// that are as asked already are told, unless all of them are.
pub(super) fn apply(
    change: &Change,
    chosen: &[Chosen<'_, '_>],
    lock: &Lock,
    policy: &Policy,
    today: Date,
) -> Result<Changed> {
    let mut changed = Changed { lock: lock.clone(), lines: Vec::new(), count: 0, done: "" };
    let mut left: Vec<String> = Vec::new();
    match change {
        Change::Shorten { until, term, .. } => {
            changed.done = "shortened";
            let last = until.or_else(|| term.map(|term| term.after(today))).unwrap_or(today);
            ensure!(
                last >= today,
                "{last} is over; name a day from {today} on, or use `cargo durable exemptions withdraw`"
            );
            for Chosen { entry, title } in chosen {
                match entry.exemption.expires {
                    Some(old) if last < old => {
                        changed.lock.exemptions[entry.index].expires = Some(last);
                        changed.lines.push(format!("until {last} instead of {old}: {title}"));
                    }
                    Some(old) => left.push(format!("{title} ends on {old}, which is not after {last}; to renew it is for `cargo durable allow`")),
                    None => left.push(format!("{title} has no end, so it does not count; give it one with `cargo durable allow`")),
                }
            }
        }
        Change::Transfer { to, .. } => {
            changed.done = "transferred";
            check_owner(to, policy)?;
            for Chosen { entry, title } in chosen {
                let from = &entry.exemption.owner;
                if from == to.trim() {
                    left.push(format!("{title} is `{from}`'s already"));
                    continue;
                }
                changed.lock.exemptions[entry.index].owner = to.trim().to_owned();
                changed.lines.push(match &**from {
                    "" => format!("to `{}`: {title}", to.trim()),
                    from => format!("from `{from}` to `{}`: {title}", to.trim()),
                });
            }
        }
        Change::Withdraw { .. } => {
            changed.done = "withdrawn";
            let gone = |index: usize| chosen.iter().any(|chosen| chosen.entry.index == index);
            let mut index = 0..;
            changed.lock.exemptions.retain(|_| !index.next().is_some_and(gone));
            changed
                .lines
                .extend(chosen.iter().map(|chosen| format!("no longer let through: {}", chosen.title)));
        }
    }
    changed.count = changed.lines.len();
    if changed.count == 0 {
        let list = |line: &String| format!("{ITEM}{}", one_line(line));
        match left.as_slice() {
            [line] => bail!("nothing is changed: {line}"),
            left => bail!("nothing is changed:{}", left.iter().map(list).collect::<String>()),
        }
    }
    changed.lines.extend(left.into_iter().map(|line| format!("left: {line}")));
    Ok(changed)
}
