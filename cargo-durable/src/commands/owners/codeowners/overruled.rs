//! The lines behind the block that give files to others than the policy does: the last match wins.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use durable_lints::codeowners::{Host, Rule, parse};

use super::block;
use crate::owners::Owners;
use crate::policy::Policy;

/// A line for each rule that wins over the policy, with the first of the files, beginning with its number.
///
/// # Errors
/// Where the file cannot be asked.
pub(super) fn told(
    text: &str,
    host: Host,
    policy: &Policy,
    owners: Owners<'_>,
    files: &[Arc<str>],
) -> Result<Vec<String>> {
    let Some(block) = block::find(text)? else { return Ok(Vec::new()) };
    let read = parse(host, text);
    // Sections are beside each other, and none wins.
    let is_behind = |rule: &Rule| rule.section == 0 && rule.span.start as usize >= block.end;
    if !read.rules.iter().any(is_behind) {
        return Ok(Vec::new());
    }
    let compiled = read.compiled(host).context("it holds more patterns than can be compiled")?;
    let mut by_rule: BTreeMap<u32, (&str, &str, usize)> = BTreeMap::new();
    for file in files {
        let Some(rule) = compiled.rule_of(file).filter(|rule| is_behind(rule)) else { continue };
        let Some(owner) = owners.of_file(file).and_then(|answer| policy.owner(answer.owner)) else {
            continue;
        };
        if owner.handles(host) != rule.owners.iter().map(String::as_str).collect::<Vec<_>>() {
            let (_, _, count) = by_rule.entry(rule.span.start).or_insert((file, &owner.id, 0));
            *count += 1;
        }
    }
    let line = |(start, (path, owner, count)): (u32, (&str, &str, usize))| {
        let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        let line = block::line_of(text, start as usize);
        format!(
            "{line}: gives {path}{more} to others than durable.toml, which names `{owner}`; the last match wins, so move the \
             line above the block"
        )
    };
    Ok(by_rule.into_iter().map(line).collect())
}
