//! What the attribute has to know of a `durable.toml`: which owners there are, and which files it
//! extends. Users compile this crate, so it reads TOML itself, as far as it has to: where a text
//! holds anything that it does not understand, it says nothing about it.

use std::collections::BTreeSet;

/// What one file declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The ids under `[owners]`.
    pub owners: BTreeSet<String>,
    /// The files that it extends, relative to its folder.
    pub extends: Vec<String>,
}

/// Reads the text of a `durable.toml`; `None` where it cannot tell.
pub fn read(text: &str) -> Option<Declared> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let stray = |(at, c): (usize, char)| match c {
        '\r' => !text[at..].starts_with("\r\n"),
        _ => c.is_control() && !matches!(c, '\t' | '\n'),
    };
    if text.char_indices().any(stray) {
        return None;
    }
    let mut declared = Declared::default();
    let mut reader = Reader { rest: text };
    let mut table = Vec::new();
    loop {
        reader.skip_blank_lines();
        if reader.rest.is_empty() {
            return Some(declared);
        }
        if reader.take("[[") {
            table = reader.path()?;
            reader.expect("]]")?;
            if matches!(&*table[0], "owners" | "extends") {
                return None;
            }
        } else if reader.take("[") {
            table = reader.path()?;
            reader.expect("]")?;
            declared.add(&table, Value::Table(Vec::new()))?;
        } else {
            let mut path = table.clone();
            path.extend(reader.path()?);
            reader.expect("=")?;
            let value = reader.value(DEEPEST)?;
            declared.add(&path, value)?;
        }
        reader.end_of_line()?;
    }
}

const DEEPEST: usize = 32;

impl Declared {
    fn add(&mut self, path: &[String], value: Value) -> Option<()> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match (&*path, value) {
            (["extends"], Value::Array(files)) if self.extends.is_empty() => {
                self.extends = files.into_iter().map(Value::text).collect::<Option<_>>()?;
            }
            (["owners"], Value::Table(owners)) => {
                for (path, value) in owners {
                    let path: Vec<String> = [String::from("owners")].into_iter().chain(path).collect();
                    self.add(&path, value)?;
                }
            }
            (["extends", ..] | ["owners"], _) => return None,
            (["owners", id], Value::Table(_)) | (["owners", id, _, ..], _) => {
                self.owners.insert((*id).to_owned());
            }
            (["owners", ..], _) => return None,
            _ => {}
        }
        Some(())
    }
}

enum Value {
    Text(String),
    Array(Vec<Value>),
    /// The paths of its keys, and their values.
    Table(Vec<(Vec<String>, Value)>),
    /// A number, a date or a truth value.
    Other,
}

impl Value {
    fn text(self) -> Option<String> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, start: &str) -> Option<()> {
        self.skip_spaces();
        self.take(start).then_some(())
    }

    fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accepts(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn take_char(&mut self) -> Option<char> {
        let first = self.rest.chars().next()?;
        self.rest = &self.rest[first.len_utf8()..];
        Some(first)
    }

    fn skip_spaces(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t'));
    }

    fn skip_comment(&mut self) {
        self.skip_spaces();
        if self.rest.starts_with('#') {
            self.take_while(|c| c != '\n');
        }
    }

    fn skip_blank_lines(&mut self) {
        loop {
            self.skip_comment();
            if self.take_while(|c| matches!(c, '\r' | '\n')).is_empty() {
                return;
            }
        }
    }

    fn end_of_line(&mut self) -> Option<()> {
        self.skip_comment();
        (self.rest.is_empty() || self.take("\n") || self.take("\r\n")).then_some(())
    }

    /// `a.b."c d"`; at least one key.
    fn path(&mut self) -> Option<Vec<String>> {
        let mut path = Vec::new();
        loop {
            self.skip_spaces();
            path.push(match self.rest.chars().next()? {
                '"' | '\'' => self.string()?,
                _ => self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).to_owned(),
            });
            self.skip_spaces();
            if !self.take(".") {
                break;
            }
        }
        // A quoted key may be empty, but nothing that counts here has such a name.
        path.iter().all(|key| !key.is_empty()).then_some(path)
    }

    /// Nested at most so deep.
    fn value(&mut self, deepest: usize) -> Option<Value> {
        self.skip_spaces();
        let deepest = deepest.checked_sub(1)?;
        match self.rest.chars().next()? {
            '"' if self.take("\"\"\"") => self.lines(true).map(Value::Text),
            '\'' if self.take("'''") => self.lines(false).map(Value::Text),
            '"' | '\'' => self.string().map(Value::Text),
            '[' => {
                self.take("[");
                let entries = self.entries("]", |reader| reader.value(deepest))?;
                Some(Value::Array(entries))
            }
            '{' => {
                self.take("{");
                let entry = |reader: &mut Reader<'a>| {
                    let path = reader.path()?;
                    reader.expect("=")?;
                    Some((path, reader.value(deepest)?))
                };
                Some(Value::Table(self.entries("}", entry)?))
            }
            _ => self.scalar(),
        }
    }

    /// What stands between commas up to an end, over as many lines as it takes.
    fn entries<T>(
        &mut self,
        end: &str,
        mut entry: impl FnMut(&mut Reader<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut entries = Vec::new();
        loop {
            self.skip_blank_lines();
            if self.take(end) {
                return Some(entries);
            }
            entries.push(entry(self)?);
            self.skip_blank_lines();
            if !self.take(",") {
                return self.take(end).then_some(entries);
            }
        }
    }

    fn scalar(&mut self) -> Option<Value> {
        let word = self.take_while(is_scalar);
        let is_word = matches!(word, "true" | "false" | "inf" | "nan");
        if !is_word && !word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')) {
            return None;
        }
        // A date may be followed by its time behind one space.
        let time = self.rest.strip_prefix(' ').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if let Some(time) = time.filter(|_| word.len() == 10 && word.as_bytes()[4] == b'-') {
            self.rest = time;
            self.take_while(is_scalar);
        }
        Some(Value::Other)
    }

    /// A string on one line, in either kind of quotes.
    fn string(&mut self) -> Option<String> {
        let quote = self.take_char()?;
        let mut text = String::new();
        loop {
            match self.take_char()? {
                c if c == quote => return Some(text),
                '\n' | '\r' => return None,
                '\\' if quote == '"' => text.push(self.escape()?),
                c => text.push(c),
            }
        }
    }

    /// A string over several lines, behind its opening quotes.
    fn lines(&mut self, escapes: bool) -> Option<String> {
        let quote = if escapes { '"' } else { '\'' };
        let _ = self.take("\r\n") || self.take("\n");
        let mut text = String::new();
        loop {
            let quotes = self.take_while(|c| c == quote);
            match quotes.len() {
                0..=2 => text += quotes,
                // Up to two belong to the text.
                3..=5 => {
                    text += &quotes[3..];
                    return Some(text);
                }
                _ => return None,
            }
            if quotes.is_empty() {
                match self.take_char()? {
                    '\\' if escapes => {
                        let line_ends = self.rest.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']);
                        if line_ends {
                            self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
                        } else {
                            text.push(self.escape()?);
                        }
                    }
                    c => text.push(c),
                }
            }
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Option<char> {
        Some(match self.take_char()? {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            'e' => '\u{1b}',
            c @ ('"' | '\\') => c,
            'x' => return self.code(2),
            'u' => return self.code(4),
            'U' => return self.code(8),
            _ => return None,
        })
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let text = self.rest.get(..digits)?;
        self.rest = &self.rest[digits..];
        let all_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let code = all_hex.then(|| u32::from_str_radix(text, 16).ok()).flatten()?;
        char::from_u32(code)
    }
}

fn is_scalar(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '_' | '.' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_found_in_every_form() {
        for (text, owners) in [
            ("", &[][..]),
            ("[owners]", &[]),
            ("[owners.identity]\nteam = 'Identity'\n[owners.\"a b\"]", &["a b", "identity"]),
            ("[owners]\nidentity = { paths = [\n 'a', # b\n] }\nnet.team = \"x\"", &["identity", "net"]),
            ("owners.identity.team = 'x'\nowners.identity.contact = 'y'", &["identity"]),
            ("owners = { identity = {}, net.team = 'x', }", &["identity", "net"]),
            ("[other]\nowners.a.b = 1\n[[controls]]\nid = 'x'\n[ owners . 'id' ]", &["id"]),
            ("a = \"\"\"\n[owners.no]\n\"\"\"\nb = '''[owners.no]\n'''\n# [owners.no]\n", &[]),
        ] {
            let read = read(text).unwrap_or_else(|| panic!("{text}"));
            assert!(read.owners.iter().eq(owners), "{text}: {read:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_judged() {
        for text in [
            "[owners.identity",
            "[owners]\nidentity = 'x'",
            "owners = 3",
            "[[owners]]",
            "extends = 'x'",
            "extends = [1]",
            "x = \"\\q\"",
            "x = 'a",
            "x = nothing",
            "x = 1 y = 2",
            "x\u{0} = 1",
            "{",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let deep = format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(&deep), None);
    }

    #[test]
    fn files_that_are_extended_are_named() {
        let read = read("extends = [\"../a \\u0062.toml\", 'c.toml'] # both\n").unwrap();
        assert_eq!(read.extends, ["../a b.toml", "c.toml"]);
    }
}
