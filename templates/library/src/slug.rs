use alloc::boxed::Box;
use alloc::string::String;
use core::error::Error;
use core::fmt;
use core::str::FromStr;

use durable_macros::durable;

/// A name of 1 to 63 characters of `a` to `z`, `0` to `9` and `-`, with no `-` at either end.
///
/// That is also what a label of a domain name may be.
///
/// ```
/// use acme_widget::Slug;
///
/// let slug = Slug::new("blue-7")?;
/// assert_eq!(slug.as_str(), "blue-7");
/// # Ok::<(), acme_widget::InvalidSlug>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Box<str>);

impl Slug {
    /// The most characters that a slug has.
    pub const MAX_LEN: usize = 63;

    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`InvalidSlug`] says what is wrong with the first thing that is.
    pub fn new(name: &str) -> Result<Self, InvalidSlug> {
        check(name)?;
        Ok(Self(name.into()))
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// All that a slug promises is decided here, so both ways to make one come through it.
#[durable(
    owner = "acme-team",
    guard = "slug::tests::what_ends_or_leads_elsewhere_is_refused"
)]
fn check(name: &str) -> Result<(), InvalidSlug> {
    if name.is_empty() {
        return Err(InvalidSlug::Empty);
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if let Some((at, found)) = name.char_indices().find(|&(_, c)| !allowed(c)) {
        return Err(InvalidSlug::Character { found, at });
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(InvalidSlug::HyphenAtEnd);
    }
    // Only ASCII is left, so bytes are characters.
    if name.len() > Slug::MAX_LEN {
        return Err(InvalidSlug::TooLong { len: name.len() });
    }
    Ok(())
}

impl FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidSlug;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        check(&name)?;
        Ok(Self(name.into()))
    }
}

impl AsRef<str> for Slug {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a name is no [`Slug`].
///
/// The messages quote nothing that could move a terminal's cursor or begin a line in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidSlug {
    /// There is nothing in it.
    Empty,
    /// A character that no slug has.
    Character {
        /// The character.
        found: char,
        /// The byte that it starts at.
        at: usize,
    },
    /// It begins or ends with `-`.
    HyphenAtEnd,
    /// It has more than [`Slug::MAX_LEN`] characters.
    TooLong {
        /// How many it has.
        len: usize,
    },
}

impl fmt::Display for InvalidSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the name is empty"),
            Self::Character { found, at } => {
                write!(
                    f,
                    "{found:?} at byte {at} is none of `a` to `z`, `0` to `9` and `-`"
                )
            }
            Self::HyphenAtEnd => write!(f, "the name begins or ends with `-`"),
            Self::TooLong { len } => {
                write!(
                    f,
                    "the name has {len} characters, at most {} are allowed",
                    Slug::MAX_LEN
                )
            }
        }
    }
}

impl Error for InvalidSlug {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn what_ends_or_leads_elsewhere_is_refused() {
        for (name, found, at) in [
            ("..", '.', 0),
            ("a/b", '/', 1),
            ("a\\b", '\\', 1),
            ("a%2fb", '%', 1),
            ("a\0", '\0', 1),
            ("a\nb", '\n', 1),
            ("Report", 'R', 0),
            // Looks like `a`, and is the Cyrillic letter.
            ("b\u{430}d", '\u{430}', 1),
        ] {
            assert_eq!(
                Slug::new(name),
                Err(InvalidSlug::Character { found, at }),
                "{name:?}"
            );
        }
    }

    #[test]
    fn a_hyphen_stands_only_inside() {
        assert!(Slug::new("a-b").is_ok());
        for name in ["-", "-a", "a-"] {
            assert_eq!(Slug::new(name), Err(InvalidSlug::HyphenAtEnd), "{name:?}");
        }
    }

    #[test]
    fn the_longest_is_as_long_as_promised() {
        assert!(Slug::new(&"a".repeat(63)).is_ok());
        assert_eq!(
            Slug::new(&"a".repeat(64)),
            Err(InvalidSlug::TooLong { len: 64 })
        );
        assert_eq!(Slug::new(""), Err(InvalidSlug::Empty));
    }

    #[test]
    fn a_message_stays_on_its_line() {
        let message = Slug::new("a\n::error::").unwrap_err().to_string();
        assert_eq!(
            message,
            r"'\n' at byte 1 is none of `a` to `z`, `0` to `9` and `-`"
        );
    }
}
