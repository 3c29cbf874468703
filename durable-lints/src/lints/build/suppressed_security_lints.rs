use crate::outline::ItemKind;
use crate::outline::lexer::{Kind, Lexer, Token};
use crate::prelude::*;

declare_lint! {
    /// Warnings about unsoundness are switched off without a reason, so the next unsound change passes unseen.
    ///
    /// Some lints of the compiler and of clippy speak about memory that is used wrongly or about
    /// results that nobody looks at. Switched off for a whole crate, or in one place without a word,
    /// they no longer protect the code that comes later.
    ///
    /// ```rust,bad
    /// #![allow(warnings)]
    ///
    /// pub static COUNT: u64 = 0;
    /// ```
    ///
    /// ```rust,good
    /// #[expect(improper_ctypes_definitions, reason = "an opaque handle, never read on the other side")]
    /// pub extern "C" fn engine_name(_: &str) {}
    /// ```
    ///
    /// Flags and manifests do the same:
    ///
    /// ```toml,bad .cargo/config.toml
    /// [build]
    /// rustflags = ["-A", "warnings"]
    /// ```
    ///
    /// ```toml,good .cargo/config.toml
    /// [build]
    /// rustflags = ["-D", "warnings"]
    /// ```
    ///
    /// ## What to do
    /// Mend what the lint says. Where it is wrong, allow it at the item and give the `reason`, or say
    /// it in a comment beside the attribute; in a manifest or configuration, in a comment.
    ///
    /// ## Known limits
    /// Attributes inside macro definitions are looked at as if they stood in the code. Modules that
    /// hold generated code are left alone, as are the `improper_ctypes` lints in `-sys` crates.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::High,
        cwe: &[1127, 710],
        triggers: &[
            "warnings",
            "unused_must_use",
            "clippy",
            "static_mut_refs",
            "dangling_pointers_from_temporaries",
            "dangling_pointers_from_locals",
            "invalid_value",
            "invalid_reference_casting",
            "invalid_from_utf8_unchecked",
            "deref_nullptr",
            "mutable_transmutes",
            "undropped_manually_drops",
            "unconditional_panic",
            "text_direction_codepoint_in_literal",
            "text_direction_codepoint_in_comment",
            "improper_ctypes",
            "improper_ctypes_definitions",
            "clashing_extern_declarations",
            "unsafe_op_in_unsafe_fn",
            "never_type_fallback_flowing_into_unsafe",
        ],
        check: Check::Source(source),
        also: &[Check::Manifest(manifest), Check::CargoConfig(config), Check::Workflow(workflow)],
    }
}

/// What may not be off for a whole crate or module.
const WIDE: &[&str] =
    &["warnings", "unused_must_use", "clippy::all", "clippy::correctness", "clippy::suspicious"];

/// What may not be off anywhere without a reason.
const ANYWHERE: &[&str] = &[
    "static_mut_refs",
    "dangling_pointers_from_temporaries",
    "dangling_pointers_from_locals",
    "invalid_value",
    "invalid_reference_casting",
    "invalid_from_utf8_unchecked",
    "deref_nullptr",
    "mutable_transmutes",
    "undropped_manually_drops",
    "unconditional_panic",
    "text_direction_codepoint_in_literal",
    "text_direction_codepoint_in_comment",
    "improper_ctypes",
    "improper_ctypes_definitions",
    "clashing_extern_declarations",
    "unsafe_op_in_unsafe_fn",
    "never_type_fallback_flowing_into_unsafe",
    "clippy::uninit_vec",
    "clippy::uninit_assumed_init",
    "clippy::await_holding_lock",
    "clippy::not_unsafe_ptr_arg_deref",
    "clippy::mem_replace_with_uninit",
    "clippy::transmuting_null",
    "clippy::unsound_collection_transmute",
    "clippy::cast_slice_different_sizes",
    "clippy::mut_from_ref",
    "clippy::suspicious_open_options",
    "clippy::permissions_set_readonly_false",
    "clippy::zombie_processes",
    "clippy::unused_io_amount",
    "clippy::undocumented_unsafe_blocks",
];

fn hidden(lint: &str, wide: bool) -> bool {
    ANYWHERE.contains(&lint) || wide && WIDE.contains(&lint)
}

/// One `allow` or `expect` attribute.
#[derive(Default)]
struct Attribute {
    inner: bool,
    /// Where it starts, and one past its end.
    span: Span,
    lints: Vec<(String, Span)>,
    has_reason: bool,
}

fn source(file: &SourceFile, findings: &mut Findings) {
    if is_generated(file) {
        return;
    }
    let is_sys = file.krate.ends_with("_sys");
    for attribute in attributes(&file.text) {
        if attribute.has_reason || is_explained_beside(&file.text, attribute.span) {
            continue;
        }
        let wide = is_wide(file, &attribute);
        for (lint, span) in &attribute.lints {
            if !hidden(lint, wide) || is_sys && lint.starts_with("improper_") {
                continue;
            }
            let reach = if attribute.inner { "for all that is around it" } else { "here" };
            findings
                .at(*span, format!("`{lint}` is switched off without a reason"))
                .primary(format!("no longer told {reach}"))
                .help("mend what it tells, or allow it at the one item with `reason = \"…\"`");
        }
    }
}

/// Reads every attribute of a file that allows lints. Statements carry them too, which the outline
/// does not know.
fn attributes(text: &str) -> Vec<Attribute> {
    let mut found = Vec::new();
    let mut tokens = Lexer::from_offset(text, 0).filter(|token| token.kind != Kind::Comment).peekable();
    while let Some(token) = tokens.next() {
        if token.text(text) != "#" {
            continue;
        }
        let inner = tokens.next_if(|next| next.text(text) == "!").is_some();
        if tokens.next_if(|next| next.text(text) == "[").is_none() {
            continue;
        }
        let mut body = Vec::new();
        let mut depth = 1;
        let mut end = token.end;
        for next in tokens.by_ref() {
            match next.text(text) {
                "[" | "(" | "{" => depth += 1,
                "]" | ")" | "}" => depth -= 1,
                _ => {}
            }
            end = next.end;
            if depth == 0 {
                break;
            }
            body.push(next);
        }
        let mut attribute = Attribute { inner, span: Span::new(token.start, end), ..Attribute::default() };
        read(text, &body, &mut attribute);
        if !attribute.lints.is_empty() {
            found.push(attribute);
        }
    }
    found
}

/// Reads `allow(…)` and `expect(…)`, also where they stand in a `cfg_attr`.
fn read(text: &str, body: &[Token], attribute: &mut Attribute) {
    let at = |index: usize| body.get(index).map_or("", |token| token.text(text));
    let start = match at(0) {
        "allow" | "expect" if at(1) == "(" => 2,
        "cfg_attr" => {
            let nested = (2..body.len())
                .find(|index| matches!(at(*index), "allow" | "expect") && at(index + 1) == "(");
            match nested {
                Some(index) => index + 2,
                None => return,
            }
        }
        _ => return,
    };
    let mut path: Option<(String, Span)> = None;
    for token in &body[start.min(body.len())..] {
        match token.text(text) {
            "," | ")" => attribute.lints.extend(path.take()),
            "=" => attribute.has_reason |= path.take().is_some_and(|(name, _)| name == "reason"),
            part if token.kind == Kind::Ident || part == ":" => {
                let (name, span) = path.get_or_insert_with(|| {
                    (String::new(), Span::from(token.start as usize..token.end as usize))
                });
                // Two words beside each other are not one.
                if token.kind == Kind::Ident && !name.is_empty() && !name.ends_with(':') {
                    name.push(' ');
                }
                name.push_str(part);
                span.end = token.end;
            }
            _ => {}
        }
    }
    attribute.lints.extend(path);
}

/// Whether the attribute reaches a whole file or module.
fn is_wide(file: &SourceFile, attribute: &Attribute) -> bool {
    let around = file.outline.item_at(attribute.span.start).map(|item| &file.outline.items[item as usize]);
    // The first item of a file begins with the file's own attributes.
    let around =
        around.filter(|item| !attribute.inner || item.body.is_some_and(|body| body.contains(attribute.span)));
    match around {
        None => attribute.inner,
        Some(item) => {
            item.kind == ItemKind::Mod
                && !is_generated_name(file.snippet(item.name))
                && !file.snippet(item.span).contains("include!")
        }
    }
}

/// Whether a file or module by its name holds what a generator wrote.
fn is_generated_name(name: &str) -> bool {
    const MARKS: [&str; 9] =
        ["bindings", "bindgen", "generated", "proto", "pb", "grpc", "ffi", "sys", "schema"];
    name.split(['_', '/', '.']).any(|part| MARKS.contains(&part) || part == "gen")
}

fn is_generated(file: &SourceFile) -> bool {
    is_generated_name(&file.path) || file.text.contains("include!(")
}

/// Whether a comment says why: above the attribute, or behind it on its line. A rule of dashes or a
/// licence is none, but a few words are believed.
fn is_explained_beside(text: &str, span: Span) -> bool {
    let before = text.get(..span.start as usize).unwrap_or("");
    let mut lines = before.lines().rev().skip(usize::from(!before.ends_with('\n') && !before.is_empty()));
    let above = lines.next().unwrap_or("").trim_start();
    let after = text.get(span.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let says = |comment: &str| comment.chars().filter(|c| c.is_alphabetic()).count() > 8;
    let is_comment = above.starts_with("//") && !above.starts_with("///") && !above.starts_with("//!");
    is_comment && says(above) || after.split_once("//").is_some_and(|(_, comment)| says(comment))
}

fn manifest(manifest: &Manifest, findings: &mut Findings) {
    let top = manifest.document.as_table();
    let workspace = top.get("workspace").and_then(|workspace| workspace.get("lints"));
    let own = top.get("lints");
    for (table, name) in [(own, "lints"), (workspace, "workspace.lints")] {
        let tools = table.and_then(|table| table.as_table_like()).into_iter().flat_map(|table| table.iter());
        for (tool, lints) in tools {
            for (lint, value) in lints.as_table_like().into_iter().flat_map(|table| table.iter()) {
                let level = value.as_str().or_else(|| value.get("level")?.as_str());
                let path = if tool == "rust" { lint.to_owned() } else { format!("{tool}::{lint}") };
                let span = manifest.span(value);
                if level == Some("allow")
                    && hidden(&path, true)
                    && !is_explained_in_toml(&manifest.text, span)
                {
                    findings
                        .at(span, format!("`{path}` is switched off for the whole package without a reason"))
                        .item(format!("{name}.{tool}"))
                        .help("mend what it tells, or allow it at the one item with `reason = \"…\"`");
                }
            }
        }
    }
    flags(&manifest.flags(), &manifest.text, findings);
}

fn config(config: &CargoConfig, findings: &mut Findings) {
    flags(&config.flags(), &config.text, findings);
}

fn workflow(workflow: &Workflow, findings: &mut Findings) {
    flags(&workflow.flags(), &workflow.text, findings);
}

fn flags(sets: &[FlagSet], text: &str, findings: &mut Findings) {
    for set in sets {
        for flag in &set.flags {
            let off = match &*flag.option {
                "A" => hidden(&flag.value.replace('-', "_"), true),
                "cap-lints" => matches!(&*flag.value, "allow" | "warn"),
                _ => false,
            };
            if !off || is_explained_in_toml(text, flag.span) {
                continue;
            }
            let draft = findings
                .at(
                    flag.span,
                    format!("`{}` switches warnings off for everything that is built", flag.shown()),
                )
                .item(&*set.section)
                .help("remove the flag, and mend what is then told");
            if let Some(removal) = flag.removal {
                draft.fix(Fix::needs_review("remove the flag").delete(removal));
            }
        }
    }
}

/// Whether a `#` comment stands behind the place on its line, or on the line above.
fn is_explained_in_toml(text: &str, span: Span) -> bool {
    let line_start =
        text.get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let above = text.get(..line_start).unwrap_or("").lines().next_back().unwrap_or("").trim_start();
    let after = text.get(span.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let says = |comment: &str| comment.chars().filter(|c| c.is_alphabetic()).count() > 8;
    above.strip_prefix('#').is_some_and(says)
        || after.split_once('#').is_some_and(|(_, comment)| says(comment))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                #![allow(dead_code, unused_must_use)]
                //~                 ^^^^^^^^^^^^^^^ `unused_must_use` is switched off without a reason
                //~                 ^^^^^^^^^^^^^^^ no longer told for all that is around it
                pub fn f() {}
            "#]],
            expect![[r#"
                #![allow(clippy::all)]
                //~      ^^^^^^^^^^^ `clippy::all` is switched off without a reason
                //~      ^^^^^^^^^^^ no longer told for all that is around it
                pub fn f() {}
            "#]],
            expect![[r#"
                #![cfg_attr(not(debug_assertions), allow(warnings))]
                //~                                      ^^^^^^^^ `warnings` is switched off without a reason
                //~                                      ^^^^^^^^ no longer told for all that is around it
            "#]],
            expect![[r#"
                #[allow(warnings)]
                //~     ^^^^^^^^ `warnings` is switched off without a reason
                //~     ^^^^^^^^ no longer told here
                mod legacy {
                    pub fn f() {}
                }
            "#]],
            expect![[r#"
                mod legacy {
                    #![allow(clippy::correctness)]
                //~          ^^^^^^^^^^^^^^^^^^^ `clippy::correctness` is switched off without a reason
                //~          ^^^^^^^^^^^^^^^^^^^ no longer told for all that is around it
                    pub fn f() {}
                }
            "#]],
            expect![[r#"
                #[allow(static_mut_refs)]
                //~     ^^^^^^^^^^^^^^^ `static_mut_refs` is switched off without a reason
                //~     ^^^^^^^^^^^^^^^ no longer told here
                pub fn f() {}
            "#]],
            expect![[r#"
                pub fn f() {
                    #[allow(invalid_value)]
                //~         ^^^^^^^^^^^^^ `invalid_value` is switched off without a reason
                //~         ^^^^^^^^^^^^^ no longer told here
                    let x = 1;
                }
            "#]],
            expect![[r#"
                #[expect(clippy::uninit_vec)]
                //~      ^^^^^^^^^^^^^^^^^^ `clippy::uninit_vec` is switched off without a reason
                //~      ^^^^^^^^^^^^^^^^^^ no longer told here
                pub fn f() {}
            "#]],
            expect![[r#"
                //- Cargo.toml
                [package]
                name = "x"
                version = "1.0.0"
                [lints.rust]
                warnings = "allow"
                #~         ^^^^^^^ `warnings` is switched off for the whole package without a reason
            "#]],
            expect![[r#"
                //- Cargo.toml
                [workspace]
                [workspace.lints.clippy]
                correctness = { level = "allow", priority = -1 }
                #~            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `clippy::correctness` is switched off for the whole package without a reason
            "#]],
            expect![[r#"
                //- .cargo/config.toml
                [target.'cfg(all())']
                rustflags = "--cap-lints warn"
                #~           ^^^^^^^^^^^^^^^^ `--cap-lints warn` switches warnings off for everything that is built
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                //- .github/workflows/ci.yml
                on: push
                jobs:
                  a:
                    env: { RUSTFLAGS: '-Awarnings' }
                #~                     ^^^^^^^^^^ `-A warnings` switches warnings off for everything that is built
                #~ fix: remove the flag
            "#]],
        ]);
        LINT.is_silent_about(&[
            "#![allow(dead_code, clippy::too_many_arguments)]\npub fn f() {}",
            "#[allow(unused_must_use)]\npub fn f() {}",
            "#[allow(static_mut_refs, reason = \"single-threaded start\")]\npub fn f() {}",
            "// The handle is opaque to the caller.\n#[allow(improper_ctypes_definitions)]\npub fn f() {}",
            "#[allow(clippy::mut_from_ref)] // the arena hands out disjoint slices\npub fn f() {}",
            "#![deny(warnings, clippy::all)]\n#![warn(unsafe_op_in_unsafe_fn)]",
            "#[allow(warnings)]\nmod bindings;",
            "#[allow(clippy::all)]\npub mod api { include!(concat!(env!(\"OUT_DIR\"), \"/api.rs\")); }",
            "#[cfg(test)]\nmod tests { #![allow(warnings)] }",
            "pub fn f() { let s = \"#![allow(warnings)]\"; }",
            "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\n[lints.rust]\nwarnings = \"deny\"\ndead_code = \"allow\"",
            "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\n[lints.rust]\n# The bindings are wrong about C's `long`.\nimproper_ctypes = \"allow\"",
            "//- .cargo/config.toml\n[build]\nrustflags = [\"-Dwarnings\", \"-Adead_code\"]",
        ]);
    }
}
