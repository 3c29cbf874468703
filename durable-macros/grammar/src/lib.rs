//! The grammar of the `#[durable(…)]` attribute, and of `durable_file!(…)`, which takes the same keys.
//!
//! ```text
//! #[durable(
//!     owner = "identity",           who answers for the item
//!     control = "ID4.1.3",          the requirement that it meets
//!     review_by = "2027-05-01",     the last day of its next review
//!     guard = "tests::pins_nothing" the test that fails when the fix is undone
//!     allow(pinned_certificates),   findings let through inside the item
//!     expires = "2027-01-31",       the last day of that
//!     reason = "partner X moves in January",
//!     category = "mitigated",       met by other means; else "waiver", accepted for now
//! )]
//! ```

mod date;
mod names;
mod nearest;
mod parse;
pub mod policy;

pub use date::Date;
pub use names::NAMES;
pub use nearest::nearest;
use proc_macro2::{Span, TokenStream};

/// A value and where it stands in the attribute.
#[derive(Clone, Debug)]
pub struct Value<T> {
    /// What is said.
    pub value: T,
    /// The place of the value.
    pub span: Span,
}

/// Why findings are let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Category {
    /// Accepted for now.
    #[default]
    Waiver,
    /// Met by other means.
    Mitigated,
}

impl Category {
    /// Both.
    pub const ALL: [Category; 2] = [Category::Waiver, Category::Mitigated];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Category::Waiver => "waiver",
            Category::Mitigated => "mitigated",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Category> {
        Category::ALL.into_iter().find(|category| category.name() == name)
    }
}

/// What is wrong with one part.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// Its place.
    pub span: Span,
    /// What is wrong, and behind a `;` what mends it.
    pub message: String,
    /// The key that was meant, as far as it can be told: it is there, if not as it should be.
    pub meant: Option<&'static str>,
}

impl Mistake {
    fn new(span: Span, message: impl Into<String>) -> Mistake {
        Mistake { span, message: message.into(), meant: None }
    }
}

/// One `#[durable(…)]` attribute.
#[derive(Clone, Debug, Default)]
pub struct Attribute {
    /// Who answers for the item: an id under `[owners]` in `durable.toml`.
    pub owner: Option<Value<String>>,
    /// The control that the item meets, by its id.
    pub control: Option<Value<String>>,
    /// The last day on which its next review is in time.
    pub review_by: Option<Value<Date>>,
    /// The path of the test that would catch a regression.
    pub guard: Option<Value<String>>,
    /// Why the findings are let through.
    pub reason: Option<Value<String>>,
    /// The last day on which they are.
    pub expires: Option<Value<Date>>,
    /// Why they are: accepted for now, or met by other means.
    pub category: Option<Value<Category>>,
    /// The lints and groups whose findings inside the item are let through, `-` written as `_`.
    pub allow: Vec<Value<String>>,
}

impl Attribute {
    /// Reads what stands between the parentheses of `#[durable(…)]`, and holds it to the grammar.
    ///
    /// # Errors
    /// An unknown or repeated key, a value that is empty or no date, a missing owner, an unknown lint
    /// or group, or an `allow` without reason or end. All of them at once, each with its place.
    pub fn parse(tokens: TokenStream) -> syn::Result<Attribute> {
        let (attribute, mistakes) = parse::read(tokens);
        let missing = attribute.missing(&mistakes);
        let all = mistakes.into_iter().chain(attribute.unknown()).chain(missing);
        let errors = all.map(|mistake| syn::Error::new(mistake.span, mistake.message));
        let combined = errors.reduce(|mut first, next| {
            first.combine(next);
            first
        });
        combined.map_or(Ok(attribute), Err)
    }

    /// Reads as much of the attribute as can be understood, for the linter: what is missing is for
    /// its lints to say, and one bad key does not hide the others.
    pub fn read(tokens: TokenStream) -> (Attribute, Vec<Mistake>) {
        parse::read(tokens)
    }

    /// Takes one key with its value from where the same is not written as tokens: a comment.
    ///
    /// # Errors
    /// An unknown key, or a value that it does not take.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), Mistake> {
        let key = parse::key(key, Span::call_site())?;
        parse::set(self, key, Value { value: value.to_owned(), span: Span::call_site() })
    }

    /// What the compiler insists on though the parts by themselves are well-formed. A key that is
    /// there with a bad value, or misspelt, is not missing as well.
    fn missing(&self, mistakes: &[Mistake]) -> Vec<Mistake> {
        let here = self.allow.first().map_or_else(Span::call_site, |lint| lint.span);
        let lacks =
            |key: &str, there: bool| !there && mistakes.iter().all(|mistake| mistake.meant != Some(key));
        let allows = !self.allow.is_empty();
        let mut missing = Vec::new();
        if lacks("owner", self.owner.is_some()) {
            missing.push("missing `owner`; add `owner = \"…\"`, who answers for it");
        }
        if allows && lacks("reason", self.reason.is_some()) {
            missing.push("`allow(…)` needs a reason; add `reason = \"…\"`");
        }
        if allows && lacks("expires", self.expires.is_some()) {
            missing.push("`allow(…)` needs an end; add `expires = \"YYYY-MM-DD\"`, its last day");
        }
        missing.into_iter().map(|message| Mistake::new(here, message)).collect()
    }

    /// Names that are no lint's and no group's. The linter asks its own lints, which may be newer.
    fn unknown(&self) -> impl Iterator<Item = Mistake> {
        let unknown = |lint: &&Value<String>| NAMES.binary_search(&&*lint.value).is_err();
        self.allow.iter().filter(unknown).map(|lint| {
            let help = match nearest(&lint.value, NAMES.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "`cargo durable lints` lists all, and new ones need a new `cargo-durable-macros`".into()
                }
            };
            Mistake::new(lint.span, format!("unknown lint or group `{}`; {help}", lint.value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> syn::Result<Attribute> {
        Attribute::parse(text.parse().expect("tokens"))
    }

    fn errors(text: &str) -> Vec<String> {
        let error = parse(text).expect_err(text);
        error.into_iter().map(|error| error.to_string()).collect()
    }

    #[test]
    fn every_key_is_read() {
        let attribute = parse(
            r#"owner = "identity", control = "ID4.1.3", review_by = "2027-05-01", guard = "tests::pins",
               allow(pinned_certificates, supply_chain), reason = "partner X moves", expires = "2028-02-29",
               category = "mitigated","#,
        )
        .unwrap();
        assert_eq!(attribute.owner.unwrap().value, "identity");
        assert_eq!(attribute.control.unwrap().value, "ID4.1.3");
        assert_eq!(attribute.review_by.unwrap().value.to_string(), "2027-05-01");
        assert_eq!(attribute.guard.unwrap().value, "tests::pins");
        assert_eq!(attribute.reason.unwrap().value, "partner X moves");
        assert_eq!(attribute.expires.unwrap().value, Date { year: 2028, month: 2, day: 29 });
        assert_eq!(attribute.category.unwrap().value, Category::Mitigated);
        let allowed: Vec<&str> = attribute.allow.iter().map(|lint| &*lint.value).collect();
        assert_eq!(allowed, ["pinned_certificates", "supply_chain"]);
    }

    #[test]
    fn each_error_names_what_is_wrong_and_what_to_write() {
        for (text, expected) in [
            (r#"ower = "a", owner = "a""#, "unknown key `ower`; did you mean `owner`?"),
            (
                r#"colour = "red", owner = "a""#,
                "unknown key `colour`; one of owner, control, review_by, guard, reason, expires, category, allow",
            ),
            ("", "missing `owner`; add `owner = \"…\"`, who answers for it"),
            (r#""identity""#, "expected a key; write it as `owner = \"identity\"`"),
            (r#"owner = "a ""#, "`owner` has spaces around it; write `owner = \"a\"`"),
            (r#"owner = """#, "`owner` is empty; name who answers for it"),
            (
                r#"owner = "a", allow(weak_hashs)"#,
                "unknown lint or group `weak_hashs`; did you mean `weak_hashes`?",
            ),
            (
                r#"owner = "a", allow(dead_code), reason = "b", expires = "2027-01-01""#,
                "unknown lint or group `dead_code`; `cargo durable lints` lists all, and new ones need a new `cargo-durable-macros`",
            ),
            (
                r#"owner = "a", allow(durable::weak_hashes)"#,
                "expected the bare name of a lint or group; write it as `allow(weak_hashes)`",
            ),
            (
                r#"owner = "a", allow("crypto")"#,
                "expected the bare name of a lint or group; write it as `allow(crypto)`",
            ),
            (
                r#"owner = "a", allow = "crypto""#,
                "`allow` takes lints or groups; write it as `allow(weak_hashes)`",
            ),
            (r#"owner = "a", review_by = "2027-2-1""#, "`2027-2-1` is no date; write it as `YYYY-MM-DD`"),
            (
                r#"owner = "a", review_by = "2027-02-29""#,
                "`2027-02-29` is no date; the days of that month are 01 to 28",
            ),
            (r#"owner = "a", expires = "2027-13-01""#, "`2027-13-01` is no date; months are 01 to 12"),
            ("identity", "expected a key; write it as `owner = \"identity\"`"),
            (r#"owner = "a", category = "mitigatd""#, "`mitigatd` is no category; did you mean `mitigated`?"),
            (r#"owner = "a", category = "x""#, "`x` is no category; it is `waiver` or `mitigated`"),
            (r#"owner = "a", reason = "  ""#, "`reason` is empty; say why in a few words"),
            (r#"owner = "a", owner = "b""#, "`owner` is given twice; keep one"),
            (r#"owner = 3"#, "`owner` takes a string; write it as `owner = \"…\"`"),
            (
                r#"owner = "a", guard = "not a path""#,
                "`not a path` is no path of a test; write it as `tests::rejects_pins`",
            ),
            (
                r#"owner = "a", allow(weak_hashes), expires = "2027-01-01""#,
                "`allow(…)` needs a reason; add `reason = \"…\"`",
            ),
            (
                r#"owner = "a", allow(weak_hashes), reason = "b""#,
                "`allow(…)` needs an end; add `expires = \"YYYY-MM-DD\"`, its last day",
            ),
            (r#"owner = "a", allow()"#, "`allow()` names no lint; write it as `allow(weak_hashes)`"),
            (r#"owner = "a" control = "b""#, "expected `,`; put one between the keys"),
        ] {
            assert_eq!(errors(text).first().map(String::as_str), Some(expected), "{text}");
        }
    }

    #[test]
    fn errors_point_to_their_place_and_come_all_at_once() {
        let error = parse(r#"owner = "", reason = """#).unwrap_err();
        let places: Vec<usize> = error.into_iter().map(|error| error.span().start().column).collect();
        assert_eq!(places, [8, 21]);
    }

    #[test]
    fn a_key_that_is_misspelt_is_not_missing_as_well() {
        assert_eq!(
            errors(r#"ower = "a", allow(weak_hashes), reasn = "b", expires = "soon""#),
            [
                "unknown key `ower`; did you mean `owner`?",
                "unknown key `reasn`; did you mean `reason`?",
                "`soon` is no date; write it as `YYYY-MM-DD`",
            ]
        );
    }

    #[test]
    fn the_linter_reads_on_behind_a_bad_key() {
        let (attribute, errors) = Attribute::read(r#"ower = "a", allow(weak_hashes)"#.parse().unwrap());
        assert_eq!(attribute.allow[0].value, "weak_hashes");
        assert_eq!(errors.len(), 1);
    }
}
