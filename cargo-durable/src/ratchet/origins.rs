//! Whether the item that an exemption was given for is still where it was.

use std::fmt;

use durable_lints::engine::has_item;
use durable_lints::load::{Files, MemoryFiles};

use super::Exemption;

/// The tree that is checked, asked for the items that exemptions name.
#[derive(Clone, Copy)]
pub struct Origins<'a>(&'a dyn Files);

impl<'a> Origins<'a> {
    /// The items of some files.
    pub fn of(files: &'a dyn Files) -> Origins<'a> {
        Origins(files)
    }

    /// Whether an exemption's item is gone from its file.
    pub fn has_left(&self, entry: &Exemption) -> bool {
        has_left(self.0, &entry.at, &entry.item)
    }
}

/// Whether an item is gone from a file. What cannot be read counts as there: an exemption then stays
/// with what it was given for.
pub fn has_left(files: &dyn Files, file: &str, item: &str) -> bool {
    if !files.exists(file) {
        return true;
    }
    let Ok(bytes) = files.read(file) else { return false };
    match std::str::from_utf8(&bytes) {
        Ok(text) if !item.is_empty() => !has_item(file, text, item),
        _ => false,
    }
}

impl Default for Origins<'static> {
    /// No file at all.
    fn default() -> Origins<'static> {
        static NONE: MemoryFiles = MemoryFiles { files: std::collections::BTreeMap::new() };
        Origins(&NONE)
    }
}

impl fmt::Debug for Origins<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origins")
    }
}
