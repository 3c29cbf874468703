//! The header declares what `src/c.rs` defines. Where they part, C compiles and links all the same.

// What tests share is no test to clippy.
#![allow(clippy::panic, clippy::unwrap_used)]

use acme_widget::Decoder;
use acme_widget::c;

const NAME: &str = "acme_widget";
const PREFIX: &str = "ACME_WIDGET";
const SOURCE: &str = include_str!("../src/c.rs");

/// The header without comments and what is for the preprocessor, on one line.
fn declarations() -> String {
    let mut text = String::new();
    for part in header().split("/*") {
        text += part.split_once("*/").map_or(part, |(_, after)| after);
    }
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

fn header() -> &'static str {
    include_str!("../include/acme_widget.h")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, text) = text.split_once(before).unwrap();
    text.split_once(after).unwrap().0
}

fn in_c(rust: &str) -> String {
    match rust {
        "" => "void ".into(),
        "usize" => "size_t ".into(),
        "*mut usize" => "size_t *".into(),
        "*mut u8" => "uint8_t *".into(),
        "*const u8" => "const uint8_t *".into(),
        "*mut Decoder" => format!("{NAME}_decoder *"),
        "*const Decoder" => format!("const {NAME}_decoder *"),
        "Status" => "int32_t ".into(),
        other => panic!("how C calls {other} is not known here"),
    }
}

#[test]
fn functions_are_declared_as_they_are_defined() {
    let definitions = SOURCE.split("#[unsafe(export_name = \"").skip(1);
    let defined: Vec<String> = definitions
        .map(|text| {
            let (name, text) = text.split_once('"').unwrap();
            let parameters = between(text, "fn ", ")").split_once('(').unwrap().1;
            let parameters = parameters.split(',').filter_map(|one| one.split_once(':'));
            let parameters: Vec<String> = parameters
                .map(|(name, rust)| in_c(rust.trim()) + name.trim())
                .collect();
            let result = between(text, "fn ", "{").split_once("->");
            let result = in_c(result.map_or("", |(_, rust)| rust.trim()));
            let none = if parameters.is_empty() { "void" } else { "" };
            format!("{result}{name}({none}{})", parameters.join(", "))
        })
        .collect();
    let declarations = declarations();
    let declared = declarations.split(';').map(str::trim);
    let declared: Vec<&str> = declared.filter(|text| text.contains('(')).collect();
    assert_eq!(declared, defined);
}

#[test]
fn statuses_have_the_same_numbers() {
    let variants = between(SOURCE, "pub enum Status {", "}").lines();
    let variants = variants.filter_map(|line| line.trim().strip_suffix(','));
    let defined: Vec<String> = variants
        .map(|variant| {
            let mut name = String::new();
            for c in variant.chars() {
                if c.is_ascii_uppercase() {
                    name.push('_');
                }
                name.push(c.to_ascii_uppercase());
            }
            format!("{PREFIX}{name}")
        })
        .collect();
    let declarations = declarations();
    let declared = between(&declarations, "enum { ", " }").split(", ");
    assert_eq!(declared.collect::<Vec<_>>(), defined);
}

#[test]
fn limits_are_the_same() {
    for (name, limit) in [("INPUT", c::MAX_INPUT), ("MESSAGE", Decoder::MAX_MESSAGE)] {
        let line = format!("#define {PREFIX}_MAX_{name} {limit}\n");
        assert!(header().contains(&line), "{line}");
    }
}
