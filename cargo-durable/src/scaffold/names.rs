//! The names that a project has in place of those that its template has.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};

use super::paths::is_device;

/// The words of Rust that no package may be called, and the crates and folders that every project has.
const RESERVED: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum \
    extern false final fn for gen if impl in let loop macro match mod move mut override priv \
    proc_macro pub ref return self static std struct super test trait true try type typeof \
    unsafe unsized use virtual where while yield build deps examples incremental";

/// What stands in a template, and what comes in its place.
#[derive(Clone, Debug)]
pub struct Names {
    values: BTreeMap<String, String>,
    words: Vec<(String, String)>,
}

/// A value longer than this would make lines that nobody reads.
const LONGEST_VALUE: usize = 200;

impl Names {
    /// The names of a project.
    ///
    /// # Errors
    /// Where cargo takes no package of this name, or nothing of the owner's can be an id.
    pub fn new(name: &str, owner: &str, organisation: &str) -> Result<Names> {
        is_package(name)?;
        let owner = owner.trim();
        is_plain("owner", owner)?;
        let snake = name.replace('-', "_");
        let mut names = Names { values: BTreeMap::new(), words: Vec::new() };
        names.put("name", "acme-widget", name);
        names.words.push(("ACME_WIDGET".to_owned(), snake.to_ascii_uppercase()));
        names.words.push(("acme_widget".to_owned(), snake));
        names.put("owner", "Acme Team", owner);
        names.words.push(("acme-team".to_owned(), id_of(owner)?));
        names.put("organisation", "acme-org", &id_of(organisation)?);
        Ok(names)
    }

    /// Puts the value of a variable in the place of its word.
    ///
    /// # Errors
    /// Where the value cannot stand in every file.
    pub fn define(&mut self, variable: &str, word: &str, value: &str) -> Result<()> {
        is_plain(variable, value)?;
        self.put(variable, word, value);
        Ok(())
    }

    fn put(&mut self, variable: &str, word: &str, value: &str) {
        self.values.insert(variable.to_owned(), value.to_owned());
        self.words.push((word.to_owned(), value.to_owned()));
    }

    /// Every variable and its value.
    pub fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// The owner's id.
    pub fn owner(&self) -> &str {
        self.words.iter().find(|(word, _)| word == "acme-team").map_or("", |(_, id)| id)
    }

    /// A text with every whole word replaced.
    pub fn put_into(&self, text: &str) -> String {
        let places = self
            .words
            .iter()
            .flat_map(|(word, name)| whole(text, word).map(move |at| (at, Reverse(word.len()), name)));
        let mut places: Vec<_> = places.collect();
        // Of two that begin at one place the longer one is meant.
        places.sort_unstable();
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for (at, Reverse(len), name) in places {
            if at < done {
                continue;
            }
            out.push_str(&text[done..at]);
            out.push_str(name);
            done = at + len;
        }
        out + &text[done..]
    }
}

/// Where a word stands that is no part of a longer one. Names are joined by what stands between words:
/// `CARGO_BIN_EXE_acme-widget`.
pub(super) fn whole<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let left = text[..*at].chars().next_back();
        let right = text[at + word.len()..].chars().next();
        !left.is_some_and(char::is_alphanumeric) && !right.is_some_and(char::is_alphanumeric)
    })
}

/// Whether a value can stand between quotes in every kind of file.
pub(super) fn is_plain(variable: &str, value: &str) -> Result<()> {
    ensure!(!value.trim().is_empty(), "`{variable}` is empty; give it a value");
    if let Some(other) = value.chars().find(|c| c.is_control() || matches!(c, '"' | '\\' | '`')) {
        bail!("the {variable} has {other:?}, which cannot stand between quotes in every file; leave it out");
    }
    ensure!(
        value.chars().count() <= LONGEST_VALUE,
        "the {variable} is longer than {LONGEST_VALUE} letters; shorten it"
    );
    Ok(())
}

/// Whether cargo takes a package of this name.
///
/// # Errors
/// Where it does not, with the reason.
pub fn is_package(name: &str) -> Result<()> {
    ensure!(!name.is_empty(), "a package needs a name; give one with `--name`");
    if let Some(other) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
        bail!(
            "`{name}` is no name for a package: it has {other:?}; give one of letters, digits, `-` and `_` with `--name`"
        );
    }
    ensure!(
        name.starts_with(|c: char| c.is_ascii_alphabetic()),
        "`{name}` is no name for a package, as it does not begin with a letter; give another with `--name`"
    );
    let lower = name.to_ascii_lowercase();
    // cargo would take it, and the compiler warns of it ever after.
    ensure!(name == lower, "`{name}` has capitals, which no crate has; `--name {lower}` names it without");
    let is_word = RESERVED.split(' ').any(|word| word == name.replace('-', "_"));
    ensure!(
        !is_word && !is_device(&lower),
        "`{name}` has a meaning of its own and names no package; give another with `--name`"
    );
    ensure!(
        name.len() <= 64,
        "`{name}` is longer than the 64 letters of a package's name; give another with `--name`"
    );
    Ok(())
}

/// An id of a name for people: `Platform Team` is `platform-team`.
fn id_of(name: &str) -> Result<String> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let id = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    ensure!(!id.is_empty(), "`{name}` has no letter or digit that an id could have; name the team otherwise");
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_replaced() {
        let names = Names::new("my-tool", "Platform Team", "Umbrella").unwrap();
        assert_eq!(names.owner(), "platform-team");
        for (text, expected) in [
            ("acme-widget acme_widget::x", "my-tool my_tool::x"),
            ("https://github.com/acme-org/acme-widget.", "https://github.com/umbrella/my-tool."),
            ("@acme-org/acme-team \"Acme Team\"", "@umbrella/platform-team \"Platform Team\""),
            ("acme-widgets xacme-widget", "acme-widgets xacme-widget"),
            ("CARGO_BIN_EXE_acme-widget acme-widget-2", "CARGO_BIN_EXE_my-tool my-tool-2"),
            ("acme-widget,acme-widget", "my-tool,my-tool"),
            ("acme_widget_new ACME_WIDGET_PORT", "my_tool_new MY_TOOL_PORT"),
        ] {
            assert_eq!(names.put_into(text), expected);
        }
        // What a name brings is no word of the template.
        let odd = Names::new("acme_widget", "acme-team", "acme-org").unwrap();
        assert_eq!(odd.put_into("acme-widget acme-team"), "acme_widget acme-team");
    }

    #[test]
    fn names_are_those_that_cargo_takes() {
        for name in ["a", "my-tool", "my_tool2"] {
            assert!(is_package(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "Tool",
            "1a",
            "a b",
            "é",
            "a/b",
            "../a",
            "-a",
            "fn",
            "std",
            "test",
            "nul",
            "com1",
            &"a".repeat(65),
        ] {
            assert!(is_package(name).is_err(), "{name}");
        }
        assert!(Names::new("a", "…", "b").is_err());
    }

    #[test]
    fn a_value_ends_no_string() {
        for owner in ["A \"B\"", "A\\", "A\nB", "A`", " ", &"a".repeat(201)] {
            assert!(Names::new("a", owner, "b").is_err(), "{owner}");
        }
        let mut names = Names::new("a", "Zoë's Team", "b").unwrap();
        names.define("region", "acme-region", "eu-1").unwrap();
        assert_eq!(names.put_into("acme-region Acme Team"), "eu-1 Zoë's Team");
        assert!(names.define("region", "acme-region", "").is_err());
    }
}
