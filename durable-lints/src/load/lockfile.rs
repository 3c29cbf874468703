//! `Cargo.lock`, read with the place of each package.

use std::sync::Arc;

use toml_edit::{ArrayOfTables, Item, Table};

use super::files::{Files, read_text, unchecked};
use super::manifests::parse;
use crate::report::Unchecked;
use crate::subject::{LockedPackage, Lockfile};
use crate::vocabulary::Span;

/// Reads one lock file.
pub(super) fn read(path: &Arc<str>, files: &dyn Files) -> Result<Arc<Lockfile>, Unchecked> {
    let text = read_text(files, path)?;
    let document = parse(path, &text)?;
    let tables = match document.get("package") {
        None => None,
        Some(item) => match item.as_array_of_tables() {
            Some(tables) => Some(tables),
            None => return Err(unchecked(path, "`package` in a lock file has to be an array of tables")),
        },
    };
    let version = document.get("version").and_then(Item::as_integer);
    let packages = tables.into_iter().flat_map(ArrayOfTables::iter).filter_map(package).collect();
    Ok(Arc::new(Lockfile {
        path: path.clone(),
        version: version.and_then(|version| u32::try_from(version).ok()).unwrap_or(1),
        packages,
        text: text.into(),
    }))
}

fn package(table: &Table) -> Option<LockedPackage> {
    let text = |key: &str| Some(table.get(key)?.as_str()?.to_owned());
    let dependencies = table.get("dependencies").and_then(Item::as_array).into_iter().flatten();
    Some(LockedPackage {
        name: text("name")?,
        version: text("version")?,
        source: text("source"),
        checksum: text("checksum"),
        dependencies: dependencies.filter_map(|value| value.as_str()).map(str::to_owned).collect(),
        span: whole(table),
    })
}

/// From the table's header to its last value; the header alone is what the parser calls its span.
fn whole(table: &Table) -> Span {
    let header = table.span().map_or(Span::new(0, 0), Span::from);
    let values = table.iter().filter_map(|(_, item)| item.span()).map(Span::from);
    values.fold(header, Span::to)
}
