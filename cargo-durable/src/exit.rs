//! The exit codes. The output format never changes them.

use crate::outcome::Outcome;

/// Nothing that is denied was found, and everything was checked.
pub const CLEAN: u8 = 0;
/// Denied findings.
pub const DENIED: u8 = 1;
/// Something could not be checked, or the command line or policy is wrong.
pub const INCOMPLETE: u8 = 2;

/// The exit code of a judged check.
pub fn code(outcome: &Outcome) -> u8 {
    if !outcome.unchecked.is_empty() {
        INCOMPLETE
    } else if outcome.denied() > 0 {
        DENIED
    } else {
        CLEAN
    }
}
