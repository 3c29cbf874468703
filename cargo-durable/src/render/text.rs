//! Text that others wrote, made safe to show; and where its lines are.

use std::borrow::Cow;
use std::ops::Range;

use durable_lints::finding::{Position, Span};

/// Stands where a snippet's origin goes until the origin is known. It is private use, and
/// [`visible`] lets none through, so nothing that is shown can be mistaken for it.
pub(crate) const ORIGIN: char = '\u{e000}';

/// Whether a character could steer a terminal, reorder what is read, or hide.
fn hides(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | ORIGIN | '\u{e0000}'..='\u{e0fff}')
}

/// Appends a character so that it can be seen and does nothing.
pub(crate) fn push_visible(out: &mut String, c: char) {
    match c {
        c if !hides(c) => out.push(c),
        '\u{7f}' => out.push('␡'),
        '\0'..='\u{1f}' => out.extend(char::from_u32(0x2400 + c as u32)),
        c => out.extend(c.escape_unicode()),
    }
}

/// Text of several lines that does nothing to a terminal.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    replace(text, |c| hides(c) && !matches!(c, '\n' | '\t'))
}

/// As [`visible`], on one line, so that a message cannot pretend to be two.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    replace(text, hides)
}

/// Begins an item of a list that a message ends with. Whoever makes the list shows each item on
/// [`one_line`].
pub(crate) const ITEM: &str = "\n  * ";

/// An error on one line, but for the lists in it, so that none of its lines begins as a file wants.
pub(crate) fn message(text: &str) -> String {
    text.split(ITEM).map(one_line).collect::<Vec<_>>().join(ITEM)
}

/// The unified diff of a file; empty where nothing changes.
pub(crate) fn unified(file: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let mut options = diffy::DiffOptions::new();
    options.set_original_filename(format!("a/{file}")).set_modified_filename(format!("b/{file}"));
    options.create_patch(old, new).to_string()
}

/// A unified diff that does nothing to a terminal or log. Line breaks of any system stay, so that it can
/// be applied where its text hides nothing.
pub(crate) fn diff_lines(diff: &str) -> Cow<'_, str> {
    let is_bad = |c: char| hides(c) && c != '\t';
    let harmless = |line: &str| !line.strip_suffix('\r').unwrap_or(line).contains(is_bad);
    if diff.split('\n').all(harmless) {
        return Cow::Borrowed(diff);
    }
    let shown = |line| match str::strip_suffix(line, '\r') {
        Some(line) => replace(line, is_bad).into_owned() + "\r",
        None => replace(line, is_bad).into_owned(),
    };
    Cow::Owned(diff.split('\n').map(shown).collect::<Vec<_>>().join("\n"))
}

fn replace(text: &str, bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if bad(c) { push_visible(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Text broken between words so that no line is wider (0: unlimited), the lines after the first
/// indented. A word that is wider than a line stays whole, as paths and commands are copied.
pub(crate) fn wrapped(text: &str, width: usize, indent: &str) -> String {
    if width == 0 {
        return text.to_owned();
    }
    let options = textwrap::Options::new(width)
        .subsequent_indent(indent)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

/// Whether a character has to be escaped in JSON that may be looked at in a terminal.
pub(crate) fn escaped_in_json(c: char) -> bool {
    hides(c)
}

/// A text and where its lines start.
pub(crate) struct Lines<'a> {
    pub(crate) text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Lines<'a> {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    /// The line, from 0, that holds a byte offset.
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line, from 0, without its line break.
    pub(crate) fn range(&self, line: usize) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        start..end
    }

    /// The byte offset of a line and column, where the text has them.
    pub(crate) fn offset(&self, at: Position) -> Option<usize> {
        let line = (at.line as usize).checked_sub(1).filter(|line| *line < self.starts.len())?;
        let range = self.range(line);
        let column = (at.column as usize).saturating_sub(1);
        let inside = self.text[range.clone()].char_indices().nth(column);
        Some(range.start + inside.map_or(range.len(), |(at, _)| at))
    }

    /// The line and column of a byte offset.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.line_at(offset);
        let start = self.starts[line];
        let before = &self.text[start..floor_boundary(self.text, offset)];
        Position { line: line as u32 + 1, column: before.chars().count() as u32 + 1 }
    }

    /// A span as a range that can be sliced, whatever the span says.
    pub(crate) fn clamp(&self, span: Span) -> Range<usize> {
        let start = floor_boundary(self.text, span.start as usize);
        let end = floor_boundary(self.text, span.end as usize);
        start..end.max(start)
    }

    /// Whether a span is a range of whole characters of the text.
    pub(crate) fn holds(&self, span: Span) -> bool {
        self.text.get(span.range()).is_some()
    }
}

/// The nearest character boundary at or before an offset.
pub(crate) fn floor_boundary(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset.min(text.len()))
}

/// The text of each file once, however many findings it has: findings come sorted by file.
pub(crate) struct Sources<'a> {
    outcome: &'a crate::outcome::Outcome,
    current: Option<(&'a str, Lines<'a>)>,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(outcome: &'a crate::outcome::Outcome) -> Sources<'a> {
        Sources { outcome, current: None }
    }

    /// The lines of a file, where its text is known.
    pub(crate) fn lines(&mut self, file: &str) -> Option<&Lines<'a>> {
        if self.current.as_ref().is_none_or(|(name, _)| *name != file) {
            let (name, text) = self.outcome.sources.get_key_value(file)?;
            self.current = Some((name, Lines::new(text)));
        }
        self.current.as_ref().map(|(_, lines)| lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_as_a_picture() {
        assert_eq!(visible("a\x1b[31m\x07\r\0\x7f\tb\n"), "a␛[31m␇␍␀␡\tb\n");
        assert_eq!(
            visible("\u{9b}2J x\u{202e}y \u{2066}\u{feff}"),
            "\\u{9b}2J x\\u{202e}y \\u{2066}\\u{feff}"
        );
        assert_eq!(one_line("a\nerror: b"), "a␊error: b");
        assert_eq!(message("a\n::b:\n  * c\r"), "a␊::b:\n  * c␍");
        assert_eq!(diff_lines("+a\r\n-\tb\rc\x1b\n"), "+a\r\n-\tb␍c␛\n");
        assert!(matches!(diff_lines("+a\r\n-\tb\n"), Cow::Borrowed(_)));
        assert!(matches!(visible("日本 é"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_end_before_their_break() {
        let lines = Lines::new("ab\r\nçd\n");
        assert_eq!((lines.range(0), lines.range(1), lines.range(2)), (0..2, 4..7, 8..8));
        assert_eq!(lines.position(6), Position { line: 2, column: 2 });
        assert_eq!(lines.position(99), Position { line: 3, column: 1 });
        assert_eq!(lines.clamp(Span::new(5, 900)), 4..8);
    }
}
