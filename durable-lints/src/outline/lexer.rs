//! A lexer over bytes that knows where Rust's tokens begin and end, and nothing more.
//!
//! It exists because every byte of every file passes through here: it must cost a few times a
//! `memchr`, not a parse. It never fails: what is not Rust comes out as [`Kind::Punct`], an
//! unterminated string or comment as a token that ends with the text.

/// What a token is, as far as the outline needs to tell tokens apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or keyword; raw identifiers include their `r#`.
    Ident,
    /// A lifetime or loop label with its quote.
    Lifetime,
    /// A string of any kind (plain, raw, byte, C) with prefix, quotes and suffix.
    Str,
    /// A character or byte literal.
    Char,
    /// A number with its suffix.
    Number,
    /// A comment of any kind that is not documentation.
    Comment,
    /// `/// …` or `/** … */`: an attribute of what follows.
    OuterDoc,
    /// `//! …` or `/*! … */`: an attribute of what encloses it.
    InnerDoc,
    /// One byte of punctuation, delimiters included.
    Punct,
}

/// A token: its kind and its byte range in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Token {
    /// The token's bytes in the text it was lexed from.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        // Token bounds always fall between characters: every branch below ends either after an
        // ASCII byte or before one. `get` keeps a mistake here from ever being a panic.
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// Iterates over the tokens of a text. White space is passed over.
pub struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

const IDENT_START: u8 = 1;
const IDENT_PART: u8 = 2;
const SPACE: u8 = 4;

/// The class of every byte. Bytes of multi-byte characters count as identifier parts: the few
/// that are not (an arrow in stray text) make no item, so nothing depends on telling them apart.
static CLASS: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut byte = 0usize;
    while byte < 256 {
        let b = byte as u8;
        if b.is_ascii_alphabetic() || b == b'_' || b >= 0x80 {
            table[byte] = IDENT_START | IDENT_PART;
        } else if b.is_ascii_digit() {
            table[byte] = IDENT_PART;
        } else if b == b' ' || (b >= 0x09 && b <= 0x0d) {
            table[byte] = SPACE;
        }
        byte += 1;
    }
    table
};

/// Whether the byte can stand inside an identifier.
#[inline]
pub fn is_ident_byte(byte: u8) -> bool {
    CLASS[byte as usize] & IDENT_PART != 0
}

impl<'a> Lexer<'a> {
    /// Lexes from the start of the text; a byte-order mark and a shebang line are passed over.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        if bytes[at..].starts_with(b"#!") && !Self::is_inner_attribute(&bytes[at + 2..]) {
            at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
        }
        Lexer { bytes, at }
    }

    /// Lexes a part of a text from a byte offset, with spans of the whole text.
    pub fn from_offset(text: &'a str, offset: u32) -> Self {
        Lexer { bytes: text.as_bytes(), at: offset as usize }
    }

    /// `#![…]` opens an attribute, so it is no shebang even on the first line.
    fn is_inner_attribute(rest: &[u8]) -> bool {
        rest.iter().find(|b| CLASS[**b as usize] & SPACE == 0) == Some(&b'[')
    }

    #[inline]
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    #[inline]
    fn skip_ident(&mut self) {
        while self.at < self.bytes.len() && CLASS[self.bytes[self.at] as usize] & IDENT_PART != 0 {
            self.at += 1;
        }
    }

    /// Passes a quoted string whose opening quote is at `self.at`.
    fn skip_quoted(&mut self) {
        self.at += 1;
        while let Some(step) = memchr::memchr2(b'"', b'\\', &self.bytes[self.at.min(self.bytes.len())..]) {
            self.at += step;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return self.skip_ident();
            }
            self.at += 2;
        }
        self.at = self.bytes.len();
    }

    /// Passes `#…#"…"#…#` from the first `#` or quote; says no where this is no raw string.
    fn skip_raw_string(&mut self) -> bool {
        let hashes = self.bytes[self.at..].iter().take_while(|b| **b == b'#').count();
        if self.peek(hashes) != b'"' {
            return false;
        }
        let mut from = self.at + hashes + 1;
        while let Some(step) = memchr::memchr(b'"', &self.bytes[from..]) {
            from += step + 1;
            let closing = self.bytes[from..].iter().take(hashes).take_while(|b| **b == b'#').count();
            if closing == hashes {
                self.at = from + hashes;
                self.skip_ident();
                return true;
            }
        }
        self.at = self.bytes.len();
        true
    }

    /// Passes a character literal whose opening quote is at `self.at`.
    fn skip_char(&mut self) {
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' => self.at += 2,
                b'\'' => {
                    self.at += 1;
                    return self.skip_ident();
                }
                b'\n' => return,
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
    }

    fn line_comment(&mut self) -> Kind {
        let kind = match (self.peek(2), self.peek(3)) {
            (b'!', _) => Kind::InnerDoc,
            (b'/', b'/') => Kind::Comment,
            (b'/', _) => Kind::OuterDoc,
            _ => Kind::Comment,
        };
        self.at = memchr::memchr(b'\n', &self.bytes[self.at..]).map_or(self.bytes.len(), |n| self.at + n);
        kind
    }

    fn block_comment(&mut self) -> Kind {
        let kind = match (self.peek(2), self.peek(3)) {
            (b'!', _) => Kind::InnerDoc,
            (b'*', b'*' | b'/') => Kind::Comment,
            (b'*', _) => Kind::OuterDoc,
            _ => Kind::Comment,
        };
        let mut depth = 1usize;
        self.at += 2;
        while let Some(step) = memchr::memchr2(b'/', b'*', &self.bytes[self.at.min(self.bytes.len())..]) {
            self.at += step;
            match (self.bytes[self.at], self.peek(1)) {
                (b'*', b'/') => {
                    self.at += 2;
                    depth -= 1;
                    if depth == 0 {
                        return kind;
                    }
                }
                (b'/', b'*') => {
                    self.at += 2;
                    depth += 1;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
        kind
    }

    fn number(&mut self) {
        let start = self.at;
        self.skip_ident();
        // `1.5` continues, `1..2` and `1.max()` do not; an exponent may carry a sign.
        if self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            self.at += 1;
            self.skip_ident();
        }
        let hexadecimal = self.bytes[start..].starts_with(b"0x");
        if matches!(self.peek(0), b'+' | b'-')
            && !hexadecimal
            && matches!(self.bytes[self.at - 1], b'e' | b'E')
            && self.peek(1).is_ascii_digit()
        {
            self.at += 1;
            self.skip_ident();
        }
    }

    /// An identifier, or the literal that its first letters are the prefix of.
    fn ident_or_prefixed(&mut self) -> Kind {
        let start = self.at;
        self.skip_ident();
        let prefix = &self.bytes[start..self.at];
        match (self.peek(0), prefix) {
            (b'"', b"b" | b"c") => {
                self.skip_quoted();
                Kind::Str
            }
            (b'"' | b'#', b"r" | b"br" | b"cr") => {
                if self.skip_raw_string() {
                    return Kind::Str;
                }
                if prefix == b"r" && CLASS[self.peek(1) as usize] & IDENT_START != 0 {
                    self.at += 1;
                    self.skip_ident();
                }
                Kind::Ident
            }
            (b'\'', b"b") => {
                self.skip_char();
                Kind::Char
            }
            _ => Kind::Ident,
        }
    }

    /// `'a` or `'a'`: a lifetime is a quote and an identifier with no closing quote after it.
    fn quote(&mut self) -> Kind {
        if CLASS[self.peek(1) as usize] & IDENT_START != 0 {
            let opening = self.at;
            self.at += 1;
            self.skip_ident();
            if self.peek(0) != b'\'' {
                // A character beyond ASCII followed by something else cannot be a lifetime of
                // ours, but calling it one loses nothing.
                return Kind::Lifetime;
            }
            self.at = opening;
        }
        self.skip_char();
        Kind::Char
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    #[inline]
    fn next(&mut self) -> Option<Token> {
        while self.at < self.bytes.len() && CLASS[self.bytes[self.at] as usize] & SPACE != 0 {
            self.at += 1;
        }
        let start = self.at;
        let byte = *self.bytes.get(start)?;
        let kind = match byte {
            _ if CLASS[byte as usize] & IDENT_START != 0 => self.ident_or_prefixed(),
            b'"' => {
                self.skip_quoted();
                Kind::Str
            }
            b'/' if self.peek(1) == b'/' => self.line_comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'\'' => self.quote(),
            b'0'..=b'9' => {
                self.number();
                Kind::Number
            }
            _ => {
                self.at += 1;
                Kind::Punct
            }
        };
        // An escape at the very end may step one past it.
        self.at = self.at.min(self.bytes.len());
        Some(Token { kind, start: start as u32, end: self.at as u32 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lex(text: &str) -> Vec<String> {
        Lexer::new(text).map(|t| format!("{:?} {}", t.kind, t.text(text))).collect()
    }

    #[test]
    fn literals_are_one_token_each() {
        assert_eq!(
            lex(r###"r#"a"b"# b'\'' 'x' 'a: 1.5e-3f32 c"\"" br##"#"## r#fn 1..2 '\u{1F600}'"###),
            [
                r##"Str r#"a"b"#"##,
                r"Char b'\''",
                "Char 'x'",
                "Lifetime 'a",
                "Punct :",
                "Number 1.5e-3f32",
                r#"Str c"\"""#,
                r###"Str br##"#"##"###,
                "Ident r#fn",
                "Number 1",
                "Punct .",
                "Punct .",
                "Number 2",
                r"Char '\u{1F600}'",
            ]
        );
    }

    #[test]
    fn comments_nest_and_documentation_is_told_apart() {
        assert_eq!(
            lex("/* a /* b */ c */ x //! in\n/// out\n//// rule\n/** doc */ /***/ y"),
            [
                "Comment /* a /* b */ c */",
                "Ident x",
                "InnerDoc //! in",
                "OuterDoc /// out",
                "Comment //// rule",
                "OuterDoc /** doc */",
                "Comment /***/",
                "Ident y"
            ]
        );
    }

    #[test]
    fn a_shebang_is_passed_over_and_an_inner_attribute_is_not() {
        assert_eq!(lex("#!/usr/bin/env run\nfn"), ["Ident fn"]);
        assert_eq!(lex("#![x]")[0], "Punct #");
    }

    #[test]
    fn unterminated_text_ends_with_the_text() {
        for text in ["\"abc", "r#\"abc", "/* abc", "'", "b'\\", "\"\\", "/*", "r#", "'é", "1e+"] {
            assert!(Lexer::new(text).all(|t| t.end as usize <= text.len()), "{text}");
        }
    }
}
