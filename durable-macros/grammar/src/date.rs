//! A calendar day, with just what the attribute needs: users compile this crate.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// The year, 0 to 9999.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl FromStr for Date {
    /// What to write instead.
    type Err = String;

    /// Reads `YYYY-MM-DD` and nothing else.
    fn from_str(text: &str) -> Result<Date, String> {
        let malformed = || "write it as `YYYY-MM-DD`".to_owned();
        let shape =
            |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
        if text.len() != 10 || !text.bytes().enumerate().all(shape) {
            return Err(malformed());
        }
        let date = Date {
            year: text[..4].parse().map_err(|_| malformed())?,
            month: text[5..7].parse().map_err(|_| malformed())?,
            day: text[8..].parse().map_err(|_| malformed())?,
        };
        if !(1..=12).contains(&date.month) {
            return Err("months are 01 to 12".to_owned());
        }
        match (1..=date.days_in_month()).contains(&date.day) {
            true => Ok(date),
            false => Err(format!("the days of that month are 01 to {}", date.days_in_month())),
        }
    }
}

impl Date {
    fn days_in_month(self) -> u8 {
        let leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}
