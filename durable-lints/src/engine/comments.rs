//! `# durable: allow(…) …` in files that have no attributes.

use std::sync::Arc;

use durable_grammar::Attribute;

use super::attributes::{allow, wrong};
use super::identity::Lines;
use crate::finding::Span;
use crate::report::{InSourceAllow, Wrong};

/// Reads the comments of a TOML, YAML or other text file in which `#` begins a comment:
/// `# durable: allow(unpinned_dependencies) owner = "net", reason = "…", expires = "2027-01-31"`.
pub(super) fn read(path: &Arc<str>, text: &str, allows: &mut Vec<InSourceAllow>) {
    if !text.contains("durable:") {
        return;
    }
    let lines = Lines::new(text);
    let mut offset = 0u32;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len() as u32;
        let Some((before, comment)) = line.split_once("# durable:") else { continue };
        let span = Span::new(start + before.len() as u32, start + line.trim_end().len() as u32);
        let from = start + (line.len() - comment.len()) as u32;
        let (lints, rest) = lints(comment, from);
        if lints.is_empty() {
            if let Some(wrong) = misspelt(&lines, comment, from) {
                let (start, read) = (lines.position(span.start), Attribute::default());
                allows.push(InSourceAllow { wrong: vec![wrong], ..allow(path, span, start, span, read) });
            }
            continue;
        }
        let covers = if before.trim().is_empty() { block(text, offset) } else { Span::new(start, offset) };
        let (read, wrong) = keys(&lines, rest, start + (line.len() - rest.len()) as u32);
        let start = lines.position(span.start);
        allows.push(InSourceAllow { lints, wrong, ..allow(path, span, start, covers, read) });
    }
}

/// What stands where `allow(…)` was meant to.
fn misspelt(lines: &Lines<'_>, comment: &str, offset: u32) -> Option<Wrong> {
    let (word, rest) = comment.trim_start().split_once('(')?;
    let start = offset + (comment.len() - comment.trim_start().len()) as u32;
    let span = Span::new(start, start + word.len() as u32);
    match Attribute::default().set(word, "") {
        Err(mistake) if mistake.meant == Some("allow") && word != "allow" => {
            Some(wrong(lines, span, mistake))
        }
        _ if word == "allow" && rest.trim_start().starts_with(')') => Some(Wrong {
            span,
            start: lines.position(span.start),
            message: "`allow()` names no lint; write it as `allow(weak_hashes)`".to_owned(),
            meant: Some("allow".to_owned()),
        }),
        _ => None,
    }
}

/// The names in `allow(…)` with their places, and what follows.
fn lints(comment: &str, offset: u32) -> (Vec<(String, Span)>, &str) {
    let parts = comment.split_once("allow(").and_then(|(before, inside)| {
        let (names, rest) = inside.split_once(')')?;
        Some((before.len() + "allow(".len(), names, rest))
    });
    let Some((mut at, names, rest)) = parts else { return (Vec::new(), "") };
    let mut found = Vec::new();
    for name in names.split(',') {
        let trimmed = name.trim();
        if !trimmed.is_empty() {
            let start = offset + (at + name.len() - name.trim_start().len()) as u32;
            found.push((trimmed.replace('-', "_"), Span::new(start, start + trimmed.len() as u32)));
        }
        at += name.len() + 1;
    }
    (found, rest)
}

/// What `key = "…"` and `key=word` say, one behind the other; a second comment ends them.
fn keys(lines: &Lines<'_>, text: &str, offset: u32) -> (Attribute, Vec<Wrong>) {
    let mut read = Attribute::default();
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        let start = offset + (text.len() - rest.len()) as u32;
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let key = &rest[..end];
        let Some(after) = rest[end..].trim_start().strip_prefix('=') else {
            if !rest.is_empty() && !rest.starts_with('#') {
                let span = Span::new(start, offset + text.trim_end().len() as u32);
                found.push(Wrong {
                    span,
                    start: lines.position(span.start),
                    message: "expected a key; write it as `owner = \"…\"`".to_owned(),
                    meant: None,
                });
            }
            return (read, found);
        };
        let after = after.trim_start();
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_at(after.find([' ', ',', '\r', '\n']).unwrap_or(after.len())),
        };
        if let Err(mistake) = read.set(key, value.trim()) {
            let span = Span::new(start, start + key.len() as u32);
            found.push(wrong(lines, span, mistake));
        }
        rest = left;
    }
}

/// What a comment on a line of its own covers: the lines that belong to the next one. A TOML table
/// goes to the next header, a YAML entry as far as lines are indented deeper, a lone entry is one line.
/// Before a blank line, the comment is about the whole file.
fn block(text: &str, from: u32) -> Span {
    let rest = text.get(from as usize..).unwrap_or("");
    let mut lines = rest.split_inclusive('\n');
    let mut end = from;
    let Some(first) = lines
        .by_ref()
        .inspect(|line| end += line.len() as u32)
        .find(|line| !line.trim_start().starts_with('#'))
    else {
        return Span::new(from, text.len() as u32);
    };
    if first.trim().is_empty() {
        return Span::new(0, text.len() as u32);
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_table = first.starts_with('[');
    let first_indent = indent(first);
    for line in lines {
        let belongs = match is_table {
            true => !line.starts_with('['),
            false => {
                !line.trim().is_empty() && (indent(line) > first_indent || line.trim_start().starts_with(']'))
            }
        };
        if !belongs {
            break;
        }
        end += line.len() as u32;
    }
    Span::new(from, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_cover_what_follows() {
        let text = "[dependencies]\n# durable: allow(unpinned_dependencies, weak-hashes) owner=\"net\" reason=\"a, b\" expires=2027-01-31\nx = \"*\"\ny = 1\n";
        let mut allows = Vec::new();
        read(&"Cargo.toml".into(), text, &mut allows);
        let allow = &allows[0];
        let names: Vec<(&str, &str)> =
            allow.lints.iter().map(|(name, span)| (&**name, &text[span.range()])).collect();
        assert_eq!(
            names,
            [("unpinned_dependencies", "unpinned_dependencies"), ("weak_hashes", "weak-hashes")]
        );
        assert_eq!(&text[allow.covers.range()], "x = \"*\"\n");
        assert_eq!(
            (allow.owner.as_deref(), allow.reason.as_deref(), allow.expires.as_deref()),
            (Some("net"), Some("a, b"), Some("2027-01-31"))
        );
    }

    #[test]
    fn what_is_wrong_in_a_comment_is_said_with_its_place() {
        let text = "# durable: allow(x) ower = \"net\", reason = \"owner = a\", expires = 2027-2-1, category=y and so on\nx = 1\n";
        let mut allows = Vec::new();
        read(&"Cargo.toml".into(), text, &mut allows);
        let said: Vec<(&str, &str)> =
            allows[0].wrong.iter().map(|wrong| (&text[wrong.span.range()], &*wrong.message)).collect();
        assert_eq!(
            said,
            [
                ("ower", "unknown key `ower`; did you mean `owner`?"),
                ("expires", "`2027-2-1` is no date; write it as `YYYY-MM-DD`"),
                ("category", "`y` is no category; it is `waiver` or `mitigated`"),
                ("and so on", "expected a key; write it as `owner = \"…\"`"),
            ]
        );
        assert_eq!((allows[0].owner.as_deref(), allows[0].reason.as_deref()), (None, Some("owner = a")));
    }

    #[test]
    fn a_comment_that_meant_to_allow_is_told() {
        for (comment, said) in [
            ("alow(x) owner = \"a\"", Some("unknown key `alow`; did you mean `allow`?")),
            ("allow() owner = \"a\"", Some("`allow()` names no lint; write it as `allow(weak_hashes)`")),
            ("see the handbook (chapter 2)", None),
            ("owner(x)", None),
        ] {
            let mut allows = Vec::new();
            read(&"Cargo.toml".into(), &format!("# durable: {comment}\nx = 1\n"), &mut allows);
            assert_eq!(allows.first().map(|allow| &*allow.wrong[0].message), said, "{comment}");
        }
    }

    #[test]
    fn a_comment_before_an_entry_covers_its_lines() {
        let text = "jobs:\n  # durable: allow(x) owner=a\n  build:\n    steps: []\n  test: {}\n";
        let mut allows = Vec::new();
        read(&"ci.yml".into(), text, &mut allows);
        assert_eq!(&text[allows[0].covers.range()], "  build:\n    steps: []\n");
    }
}
