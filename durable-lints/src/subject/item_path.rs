//! What an item is called from its crate on.

use super::SourceFile;
use crate::outline::lexer::{Kind, Lexer};
use crate::outline::{Item, ItemKind};

/// The path of an item below its crate: `net::tls::<Client as Verifier>::verify`.
pub(crate) fn item_path(file: &SourceFile, item: u32) -> String {
    let mut parts: Vec<String> =
        file.outline.ancestors(item).filter_map(|item| segment(file, item)).collect();
    parts.extend(file.module.iter().rev().cloned());
    parts.reverse();
    parts.join("::")
}

fn segment(file: &SourceFile, item: &Item) -> Option<String> {
    match item.kind {
        ItemKind::Impl => {
            let header = Lexer::from_offset(&file.text, item.header.start)
                .take_while(|token| token.start < item.header.end)
                .filter(|token| token.kind != Kind::Comment);
            let header = joined(header.map(|token| token.text(&file.text)));
            Some(format!("<{}>", header.trim_start_matches("unsafe ").trim_start_matches("impl ").trim()))
        }
        ItemKind::Use | ItemKind::MacroCall | ItemKind::ExternBlock | ItemKind::Included => None,
        _ => Some(file.snippet(item.name).to_owned()),
    }
}

/// Tokens as one text. A comma before a closing bracket is a matter of layout: whether there is one
/// depends on whether the bracket has a line of its own, and so do those around a whole statement.
pub(crate) fn joined<'a>(tokens: impl Iterator<Item = &'a str>) -> String {
    let mut out: Vec<&str> = Vec::new();
    for token in tokens {
        if matches!(token, ")" | "]" | "}" | ">") && out.last() == Some(&",") {
            out.pop();
        }
        if token != "," || !out.is_empty() {
            out.push(token);
        }
    }
    if out.last() == Some(&",") {
        out.pop();
    }
    out.join(" ")
}
