//! `cargo durable exemptions`: what is let through, listed and changed. To renew it is for `allow`.

mod change;
mod list;

use std::io::Write;

use camino::Utf8Path;
use durable_lints::finding::Finding;
use durable_lints::report::Report;

use crate::analysis::Analysis;
use crate::cli::{self, Change};
use crate::identity::{self, Short};
use crate::judge::{Case, Matches};
use crate::policy::suggestion;
use crate::ratchet::grant::is_in;
use crate::ratchet::{Exemption, Lock};
use crate::render::text::one_line;
use crate::session::Session;

/// Lists exemptions, or changes them and writes `durable.lock`.
///
/// # Errors
/// Where the request does not hold, or a file cannot be read or written; then nothing is changed.
pub fn run(args: &cli::Exemptions, color: bool, width: usize, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(change) = &args.change else {
        return list::run(args, color, width, out);
    };
    let (Change::Shorten { which, .. } | Change::Transfer { which, .. } | Change::Withdraw { which }) =
        change;
    let selection = cli::Selection::all(&which.scope);
    let session = Session::open(&selection)?;
    let case = session.case();
    let entries = entries(&session.analysis.report, &case);
    let chosen = change::choose(which, &entries, &session.analysis)?;
    let changed = change::apply(change, &chosen, &session.lock, &session.analysis.policy, case.today)?;
    session.save(&changed.lock)?;
    for line in &changed.lines {
        writeln!(out, "{}", one_line(line))?;
    }
    writeln!(out, "durable.lock: {} {}", changed.count, changed.done)?;
    Ok(())
}

/// An exemption in `durable.lock`, and the finding that it covers, where there is one.
struct Entry<'a> {
    /// Its place in the lock.
    index: usize,
    exemption: &'a Exemption,
    finding: Option<&'a Finding>,
}

impl Entry<'_> {
    /// Its identity, as a check shows it where it covers something.
    fn id(&self) -> &str {
        self.finding.map_or(&self.exemption.id, |finding| &finding.id)
    }

    /// The file that its finding is in, or was.
    fn file(&self) -> &str {
        self.finding.map_or(&self.exemption.at, |finding| &finding.file)
    }

    fn line(&self) -> Option<u32> {
        self.finding.map(|finding| finding.start.line.max(1))
    }

    fn begins(&self, digits: &str) -> bool {
        identity::begins(&self.exemption.id, digits) || identity::begins(self.id(), digits)
    }

    fn is_in(&self, folder: &Utf8Path) -> bool {
        is_in(self.file(), folder.as_str()) || is_in(&self.exemption.at, folder.as_str())
    }

    /// It in a few words.
    fn title(&self, short: Short) -> String {
        let place = place(self.file(), self.line(), &self.exemption.item);
        format!("{} {} in {place}", short.cut(self.id()), self.exemption.lint)
    }
}

/// A place as well as it is known.
fn place(file: &str, line: Option<u32>, item: &str) -> String {
    match (line, item) {
        (Some(line), _) => format!("{file}:{line}"),
        (None, "") => file.to_owned(),
        (None, item) => format!("{file} in `{item}`"),
    }
}

fn entries<'a>(report: &'a Report, case: &Case<'a>) -> Vec<Entry<'a>> {
    let lock: &'a Lock = case.lock;
    let matches = Matches::of(&report.findings, case);
    let finding = |index: usize| matches.finding(index).map(|finding| &report.findings[finding]);
    let entries = lock.exemptions.iter().enumerate();
    entries.map(|(index, exemption)| Entry { index, exemption, finding: finding(index) }).collect()
}

fn short(entries: &[Entry<'_>]) -> Short {
    Short::of(entries.iter().map(Entry::id))
}

/// Why an owner's exemptions are not found.
fn unknown_owner(owner: &str, entries: &[Entry<'_>], analysis: &Analysis) -> String {
    let known = entries.iter().map(|entry| entry.exemption.owner.as_str());
    let declared = analysis.policy.owners.iter().map(|owner| owner.id.as_str());
    let help = suggestion(owner, known.chain(declared).filter(|known| *known != owner));
    let help = help.unwrap_or("`cargo durable exemptions` lists who answers for what".into());
    format!("no exemption in durable.lock is `{owner}`'s; {help}")
}
