//! `primaryLocationLineHash`: what GitHub tells alerts apart by.
//!
//! GitHub's upload action computes it where it can see the file and warns where it finds another
//! value, so the value here has to be the same: the hundred UTF-16 units from the start of the
//! line on, blanks left out, as a polynomial in 37, and how often that value has come up so far.

use std::collections::HashMap;
use std::fmt::Write as _;

/// How many units of text stand for a line.
const UNITS: usize = 100;
/// What stands for the end of the text.
const END: u16 = u16::MAX;

/// The hashes of the file that was asked for last.
#[derive(Default)]
pub(super) struct LineHashes {
    file: String,
    known: bool,
    hashes: Vec<String>,
}

impl LineHashes {
    /// The hash of a line, from 1; none where GitHub would count the lines in another way.
    pub(super) fn of(&mut self, file: &str, text: &str, line: u32) -> Option<String> {
        if self.file != file || !self.known {
            file.clone_into(&mut self.file);
            self.known = true;
            self.hashes = hashes(text);
            // A carriage return of its own ends a line there and nowhere else.
            if self.hashes.len() != text.matches('\n').count() + 1 {
                self.hashes.clear();
            }
        }
        self.hashes.get((line as usize).checked_sub(1)?).cloned()
    }
}

/// The hash of every line.
fn hashes(text: &str) -> Vec<String> {
    let (units, starts) = units(text);
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let of_line = starts.into_iter().map(|start| {
        let line = &units[start..start + UNITS];
        let hash = line.iter().fold(0u64, |hash, unit| hash.wrapping_mul(37).wrapping_add((*unit).into()));
        let count = seen.entry(hash).and_modify(|count| *count += 1).or_insert(1);
        let mut out = String::new();
        let _ = write!(out, "{hash:x}:{count}");
        out
    });
    of_line.collect()
}

/// The units that count, with room behind them, and where each line starts among them.
fn units(text: &str) -> (Vec<u16>, Vec<usize>) {
    let mut units = Vec::with_capacity(text.len() + UNITS);
    let mut starts = Vec::new();
    let (mut starting, mut after_return) = (true, false);
    for unit in text.encode_utf16().chain([END]) {
        let skipped = matches!(unit, 0x20 | 0x09) || (after_return && unit == 0x0a);
        after_return = unit == 0x0d;
        if skipped {
            continue;
        }
        if starting {
            starts.push(units.len());
        }
        let unit = if after_return { 0x0a } else { unit };
        starting = unit == 0x0a;
        units.push(unit);
    }
    units.resize(units.len() + UNITS, 0);
    (units, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_are_those_that_github_computes() {
        assert_eq!(hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(hashes(" a\nb\n  \t\tc\n d")[0], "271789c17abda88f:1");
        assert_eq!(hashes("x \r\n y\r\n"), hashes("x\ny\n"));
    }

    #[test]
    fn equal_lines_are_counted_and_lone_returns_give_none() {
        let text = "a line that is the same\n".repeat(20);
        let (first, second) = (hashes(&text)[0].clone(), hashes(&text)[1].clone());
        assert_eq!(first.replace(":1", ":2"), second);
        assert_eq!(LineHashes::default().of("a", "x\ry\n", 1), None);
        assert_eq!(LineHashes::default().of("a", "x\n", 9), None);
    }
}
