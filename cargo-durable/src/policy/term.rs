//! A number of days: `90d`, `2w`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Deserializer};

/// How long something holds, in whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// The days, 1 to 3650.
    pub days: u16,
}

impl Term {
    /// The longest there is: ten years.
    pub const LONGEST: u16 = 3650;

    /// The day this long after another, or the last day of the calendar.
    pub fn after(self, day: Date) -> Date {
        let days: Span = i64::from(self.days).days();
        day.saturating_add(days)
    }
}

impl FromStr for Term {
    type Err = String;

    fn from_str(text: &str) -> Result<Term, String> {
        let wrong = || {
            format!(
                "`{text}` is no term; write days or weeks, such as `90d` or `2w`, up to {}d",
                Term::LONGEST
            )
        };
        let unit = if text.ends_with('w') { 7 } else { 1 };
        let number = text.strip_suffix(['d', 'w']).ok_or_else(wrong)?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let days =
            number.parse::<u16>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)?;
        if (1..=Term::LONGEST).contains(&days) { Ok(Term { days }) } else { Err(wrong()) }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.days)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Term, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
