//! `[package.metadata.durable]`: what a manifest says of its whole package.

use durable_grammar::Attribute;
use toml_edit::{Item, TableLike};

use super::attributes;
use super::identity::Lines;
use crate::finding::Span;
use crate::report::{Said, Tag, TagScope, Wrong};
use crate::subject::Manifest;

/// Who answers for the package of a manifest, as far as it says.
pub(super) fn read(manifest: &Manifest) -> Option<Tag> {
    let package = manifest.document.get("package")?;
    let item = package.get("metadata")?.get("durable")?;
    let lines = Lines::new(&manifest.text);
    let span = manifest.span(item);
    let mut tag = Tag {
        file: manifest.path.clone(),
        package: manifest.package_name().map(Into::into),
        item: String::new(),
        scope: TagScope::Package,
        test: false,
        checked: true,
        span,
        start: lines.position(span.start),
        covers: Span::new(0, 0),
        owner: None,
        control: None,
        review_by: None,
        guard: None,
        reason: None,
        wrong: Vec::new(),
    };
    match item.as_table_like() {
        Some(table) => keys(manifest, table, &lines, &mut tag),
        None => {
            let message =
                "`durable` is a table; write it as `owner = \"…\"` under [package.metadata.durable]";
            tag.wrong.push(wrong(&lines, span, message.to_owned(), None));
        }
    }
    Some(tag)
}

fn keys(manifest: &Manifest, table: &dyn TableLike, lines: &Lines<'_>, tag: &mut Tag) {
    let mut read = Attribute::default();
    for (key, value) in table.iter() {
        let place = table.key(key).and_then(|key| key.span()).map_or(tag.span, Span::from);
        let span = Some(manifest.span(value)).filter(|span| !span.is_empty()).unwrap_or(place);
        let name = key.replace('-', "_");
        let set = match text(value) {
            Some(text) => read.set(&name, &text).map(|()| text),
            None => {
                let message = format!("`{key}` takes a string; write it as `{key} = \"…\"`");
                tag.wrong.push(wrong(lines, span, message, Some(name)));
                continue;
            }
        };
        let text = match set {
            Ok(text) => text,
            Err(mistake) => {
                tag.wrong.push(attributes::wrong(lines, span, mistake));
                continue;
            }
        };
        let said = Some(Said { text, span, start: lines.position(span.start) });
        match name.as_str() {
            "owner" => tag.owner = said,
            "control" => tag.control = said,
            "review_by" => tag.review_by = said,
            "guard" => tag.guard = said,
            "reason" => tag.reason = said,
            _ => {
                let message =
                    format!("`{key}` belongs to an exemption, and this is about a package; remove it");
                tag.wrong.push(wrong(lines, place, message, None));
            }
        }
    }
}

fn wrong(lines: &Lines<'_>, span: Span, message: String, meant: Option<String>) -> Wrong {
    Wrong { span, start: lines.position(span.start), message, meant }
}

/// A string, or a date as TOML has them.
fn text(value: &Item) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_datetime().map(ToString::to_string))
}
