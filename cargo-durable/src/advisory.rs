//! Advisories as people name them: `RUSTSEC-2026-0001`, or as other databases call the same.

use durable_lints::finding::Finding;

/// Whether a word has the form of an advisory's name.
pub(crate) fn is_name(word: &str) -> bool {
    let word = word.to_ascii_uppercase();
    ["RUSTSEC-", "CVE-", "GHSA-"].iter().any(|prefix| word.len() > prefix.len() && word.starts_with(prefix))
}

/// Whether a finding is about an advisory. Its item begins with the advisory's own name; its message
/// ends with all of them.
pub(crate) fn is_about(finding: &Finding, name: &str) -> bool {
    let message = finding.message.rsplit_once("; ").filter(|(_, end)| !end.contains(", "));
    let message = message.map_or(&*finding.message, |(message, _)| message);
    let mut names = message.rsplit(", ").take_while(|word| is_name(word));
    is_of(&finding.item, name) || names.any(|word| word.eq_ignore_ascii_case(name))
}

/// Whether an item is of an advisory.
pub(crate) fn is_of(item: &str, name: &str) -> bool {
    item.split(' ').any(|word| word.eq_ignore_ascii_case(name))
}
