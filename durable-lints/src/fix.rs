//! What a lint offers to change.

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

    /// Removes a span.
    pub fn delete(self, span: Span) -> Fix {
        self.replace(span, "")
    }
}

/// Applies edits to a text; overlapping ones after the first are left out and counted.
pub fn apply(text: &str, edits: &[Edit]) -> (String, usize) {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let (mut at, mut left_out) = (0usize, 0usize);
    for edit in sorted {
        let range = edit.span.range();
        match (text.get(at..range.start), text.get(range.clone())) {
            (Some(between), Some(_)) => {
                out.push_str(between);
                out.push_str(&edit.text);
                at = range.end;
            }
            _ => left_out += 1,
        }
    }
    out.push_str(&text[at..]);
    (out, left_out)
}
