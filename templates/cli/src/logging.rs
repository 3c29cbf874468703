//! The log on standard error, one line a record.

use std::io::{self, Write};

use durable_macros::durable;
use log::{LevelFilter, Log, Metadata, Record};

struct Stderr;

/// Shows records up to this level. Crates that log through `log` are shown as well.
pub(crate) fn start(level: LevelFilter) {
    // Fails only where there is a logger already, which then does what this one would.
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(level);
    }
}

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let level = record.level().as_str().to_ascii_lowercase();
            let text = escaped(&record.args().to_string());
            // There is nowhere left to say that standard error is closed.
            let _ = writeln!(io::stderr(), "{level}: {text}");
        }
    }

    fn flush(&self) {}
}

/// Paths and input are somebody else's text: it must begin no line of its own and move no cursor.
#[durable(
    owner = "acme-team",
    guard = "logging::tests::text_of_others_stays_on_its_line"
)]
fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns_direction(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

/// The marks that turn the direction of what follows, and the two separators of lines beside them.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_on_its_line() {
        assert_eq!(escaped("größe 7"), "größe 7");
        assert_eq!(escaped("a\n::error::"), r"a\n::error::");
        assert_eq!(escaped("\u{1b}[2J"), r"\u{1b}[2J");
        assert_eq!(escaped("a\u{202e}b"), r"a\u{202e}b");
    }
}
