//! What `#[durable(…)]` says in source: who answers for what, and what is let through.

use std::sync::Arc;

use durable_grammar::{Attribute, Category, Mistake, Value};
use proc_macro2::{TokenStream, TokenTree};

use super::PackageResult;
use super::identity::Lines;
use crate::finding::{Position, Span};
use crate::outline::{Item, ItemKind};
use crate::report::{InSourceAllow, Said, Tag, TagScope, Wrong};
use crate::subject::item_path;
use crate::subject::{SourceFile, SourcePackage};

/// The package that the attribute is in.
const PACKAGE: &str = "cargo-durable-macros";
/// The macro that says for a file what the attribute says for an item.
const FILE_MACRO: &str = "durable_file";

/// The attribute where it stands.
struct Written<'a> {
    span: Span,
    text: &'a str,
    covers: Span,
    scope: TagScope,
    /// The item that it stands on, by position in the outline.
    item: Option<u32>,
    test: bool,
}

/// Reads the attributes of a Rust file.
pub(super) fn read(package: &SourcePackage, file: &SourceFile, into: &mut PackageResult) {
    let lines = Lines::new(&file.text);
    // Other crates have an attribute of this name.
    let ours = package.name.is_empty() || package.depends_on(&[PACKAGE]);
    for written in written(file) {
        let Some(arguments) = arguments(written.text) else { continue };
        let (read, mistakes) = Attribute::read(arguments);
        let place = |span: proc_macro2::Span| Span::from(span.byte_range()).shifted(written.span.start);
        let start = lines.position(written.span.start);
        let wrong: Vec<Wrong> =
            mistakes.into_iter().map(|mistake| wrong(&lines, place(mistake.span), mistake)).collect();
        // A misspelt `allow` lets nothing through, and somebody thinks that it does.
        let allows =
            !read.allow.is_empty() || wrong.iter().any(|wrong| wrong.meant.as_deref() == Some("allow"));
        let tags = !allows || read.control.is_some() || read.review_by.is_some() || read.guard.is_some();
        if tags && ours {
            let said = |value: Option<&Value<String>>| {
                value.map(|value| Said {
                    text: value.value.clone(),
                    span: place(value.span),
                    start: lines.position(place(value.span).start),
                })
            };
            let review_by =
                read.review_by.as_ref().map(|day| Value { value: day.value.to_string(), span: day.span });
            into.tags.push(Tag {
                file: file.path.clone(),
                package: Some(package.name.clone()).filter(|name| !name.is_empty()),
                item: written.item.map_or_else(|| file.module.join("::"), |item| item_path(file, item)),
                scope: written.scope,
                test: written.test,
                checked: true,
                span: written.span,
                start,
                covers: written.covers,
                owner: said(read.owner.as_ref()),
                control: said(read.control.as_ref()),
                review_by: said(review_by.as_ref()),
                guard: said(read.guard.as_ref()),
                reason: said(read.reason.as_ref()),
                // What an exemption beside it gets wrong is told of the exemption.
                wrong: if allows { Vec::new() } else { wrong.clone() },
            });
        }
        // Lints do not look at test code, so there is nothing to let through.
        if allows && !written.test {
            let lints = read.allow.iter().map(|lint| (lint.value.clone(), place(lint.span))).collect();
            let allow = allow(&file.path, written.span, start, written.covers, read);
            into.allows.push(InSourceAllow { lints, wrong, ..allow });
        }
    }
    proc_macro2::extra::invalidate_current_thread_spans();
}

/// Every place of a file where the attribute stands.
fn written(file: &SourceFile) -> Vec<Written<'_>> {
    let (outline, text) = (&file.outline, &*file.text);
    let whole = Span::new(0, text.len() as u32);
    let inside = |item: Option<u32>| match item {
        Some(item) => (outline.items[item as usize].span, TagScope::Item),
        None => (whole, TagScope::File),
    };
    let mut found = Vec::new();
    for (number, item) in (0u32..).zip(&outline.items) {
        let test = file.test || item.test;
        if is_file_macro(file, item) {
            let (covers, scope) = inside(item.parent);
            let text = file.snippet(item.span);
            found.push(Written { span: item.span, text, covers, scope, item: item.parent, test });
        }
        let attributes = outline.attributes(item, text).filter(|attribute| attribute.name() == "durable");
        found.extend(attributes.map(|attribute| {
            let (covers, scope) = inside(Some(number));
            Written { span: attribute.span, text: attribute.text(), covers, scope, item: Some(number), test }
        }));
    }
    let inner = outline.file_attributes(text).filter(|attribute| attribute.name() == "durable");
    found.extend(inner.map(|attribute| {
        let (covers, scope) = inside(None);
        Written { span: attribute.span, text: attribute.text(), covers, scope, item: None, test: file.test }
    }));
    found
}

/// `durable_file!(…)`, also by its path.
fn is_file_macro(file: &SourceFile, item: &Item) -> bool {
    item.kind == ItemKind::MacroCall
        && file.snippet(item.span).split('!').next().is_some_and(|path| {
            path.trim_end().rsplit(':').next().is_some_and(|name| name.trim() == FILE_MACRO)
        })
}

pub(super) fn allow(
    file: &Arc<str>,
    span: Span,
    start: Position,
    covers: Span,
    read: Attribute,
) -> InSourceAllow {
    InSourceAllow {
        file: file.clone(),
        span,
        start,
        covers,
        lints: Vec::new(),
        owner: read.owner.map(|owner| owner.value),
        reason: read.reason.map(|reason| reason.value),
        expires: read.expires.map(|expires| expires.value.to_string()),
        mitigated: read.category.is_some_and(|category| category.value == Category::Mitigated),
        wrong: Vec::new(),
    }
}

pub(super) fn wrong(lines: &Lines<'_>, span: Span, mistake: Mistake) -> Wrong {
    let start = lines.position(span.start);
    Wrong { span, start, message: mistake.message, meant: mistake.meant.map(str::to_owned) }
}

/// What stands between the parentheses of `#[durable(…)]`, or behind `durable_file!`.
fn arguments(text: &str) -> Option<TokenStream> {
    let group = |tokens: TokenStream| {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        })
    };
    let outer = group(text.parse().ok()?)?;
    if text.starts_with('#') { group(outer) } else { Some(outer) }
}
