//! A lint's documentation: as Markdown that any viewer shows, and styled for a terminal.

use std::fmt::Write as _;

use clap::builder::styling::{AnsiColor, Style};
use durable_lints::lint::Lint;

use super::text::wrapped;

/// The documentation as plain Markdown: without the space that doc comments start with, and with
/// the examples' verdict (` ```rust,bad `) as a sentence above them.
pub fn markdown(lint: &Lint) -> String {
    let mut out = String::with_capacity(lint.docs.len());
    let mut inside = false;
    for line in lint.docs.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        match line.strip_prefix("```") {
            Some(info) if !inside => {
                inside = true;
                let (language, verdict) = fence(info);
                if let Some(verdict) = verdict {
                    let _ = write!(out, "{verdict}:\n\n");
                }
                let _ = writeln!(out, "```{language}");
            }
            fenced => {
                inside &= fenced.is_none();
                let _ = writeln!(out, "{line}");
            }
        }
    }
    out
}

/// The language of a fence and what its example stands for.
fn fence(info: &str) -> (&str, Option<&'static str>) {
    let mut words = info.split(',').map(str::trim);
    let language = words.next().unwrap_or("");
    let verdict = words.find_map(|word| match word {
        "bad" => Some("Refused"),
        "good" => Some("Accepted"),
        _ => None,
    });
    (language, verdict)
}

/// Markdown for a terminal of this width (0: unlimited): headings and code styled where colour is
/// on, code indented, paragraphs and list items filled.
pub fn terminal(markdown: &str, color: bool, width: usize) -> String {
    let styles = Styles::new(color);
    let width = if width == 0 { 0 } else { width.clamp(30, 100) };
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut inside = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            flush(&mut out, &mut paragraph, width, &styles);
            inside = !inside;
        } else if inside {
            let code = &styles.code;
            let _ = writeln!(out, "    {code}{line}{code:#}");
        } else if line.starts_with('#') {
            flush(&mut out, &mut paragraph, width, &styles);
            let heading = &styles.heading;
            let _ = writeln!(out, "{heading}{}{heading:#}", line.trim_start_matches('#').trim());
        } else if line.is_empty() || line.starts_with("- ") || line.starts_with('|') {
            flush(&mut out, &mut paragraph, width, &styles);
            match line {
                "" if out.ends_with("\n\n") || out.is_empty() => {}
                "" => out.push('\n'),
                _ => paragraph.push_str(line),
            }
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    flush(&mut out, &mut paragraph, width, &styles);
    out
}

/// The styles, or none of them.
struct Styles {
    heading: Style,
    code: Style,
    strong: Style,
}

impl Styles {
    fn new(color: bool) -> Styles {
        if !color {
            return Styles { heading: Style::new(), code: Style::new(), strong: Style::new() };
        }
        Styles {
            heading: AnsiColor::Green.on_default().bold().underline(),
            code: AnsiColor::Cyan.on_default(),
            strong: Style::new().bold(),
        }
    }
}

/// Writes a paragraph or list item, filled to the width.
fn flush(out: &mut String, paragraph: &mut String, width: usize, styles: &Styles) {
    let text = std::mem::take(paragraph);
    if text.is_empty() {
        return;
    }
    if text.starts_with('|') {
        let _ = writeln!(out, "{text}");
        return;
    }
    let indent = if text.starts_with("- ") { "  " } else { "" };
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(out, "{}", inline(&wrapped(&words, width, indent), styles));
}

/// Styles inline code, and emphasis with two asterisks.
fn inline(text: &str, styles: &Styles) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            let code = &styles.code;
            let _ = write!(out, "{code}`{part}`{code:#}");
            continue;
        }
        for (index, part) in part.split("**").enumerate() {
            let strong = if index % 2 == 1 { styles.strong } else { Style::new() };
            let _ = write!(out, "{strong}{part}{strong:#}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::render::fixture::CHECKS;

    #[test]
    fn examples_say_what_they_stand_for() {
        let text = super::markdown(&CHECKS);
        assert!(text.starts_with("A TLS client accepts"), "{text}");
        assert!(text.contains("\n\nRefused:\n\n```rust\nfn client()"), "{text}");
        assert!(text.contains("```\n\n## Known limits\n- A flag"), "{text}");
    }

    #[test]
    fn a_terminal_gets_filled_paragraphs_and_indented_code() {
        let text = super::terminal(
            "One two three four five six `seven`\neight.\n\n## Head\n- a\n- b\n\n```rust\nfn a() {}\n```\n",
            false,
            30,
        );
        assert_eq!(text, "One two three four five six\n`seven` eight.\n\nHead\n- a\n- b\n\n    fn a() {}\n");
        let styled = super::terminal("## Head\n`x` **y**\n", true, 0);
        assert!(
            styled.contains("\u{1b}[1m\u{1b}[4m") && styled.contains("\u{1b}[36m`x`\u{1b}[0m"),
            "{styled:?}"
        );
    }
}
