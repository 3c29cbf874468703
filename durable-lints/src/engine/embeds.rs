//! Where source embeds certificates.

use std::sync::Arc;

use super::modules::Include;
use crate::finding::Span;
use crate::load::Embed;
use crate::outline::Hit;
use crate::outline::lexer::{Kind, Lexer, Token};
use crate::subject::SourceFile;

/// The endings of files that hold certificates.
const ENDINGS: &[&str] = &["pem", "crt", "cer", "der"];

/// The embedding at a hit of one of the engine's own patterns, in code that ships.
pub(super) fn at(file: &SourceFile, hit: &Hit) -> Option<Embed> {
    let test = file.test || hit.item.is_some_and(|item| file.outline.items[item as usize].test);
    if test || !file.role.ships() {
        return None;
    }
    if hit.in_string {
        let from = hit.item.map_or(0, |item| file.outline.items[item as usize].span.start);
        let literal = Lexer::from_offset(&file.text, from).find(|token| token.end >= hit.span.end)?;
        let span = Span::new(literal.start, literal.end);
        return Some(Embed { file: file.path.clone(), span, target: None });
    }
    let (written, close) = argument(file, hit)?;
    let ending = written.rsplit_once('.')?.1.to_ascii_lowercase();
    let target = ENDINGS.contains(&&*ending).then(|| relative(&file.path, &written)).flatten()?;
    Some(Embed { file: file.path.clone(), span: Span::new(hit.span.start, close.end), target: Some(target) })
}

/// The code of another file that a hit of `include` brings in.
pub(super) fn include(file: &SourceFile, hit: &Hit) -> Option<Include> {
    let (written, _) = argument(file, hit).filter(|_| !hit.in_string)?;
    Some(Include { path: written.replace('\\', "/"), item: hit.item })
}

/// The text that a macro is called with, as a literal or as some in `concat!`, and the bracket that
/// closes the call.
fn argument(file: &SourceFile, hit: &Hit) -> Option<(String, Token)> {
    let mut after = Lexer::from_offset(&file.text, hit.span.end).filter(|token| token.kind != Kind::Comment);
    let text = |token: Option<Token>| token.map(|token| token.text(&file.text)).unwrap_or("");
    if text(after.next()) != "!" || !matches!(text(after.next()), "(" | "[" | "{") {
        return None;
    }
    let mut written = String::new();
    let mut depth = 1;
    for token in after {
        match (token.kind, token.text(&file.text)) {
            (Kind::Str, text) => {
                let text = text.trim_start_matches(['r', '#']).trim_end_matches('#');
                written.push_str(text.trim_matches('"'));
            }
            (_, "(" | "[" | "{") => depth += 1,
            (_, ")" | "]" | "}") if depth == 1 => {
                return (!written.is_empty()).then_some((written, token));
            }
            (_, ")" | "]" | "}") => depth -= 1,
            (_, "concat" | "!" | ",") => {}
            // What is known to the compiler alone.
            _ => return None,
        }
    }
    None
}

/// A path written in a file, as seen from the workspace root. `None` where it leads out of it.
fn relative(file: &str, written: &str) -> Option<Arc<str>> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in written.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/").into())
}
