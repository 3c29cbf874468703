//! Identities as people read and write them: the first digits, as many as tell one from all others.

use crate::outcome::Judged;

/// What every identity begins with.
const VERSION: &str = "v1:";
/// So many digits are shown where fewer would do, so that they still do tomorrow.
const SHOWN: usize = 8;
/// Fewer digits than this are taken for a word.
const FEWEST: usize = 4;

/// How many digits tell identities apart.
#[derive(Clone, Copy, Debug)]
pub struct Short {
    digits: usize,
}

impl Short {
    /// As many as these identities need.
    pub fn of<'a>(ids: impl Iterator<Item = &'a str>) -> Short {
        let mut ids: Vec<&str> = ids.map(plain).collect();
        ids.sort_unstable();
        ids.dedup();
        let shared = |pair: &[&str]| pair[0].bytes().zip(pair[1].bytes()).take_while(|(a, b)| a == b).count();
        let needed = ids.windows(2).map(|pair| shared(pair) + 1).max().unwrap_or(0);
        Short { digits: needed.max(SHOWN) }
    }

    /// The first digits of an identity.
    pub fn cut(self, id: &str) -> &str {
        let id = plain(id);
        id.get(..self.digits).unwrap_or(id)
    }
}

/// Whether an exemption can cover a finding, so that it is worth naming: what is wrong with an
/// exception is mended, not excepted.
pub fn can_be_named(judged: &Judged) -> bool {
    !judged.finding.lint.is_judged()
}

/// The digits of what may be an identity or its beginning, as written: `v1:9f2c`, `9f2c…`.
pub fn digits(written: &str) -> Option<String> {
    let digits = plain(written).trim_end_matches('…');
    let is_identity = digits.len() >= FEWEST && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_identity.then(|| digits.to_ascii_lowercase())
}

/// Whether an identity begins with these digits.
pub fn begins(id: &str, digits: &str) -> bool {
    plain(id).starts_with(digits)
}

fn plain(id: &str) -> &str {
    id.strip_prefix(VERSION).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_digits_are_shown_that_they_mean_one() {
        let cut = |ids: [&str; 2]| Short::of(ids.into_iter()).cut(ids[0]).to_owned();
        assert_eq!(cut(["v1:00112233445566", "v1:ff112233445566"]), "00112233");
        assert_eq!(cut(["v1:00112233445566", "v1:00112233445577"]), "0011223344556");
        assert_eq!(cut(["v1:00112233445566", "v1:00112233445566"]), "00112233");
        assert_eq!(cut(["v1:11", "v1:22"]), "11");
    }

    #[test]
    fn what_is_shown_is_what_is_read() {
        assert_eq!(digits("v1:9F2c…").as_deref(), Some("9f2c"));
        assert_eq!((digits("9f2"), digits("weak"), digits("v1:")), (None, None, None));
        assert!(begins("v1:9f2c00", "9f2c") && !begins("v1:9f2c00", "9f3"));
    }
}
