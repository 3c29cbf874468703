//! What an attribute says, read from its tokens.

use super::lexer::{Kind, Lexer, Token};
use crate::vocabulary::Span;

/// Attributes that make a function a test, by the last segment of their path.
const TEST_ATTRIBUTES: &[&str] = &[
    "test",
    "bench",
    "rstest",
    "test_case",
    "case",
    "quickcheck",
    "proptest",
    "property_test",
    "wasm_bindgen_test",
    "gpui_test",
    "sqlx_test",
    "test_log",
    "traced_test",
    "divan_bench",
    "library_benchmark",
];

/// One attribute or documentation comment.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    text: &'a str,
    /// Where it stands, `#[` and `]` included.
    pub span: Span,
}

impl<'a> Attribute<'a> {
    pub(super) fn new(text: &'a str, span: Span) -> Self {
        Attribute { text, span }
    }

    /// Its text as written.
    pub fn text(&self) -> &'a str {
        self.text.get(self.span.range()).unwrap_or("")
    }

    /// Whether it is a documentation comment.
    pub fn is_doc_comment(&self) -> bool {
        !self.text().starts_with('#')
    }

    /// Its path without spaces: `cfg`, `tokio::test`. Empty for documentation comments.
    pub fn path(&self) -> String {
        self.tokens()
            .take_while(|t| t.kind == Kind::Ident || t.text(self.text) == ":")
            .map(|t| t.text(self.text))
            .collect()
    }

    /// The last segment of its path.
    pub fn name(&self) -> &'a str {
        let mut name = "";
        for token in self.tokens() {
            match token.kind {
                Kind::Ident => name = token.text(self.text),
                Kind::Punct if token.text(self.text) == ":" => {}
                _ => break,
            }
        }
        name
    }

    /// Whether it puts its item into test code: `#[cfg(test)]`, `#[tokio::test]` and their like. A
    /// feature named for tests that ships is none.
    pub fn is_test(&self, shipped: &[String]) -> bool {
        match self.name() {
            "cfg" => {
                let tokens = self.tokens().skip(1).peekable();
                CfgReader { text: self.text, tokens, shipped }.test_only()
            }
            name => TEST_ATTRIBUTES.contains(&name),
        }
    }

    /// The tokens inside the brackets.
    fn tokens(&self) -> impl Iterator<Item = Token> + use<'a> {
        let opening = if self.is_doc_comment() {
            self.span.end
        } else {
            let inside = self.text().find('[').map_or(self.span.len(), |at| at as u32 + 1);
            self.span.start + inside
        };
        let end = self.span.end;
        Lexer::from_offset(self.text, opening).take_while(move |t| t.start < end)
    }
}

/// Reads the condition of a `cfg` just far enough to know whether it holds only in test builds.
struct CfgReader<'a, T: Iterator<Item = Token>> {
    text: &'a str,
    tokens: std::iter::Peekable<T>,
    shipped: &'a [String],
}

impl<T: Iterator<Item = Token>> CfgReader<'_, T> {
    fn test_only(mut self) -> bool {
        self.tokens.next_if(|t| t.text(self.text) == "(").is_some() && self.condition(0)
    }

    /// `all` is test code when one part is, `any` when every part is, `not` never.
    fn condition(&mut self, depth: u8) -> bool {
        let Some(name) = self.tokens.next() else {
            return false;
        };
        let name = name.text(self.text);
        if self.tokens.next_if(|t| t.text(self.text) == "(").is_none() {
            let mut value = "";
            while let Some(token) = self.tokens.next_if(|t| !matches!(t.text(self.text), "," | ")")) {
                value = token.text(self.text);
            }
            let value = value.trim_matches('"');
            let ships = || self.shipped.iter().any(|feature| feature == value);
            return name == "test" || name == "feature" && is_for_tests(value) && !ships();
        }
        let mut parts = Vec::new();
        while let Some(token) = self.tokens.peek() {
            match token.text(self.text) {
                ")" => {
                    self.tokens.next();
                    break;
                }
                "," => {
                    self.tokens.next();
                }
                _ if depth > 16 => return false,
                _ => parts.push(self.condition(depth + 1)),
            }
        }
        match name {
            "all" => parts.contains(&true),
            "any" => !parts.is_empty() && !parts.contains(&false),
            _ => false,
        }
    }
}

/// Whether a feature is named for tests: `test-utils`, `testing`, `mocks`. Who turns it on tests.
fn is_for_tests(feature: &str) -> bool {
    const WORDS: [&str; 6] = ["test", "tests", "testing", "mock", "mocks", "fuzzing"];
    feature.split(['-', '_']).any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_test(text: &str) -> bool {
        Attribute::new(text, Span::new(0, text.len() as u32)).is_test(&["shipped-test".to_owned()])
    }

    #[test]
    fn only_what_holds_in_tests_alone_is_test_code() {
        for yes in [
            "#[cfg(test)]",
            "#[test]",
            "#[tokio::test(flavor = \"multi_thread\")]",
            "#[cfg(all(test, unix))]",
            "#[cfg(any(test, all(test, x = \"y\")))]",
            "#[cfg(any(test, feature = \"test-utils\"))]",
            "#[cfg(feature = \"testing\")]",
            "#[rstest]",
            "#[ cfg ( test ) ]",
        ] {
            assert!(is_test(yes), "{yes}");
        }
        for no in [
            "#[cfg(not(test))]",
            "#[cfg(any(test, feature = \"attest\"))]",
            "#[cfg(not(feature = \"test\"))]",
            "#[cfg(feature = \"latest\")]",
            "#[cfg(feature = \"shipped-test\")]",
            "/// test",
            "#[cfg_attr(test, derive(Debug))]",
            "#[doc(test(attr(deny(warnings))))]",
        ] {
            assert!(!is_test(no), "{no}");
        }
    }
}
