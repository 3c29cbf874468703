//! What a lint offers to change.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::finding::Span;

/// Whether a fix may be applied without a person looking at it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Applicability {
    /// It changes only the defect and still compiles.
    Safe,
    /// It may change behaviour or need a decision.
    NeedsReview,
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

/// A set of edits to the finding's file that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, as an order: "turn the check back on".
    pub title: String,
    /// Whether a person should look.
    pub applicability: Applicability,
    /// The edits, in order, without overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix that changes only the defect.
    pub fn safe(title: impl Into<String>) -> Fix {
        Fix { title: title.into(), applicability: Applicability::Safe, edits: Vec::new() }
    }

    /// A fix that a person should look at.
    pub fn needs_review(title: impl Into<String>) -> Fix {
        Fix { title: title.into(), applicability: Applicability::NeedsReview, edits: Vec::new() }
    }

    /// Replaces a span.
    pub fn replace(mut self, span: Span, text: impl Into<String>) -> Fix {
        self.edits.push(Edit { span, text: text.into() });
        self.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        self
    }

    /// Inserts before a byte offset.
    pub fn insert(self, at: u32, text: impl Into<String>) -> Fix {
        self.replace(Span::new(at, at), text)
    }

    /// With its deletions as wide as [`apply`] makes them, so that whoever applies the edits, an editor
    /// too, leaves no blanks.
    pub(crate) fn tidied(self, text: &str) -> Fix {
        let edits: Vec<Edit> = self.edits.iter().map(|edit| widened(text, edit)).collect();
        let apart = edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
        if apart { Fix { edits, ..self } } else { self }
    }

    /// Removes a span.
    pub fn delete(self, span: Span) -> Fix {
        self.replace(span, "")
    }
}

/// Applies edits to a text; overlapping ones after the first are left out and counted. A deletion takes
/// along the line or the space that would be left of it.
pub fn apply(text: &str, edits: &[Edit]) -> (String, usize) {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let (mut at, mut left_out) = (0usize, 0usize);
    let mut seams = Vec::new();
    for edit in sorted {
        let range = edit.span.range();
        match (text.get(at..range.start), text.get(range.clone())) {
            (Some(between), Some(_)) => {
                out.push_str(between);
                out.push_str(&edit.text);
                if edit.text.is_empty() && !is_whole_lines(text, range.clone()) {
                    seams.push(out.len());
                }
                at = range.end;
            }
            _ => left_out += 1,
        }
    }
    out.push_str(&text[at..]);
    tidy(&mut out, &seams);
    (out, left_out)
}

/// The edits of all fixes that go together, each fix whole or not at all, and which those are; of two
/// that overlap the first wins. Fixes may share an edit: the same import, added twice, is added once.
pub fn together(fixes: &[&Fix]) -> (Vec<Edit>, Vec<usize>) {
    let mut edits: Vec<Edit> = Vec::new();
    let mut applied = Vec::new();
    for (index, fix) in fixes.iter().enumerate() {
        let fits =
            fix.edits.iter().all(|edit| edits.iter().all(|other| edit == other || !overlap(edit, other)));
        if fits {
            for edit in &fix.edits {
                if !edits.contains(edit) {
                    edits.push(edit.clone());
                }
            }
            applied.push(index);
        }
    }
    (edits, applied)
}

/// Two insertions at one place overlap too: their order would be anybody's guess.
fn overlap(left: &Edit, right: &Edit) -> bool {
    let (left, right) = (left.span, right.span);
    left.start == right.start || (left.start < right.end && right.start < left.end)
}

/// A deletion with the blanks that go along.
fn widened(text: &str, edit: &Edit) -> Edit {
    let range = edit.span.range();
    if !edit.text.is_empty() || text.get(range.clone()).is_none_or(str::is_empty) {
        return edit.clone();
    }
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at + 1);
    let old = &text[start..end];
    let inner = Span::from(range.start - start..range.end - start);
    let (new, _) = apply(old, &[Edit { span: inner, text: String::new() }]);
    // What is gone is one range around the deletion; it begins where old and new part at the latest.
    let same = old.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
    let from = start + same.min(inner.range().start);
    Edit { span: Span::from(from..from + old.len() - new.len()), text: String::new() }
}

/// Whether lines are removed with their breaks, so that nothing of them is left.
fn is_whole_lines(text: &str, range: Range<usize>) -> bool {
    let removed = &text[range.clone()];
    let (before, after) = (&text[..range.start], &text[range.end..]);
    removed.is_empty()
        || removed.ends_with('\n') && (before.is_empty() || before.ends_with('\n'))
        || removed.starts_with(['\n', '\r']) && (after.is_empty() || after.starts_with(['\n', '\r']))
}

const BLANK: [char; 2] = [' ', '\t'];

/// Mends the places where something was deleted: no line of nothing but space, no space at the end
/// of a line or value, no two spaces where there was one on each side.
fn tidy(out: &mut String, seams: &[usize]) {
    // From the end, so that what is yet to come stays where it is.
    let mut limit = out.len();
    let mut gone = usize::MAX;
    for seam in seams.iter().rev() {
        if *seam >= gone {
            continue;
        }
        let seam = (*seam).min(limit);
        let start = out[..seam].rfind('\n').map_or(0, |at| at + 1);
        let next = out[seam..].find('\n').map_or(out.len(), |at| seam + at + 1);
        let end = seam + out[seam..next].trim_end_matches(['\n', '\r']).len();
        let (before, after) = (&out[start..seam], &out[seam..end]);
        let left = start + before.trim_end_matches(BLANK).len();
        let right = end - after.trim_start_matches(BLANK).len();
        let removed = if left == start && right == end {
            gone = start;
            start..next
        } else if right == end {
            left..end
        } else if left < seam && closes(before, &out[right..]) {
            left..right
        } else if right > seam && (left < seam || seam == start || opens(before)) {
            seam..right
        } else {
            continue;
        };
        limit = removed.start;
        out.replace_range(removed, "");
    }
}

/// Whether a quote that was opened on this line is closed by what follows.
fn closes(before: &str, after: &str) -> bool {
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
    quote.is_some_and(|quote| before.matches(quote).count() % 2 == 1)
}

/// Whether the last thing on a line is the quote that opens a value.
fn opens(before: &str) -> bool {
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''));
    quote.is_some_and(|quote| before.matches(quote).count() % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deletes what stands between `«` and `»`.
    #[track_caller]
    fn assert_left(marked: &str, expected: &str) {
        let (mut text, mut edits) = (String::new(), Vec::new());
        for (number, part) in marked.split(['«', '»']).enumerate() {
            let start = text.len();
            text += part;
            if number % 2 == 1 {
                edits.push(Edit { span: Span::from(start..text.len()), text: String::new() });
            }
        }
        assert_eq!(apply(&text, &edits), (expected.to_owned(), 0), "{marked}");
    }

    #[test]
    fn a_line_of_which_nothing_is_left_goes() {
        assert_left("a\n    «bad();»\n\nb\n", "a\n\nb\n");
        assert_left("a\r\n    «bad();» \r\nb\r\n", "a\r\nb\r\n");
        assert_left("a\n  «one» «two»\n  «three»\nb", "a\nb");
        assert_left("a\n  «bad»", "a\n");
        assert_left("a\n\n«  bad();\n»\nb\n", "a\n\n\nb\n");
        assert_left("a«\n  bad();»\n\nb\n", "a\n\nb\n");
        assert_left("«bad»", "");
    }

    #[test]
    fn an_editor_gets_deletions_as_wide_as_they_are_applied() {
        for (text, bad, range) in [
            ("a\n  bad();\n  b\n", "bad();", 2..11),
            ("{ x; bad(); }\n", "bad();", 5..12),
            ("é \"-C a -C b\" c", "-C b", 8..13),
            ("f(a, b)", ", b", 3..6),
            ("a bad", "bad", 1..5),
        ] {
            let at = text.find(bad).unwrap();
            let fix = Fix::safe("").delete(Span::from(at..at + bad.len()));
            let (expected, tidied) = (apply(text, &fix.edits).0, fix.tidied(text));
            assert_eq!(tidied.edits[0].span, Span::from(range.clone()), "{text}");
            let raw = [&text[..range.start], &text[range.end..]].concat();
            assert_eq!(raw, expected, "{text}");
        }
    }

    #[test]
    fn no_space_is_left_at_ends_and_none_twice() {
        assert_left("{ x = false; «y();» }\n", "{ x = false; }\n");
        assert_left("good(); «bad();»\nç\n", "good();\nç\n");
        assert_left("    «bad();» good();\n", "    good();\n");
        assert_left("RUSTFLAGS: -C a «-C b»\n", "RUSTFLAGS: -C a\n");
        assert_left("RUSTFLAGS: «-C a» «-C b»\n", "RUSTFLAGS:\n");
        assert_left("rustflags = \"-C a «-C b»\" # why\n", "rustflags = \"-C a\" # why\n");
        assert_left("rustflags = \"«-C a» -C b\"\n", "rustflags = \"-C b\"\n");
        assert_left("rustflags = '-C a «-C b» -C c'\n", "rustflags = '-C a -C c'\n");
        assert_left("f(«a, »\"b\")", "f(\"b\")");
        assert_left("f(a, «b, »\"c\")", "f(a, \"c\")");
        assert_left("a«.b()»;", "a;");
    }
}
