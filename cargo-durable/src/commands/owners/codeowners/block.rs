//! The part of CODEOWNERS that the command writes. All else in the file is somebody's, and stays byte for byte.

use std::ops::Range;

use anyhow::{Result, bail, ensure};
use durable_lints::codeowners::{self, BEGIN, END, Host};

/// What writes the file.
pub(super) fn command(host: Host) -> &'static str {
    match host {
        Host::Github => "cargo durable owners --codeowners github",
        Host::Gitlab => "cargo durable owners --codeowners gitlab",
    }
}

/// The text with these lines between the markers. Where it has none, they come last, so that they win.
///
/// # Errors
/// Where a marker is missing, doubled or in the wrong place.
pub(super) fn put(text: &str, lines: &[String], host: Host) -> Result<String> {
    let first = text.find('\n').unwrap_or_default();
    let line_break = if text[..first].ends_with('\r') { "\r\n" } else { "\n" };
    let begin = format!("{BEGIN}: `{}` writes what is between these lines", command(host));
    let all = std::iter::once(&*begin).chain(lines.iter().map(String::as_str)).chain([END]);
    let block = all.collect::<Vec<_>>().join(line_break);
    // A section of GitLab's lasts until the next heading, so what stands in one belongs to it.
    let section = codeowners::first_section(host, text);
    let found = find(text)?;
    if let (Some(found), Some(section)) = (&found, section) {
        ensure!(
            found.start < section,
            "line {}: what durable.toml says belongs to no section; move the lines between the markers above the first \
             section, which begins in line {}",
            line_of(text, found.start),
            line_of(text, section)
        );
    }
    let (start, end) = match (found, section) {
        (Some(Range { start, end }), _) => return Ok([&text[..start], &*block, &text[end..]].concat()),
        (None, Some(section)) => text.split_at(section),
        (None, None) => (text, ""),
    };
    let is_open = !start.trim_start_matches('\u{feff}').is_empty() && !start.ends_with('\n');
    Ok(match is_open {
        // A file without a line break at its end goes on having none.
        true => [start, line_break, &block].concat(),
        false => [start, &block, line_break, end].concat(),
    })
}

/// From the first marker to the end of the second, without its line break.
pub(super) fn find(text: &str) -> Result<Option<Range<usize>>> {
    let mut begin: Option<usize> = None;
    let mut found: Option<Range<usize>> = None;
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_start_matches('\u{feff}');
        let start = at + whole.len() - line.len();
        let line = line.trim_end();
        let number = line_of(text, start);
        at += whole.len();
        if line.starts_with(BEGIN) {
            if let Some(first) = begin.or(found.as_ref().map(|found| found.start)) {
                let first = line_of(text, first);
                bail!(
                    "line {number}: `{BEGIN}` stands here and in line {first}; remove one of them and what belongs to it"
                );
            }
            begin = Some(start);
        } else if line.starts_with(END) {
            let Some(begin) = begin.take() else {
                bail!(
                    "line {number}: `{END}` has no `{BEGIN}` before it; remove the line, or put the other back"
                );
            };
            found = Some(begin..start + line.len());
        }
    }
    if let Some(begin) = begin {
        let number = line_of(text, begin);
        bail!("line {number}: `{BEGIN}` has no `{END}` behind it; remove the line, or put the other back");
    }
    Ok(found)
}

/// The line, from 1, that an offset is in.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_people_wrote_stays() {
        for text in ["", "\u{feff}", "* @a", "* @a\n", "* @a\r\n# ü\r\n", "\u{feff}* @a\r\nb @c", "a\n\n\n"]
        {
            let once = put(text, &lines("/x @x\n/y @y"), Host::Github).unwrap();
            let block = find(&once).unwrap().unwrap();
            let (before, after) = (&once[..block.start], &once[block.end..]);
            let rest = match after {
                "" => before.trim_end_matches(['\r', '\n']).to_owned(),
                after => before.to_owned() + after.trim_start_matches(['\r', '\n']),
            };
            assert_eq!(rest, text);
            assert_eq!(once.contains("\r\n/x"), text.contains("\r\n"), "{once:?}");
            assert_eq!(put(&once, &lines("/x @x\n/y @y"), Host::Github).unwrap(), once);
            let shorter = put(&once, &lines("/x @x"), Host::Github).unwrap();
            assert_eq!(put(&shorter, &lines("/x @x\n/y @y"), Host::Github).unwrap(), once);
        }
    }

    #[test]
    fn a_block_stays_where_it_was_moved_to() {
        let text = "* @a\n# durable: owners begin\n# durable: owners end\n/b @b\n";
        let new = put(text, &lines("/x @x"), Host::Github).unwrap();
        assert!(
            new.starts_with("* @a\n# durable") && new.ends_with("/x @x\n# durable: owners end\n/b @b\n"),
            "{new}"
        );
    }

    #[test]
    fn a_block_is_in_no_section() {
        let text = "* @a\n[Docs] @d\n*.md\n";
        let new = put(text, &lines("/x @x"), Host::Gitlab).unwrap();
        assert!(new.ends_with("/x @x\n# durable: owners end\n[Docs] @d\n*.md\n"), "{new}");
        let first = put("\u{feff}  [Docs]\n*.md @d\n", &lines("/x @x"), Host::Gitlab).unwrap();
        assert!(
            first.starts_with("\u{feff}# durable") && first.ends_with("end\n  [Docs]\n*.md @d\n"),
            "{first}"
        );
        assert!(put(text, &lines("/x @x"), Host::Github).unwrap().starts_with(text));
        let inside = "* @a\n[Docs] @d\n# durable: owners begin\n# durable: owners end\n";
        let said = put(inside, &lines("/x @x"), Host::Gitlab).unwrap_err().to_string();
        assert!(said.starts_with("line 3: ") && said.ends_with("line 2"), "{said}");
    }

    #[test]
    fn damaged_markers_are_told() {
        for (text, said) in [
            ("a\n# durable: owners begin\n", "line 2: `# durable: owners begin` has no"),
            ("# durable: owners end\n", "line 1: `# durable: owners end` has no"),
            ("# durable: owners end\n# durable: owners begin\n", "line 1: `# durable: owners end` has no"),
            ("# durable: owners begin\n# durable: owners begin\n# durable: owners end", "line 2: "),
            ("# durable: owners begin\n# durable: owners end\n# durable: owners begin\n", "line 3: "),
            ("# durable: owners begin\n# durable: owners end\n# durable: owners end\n", "line 3: "),
        ] {
            let error = put(text, &lines("* @a"), Host::Github).unwrap_err().to_string();
            assert!(error.starts_with(said), "{text}: {error}");
        }
    }
}
