//! The text of a note, which holds to its rules wherever there is one.

use durable_macros::durable;

use crate::error::Error;

const MOST: usize = 4000;

#[derive(Debug)]
pub(super) struct Text(String);

impl Text {
    #[durable(
        owner = "acme-team",
        guard = "notes::text::tests::what_breaks_a_rule_is_no_text"
    )]
    pub(super) fn parse(text: String) -> Result<Self, Error> {
        let controls = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        if text.trim().is_empty() || text.chars().count() > MOST || text.contains(controls) {
            return Err(Error::Invalid(
                "`text` has to be 1 to 4000 characters, not all blank, without control characters but tab and newline.",
            ));
        }
        Ok(Self(text))
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_a_rule_is_no_text() {
        for text in ["", " \n", "a\0b", "\u{1b}[2J", &"ä".repeat(MOST + 1)] {
            assert!(Text::parse(text.into()).is_err(), "{text:?}");
        }
        for text in ["größe\n\t7", &"ä".repeat(MOST)] {
            assert_eq!(Text::parse(text.into()).unwrap().into_string(), text);
        }
    }
}
