//! What the policy says, as lines for a host.

use anyhow::{Result, anyhow, bail};
use durable_lints::codeowners::{self, Host};
use durable_lints::finding::Span;
use durable_lints::report::{Report, TagScope};

use crate::owners::Owners;
use crate::policy::handles::key;
use crate::policy::{Owner, Place, Policy, PolicyError};
use crate::render::text::one_line;

/// Rows beside those of the policy: each a pattern and the id of an owner.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Those that the policy's own win over: packages. One without an owner, in the folder of another
    /// package, is nobody's.
    pub before: Vec<(String, Option<String>)>,
    /// Those that win over the policy's own.
    pub after: Vec<(String, String)>,
}

impl Rows {
    /// What manifests and files say of their owners.
    pub(super) fn of(owners: Owners<'_>, report: &Report) -> Rows {
        let mut before: Vec<(String, Option<String>)> = Vec::new();
        for folder in &report.packages {
            let owner = owners.of_package(folder).map(str::to_owned);
            let pattern = if folder.is_empty() { "*".to_owned() } else { format!("/{folder}/") };
            // What nobody owns has to be said only where somebody owns what is around it.
            let is_around = |outer: &str| outer == "*" || pattern.starts_with(outer);
            let has_owner = |(outer, owner): &(String, Option<String>)| owner.is_some() && is_around(outer);
            if owner.is_some() || before.iter().any(has_owner) {
                before.push((pattern, owner));
            }
        }
        let files = report.tags.iter().filter(|tag| tag.scope == TagScope::File).map(|tag| &tag.file);
        let mut after: Vec<(String, String)> = files
            .filter_map(|file| Some((format!("/{file}"), owners.of_file(file)?.owner.to_owned())))
            .collect();
        after.dedup();
        Rows { before, after }
    }
}

/// The lines, in the order in which the last match wins.
///
/// # Errors
/// The first owner or pattern that cannot be said to the host, with its place and what mends it.
pub(super) fn lines(policy: &Policy, host: Host, rows: &Rows) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for (pattern, id) in &rows.before {
        match id {
            Some(id) => add(pattern, declared(policy, id)?, None, host, &mut lines)?,
            None if host == Host::Github => lines.push(pattern.clone()),
            None => bail!(
                "{pattern} is a package without an owner inside one that has an owner, which GitLab has no line for; name an \
                 owner under [package.metadata.durable] in {pattern}Cargo.toml"
            ),
        }
    }
    for owner in &policy.owners {
        for (pattern, span) in owner.paths.patterns.iter().zip(&owner.pattern_spans) {
            add(pattern, owner, Some(*span), host, &mut lines)?;
        }
    }
    for (pattern, id) in &rows.after {
        add(pattern, declared(policy, id)?, None, host, &mut lines)?;
    }
    if lines.is_empty() {
        bail!(
            "no owner has files, so there is nothing to write; give one of them `paths` under `[owners]` in durable.toml"
        );
    }
    Ok(lines)
}

fn declared<'a>(policy: &'a Policy, id: &str) -> Result<&'a Owner> {
    policy
        .owner(id)
        .ok_or_else(|| anyhow!("there is no owner `{id}`; declare it under `[owners]` in durable.toml"))
}

fn add(pattern: &str, owner: &Owner, span: Option<Span>, host: Host, lines: &mut Vec<String>) -> Result<()> {
    let handles = owner.handles(host);
    if handles.is_empty() {
        let message = format!("owner `{}` has no handle on {}", owner.id, host.name());
        let help = format!("add `{} = \"@…\"`, or a mail address as `contact`", key(host));
        return Err(error(&owner.place, owner.place.span, message).help(help).into());
    }
    let patterns = codeowners::lines(host, pattern).map_err(|why| {
        let message = format!("`{}` {}", one_line(pattern), one_line(&why));
        error(&owner.place, span.unwrap_or(owner.place.span), message)
    })?;
    lines.extend(patterns.iter().map(|pattern| format!("{pattern} {}", handles.join(" "))));
    Ok(())
}

fn error(place: &Place, span: Span, message: String) -> PolicyError {
    PolicyError::new((*place.file).as_ref(), message).at(&place.text, span.start as usize)
}
