//! The names that a project has in place of those that its template has.

use anyhow::{Result, bail, ensure};

/// The words of Rust that no package may be called, and the crates that every project has.
const RESERVED: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "build",
    "deps",
    "examples",
    "incremental",
];

/// Names of devices, which Windows takes for no files.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// What stands in a template, and what comes in its place.
#[derive(Clone, Debug)]
pub struct Names(Vec<(&'static str, String)>);

impl Names {
    /// The names of a project.
    ///
    /// # Errors
    /// Where cargo takes no package of this name, or nothing of the owner's can be an id.
    pub fn new(name: &str, owner: &str, organisation: &str) -> Result<Names> {
        is_package(name)?;
        let id = id_of(owner)?;
        let organisation = id_of(organisation)?;
        let team = owner.trim().replace(['"', '\\', '\n', '\r'], " ");
        Ok(Names(vec![
            ("acme-widget", name.to_owned()),
            ("acme_widget", name.replace('-', "_")),
            ("ACME_WIDGET", name.replace('-', "_").to_ascii_uppercase()),
            ("acme-team", id),
            ("Acme Team", team),
            ("acme-org", organisation),
        ]))
    }

    /// The owner's id.
    pub fn owner(&self) -> &str {
        self.0.iter().find(|(word, _)| *word == "acme-team").map_or("", |(_, id)| id)
    }

    /// A text with every whole word replaced.
    pub fn put_into(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((at, word, name)) = self.next(rest, out.chars().next_back()) {
            out.push_str(&rest[..at]);
            out.push_str(name);
            rest = &rest[at + word.len()..];
        }
        out + rest
    }

    /// The first whole word in a text; `before` is what stands before the text.
    fn next(&self, text: &str, before: Option<char>) -> Option<(usize, &'static str, &str)> {
        // Names are joined by what stands between words: `CARGO_BIN_EXE_acme-widget`.
        let is_part = char::is_alphanumeric;
        let places = self.0.iter().flat_map(|(word, name)| {
            text.match_indices(word).map(move |(at, word_there)| (at, *word, name.as_str(), word_there.len()))
        });
        let whole = places.filter(|(at, _, _, len)| {
            let left = text[..*at].chars().next_back().or(before.filter(|_| *at == 0));
            let right = text[at + len..].chars().next();
            !left.is_some_and(is_part) && !right.is_some_and(is_part)
        });
        whole.min_by_key(|(at, ..)| *at).map(|(at, word, name, _)| (at, word, name))
    }
}

/// Whether cargo takes a package of this name.
fn is_package(name: &str) -> Result<()> {
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
    let device = DEVICES.contains(&&*lower)
        || lower
            .strip_prefix("com")
            .or(lower.strip_prefix("lpt"))
            .is_some_and(|rest| rest.len() == 1 && rest.starts_with(|c: char| c.is_ascii_digit()));
    ensure!(
        !RESERVED.contains(&&*name.replace('-', "_")) && !device,
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
        for name in ["a", "my-tool", "my_tool2", "Tool"] {
            assert!(is_package(name).is_ok(), "{name}");
        }
        for name in
            ["", "1a", "a b", "é", "a/b", "../a", "-a", "fn", "std", "test", "nul", "com1", &"a".repeat(65)]
        {
            assert!(is_package(name).is_err(), "{name}");
        }
        assert!(Names::new("a", "…", "b").is_err());
    }
}
