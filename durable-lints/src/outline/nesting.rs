//! How deep a parse of a text would recurse, told before parsing it.

use super::lexer::{Kind, Lexer};

/// The deepest nesting that is handed to the parser. Real code stays below a few hundred; each
/// level costs the parser up to some kilobytes of stack, and the engine's threads have room for
/// this many.
pub const MAX_NESTING: u32 = 6_000;

/// An upper bound of the recursion a text asks of a recursive-descent parser, and of whoever walks
/// its tree: over everything that is open, the tokens since the last separator there. Operators,
/// method chains and `else if` recurse without a delimiter, so delimiters alone say too little.
pub fn nesting(text: &str) -> u32 {
    Counter::default().count(text, true)
}

/// The same where the tokens of macro calls stay tokens: of those only the delimiters count.
pub fn nesting_outside_macros(text: &str) -> u32 {
    Counter::default().count(text, false)
}

/// What opened a level. A comma ends what stands before it in that level alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Open {
    /// Braces of code: statements, arms, fields.
    Braces,
    /// Parentheses, brackets, braces of a macro call, the text itself: expressions.
    #[default]
    List,
    /// `#[…]`, behind which an expression may begin.
    Attribute,
    /// The delimiters of a macro call that is not looked into.
    Tokens,
    /// `<`, which may be a comparison: nothing but more counting follows from taking it for generics.
    Angle,
    /// The `|` before the parameters of a closure.
    Pipe,
}

impl Open {
    fn is_delimiter(self) -> bool {
        !matches!(self, Open::Angle | Open::Pipe)
    }
}

/// What stands before a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Before {
    /// An operator, a separator, a keyword, nothing: an expression may begin.
    #[default]
    Other,
    /// The end of an operand.
    Operand,
    /// A name, behind which `!` makes a macro call.
    Name,
    /// `name!`, or `name! name`.
    Bang,
    /// `#`, or `#!`.
    Hash,
    /// `=>`.
    Arrow,
}

#[derive(Debug, Default)]
struct Level {
    open: Open,
    /// Tokens since the last separator.
    count: u32,
    /// Whether the block that closes here is a statement or the body of an arm: it ends with its brace.
    ends: bool,
}

#[derive(Debug, Default)]
struct Counter {
    around: Vec<Level>,
    here: Level,
    total: u32,
    deepest: u32,
}

impl Counter {
    fn count(mut self, text: &str, into_macros: bool) -> u32 {
        let mut tokens = Lexer::from_offset(text, 0).filter(|token| !is_comment(token.kind)).peekable();
        let mut before = Before::Other;
        while let Some(token) = tokens.next() {
            let byte = if token.kind == Kind::Punct { text.as_bytes()[token.start as usize] } else { 0 };
            let next = tokens.peek().map_or("", |next| next.text(text));
            let adjacent = tokens.peek().is_some_and(|next| next.start == token.end);
            if self.here.open == Open::Tokens && !matches!(byte, b'(' | b'[' | b'{' | b')' | b']' | b'}') {
                continue;
            }
            before = match byte {
                b',' => self.separate(),
                b';' => {
                    self.leave_pseudo();
                    self.separate()
                }
                b'(' | b'[' | b'{' => {
                    self.open(match (byte, before) {
                        _ if self.here.open == Open::Tokens => Open::Tokens,
                        (_, Before::Bang) if !into_macros => Open::Tokens,
                        (b'[', Before::Hash) => Open::Attribute,
                        (b'{', Before::Bang) | (b'(' | b'[', _) => Open::List,
                        _ => Open::Braces,
                    });
                    let outer = self.around.last();
                    let statement = outer.is_some_and(|outer| {
                        outer.open == Open::Braces && (outer.count == 1 || before == Before::Arrow)
                    });
                    self.here.ends = byte == b'{' && statement;
                    Before::Other
                }
                b')' | b']' | b'}' => self.close(byte == b'}', next),
                b'<' => {
                    let twice = adjacent && next == "<";
                    if twice {
                        tokens.next();
                    }
                    // No generics begin behind a literal or `)`, and a shift is by a number.
                    let number = tokens.peek().is_some_and(|next| next.kind == Kind::Number);
                    if before == Before::Operand || twice && number || adjacent && next == "=" {
                        self.step()
                    } else {
                        (0..=u8::from(twice)).for_each(|_| self.open(Open::Angle));
                        Before::Other
                    }
                }
                b'>' if self.here.open == Open::Angle => {
                    // What looked like generics may have been comparisons: all of it still counts.
                    self.merge();
                    self.step()
                }
                b'|' if self.here.open == Open::Pipe => {
                    self.merge();
                    self.step()
                }
                b'|' if matches!(before, Before::Operand | Before::Name) => {
                    if adjacent && next == "|" {
                        tokens.next();
                    }
                    self.step()
                }
                b'|' => {
                    self.open(Open::Pipe);
                    Before::Other
                }
                b'=' | b'-' if adjacent && next == ">" => {
                    tokens.next();
                    self.step();
                    if byte == b'=' {
                        // Neither generics nor parameters hold `=>`.
                        self.leave_pseudo();
                        Before::Arrow
                    } else {
                        Before::Other
                    }
                }
                b'#' => {
                    self.step();
                    Before::Hash
                }
                b'!' => {
                    self.step();
                    match before {
                        Before::Hash => Before::Hash,
                        Before::Name => Before::Bang,
                        _ => Before::Other,
                    }
                }
                b'?' => {
                    self.step();
                    Before::Operand
                }
                0 => {
                    self.step();
                    match (token.kind, before) {
                        (Kind::Ident, Before::Bang) => Before::Bang,
                        (Kind::Ident, _) if is_reserved(token.text(text)) => Before::Other,
                        (Kind::Ident, _) => Before::Name,
                        (Kind::Lifetime, _) => Before::Other,
                        _ => Before::Operand,
                    }
                }
                _ => self.step(),
            };
        }
        self.deepest
    }

    fn step(&mut self) -> Before {
        self.here.count += 1;
        self.total += 1;
        self.deepest = self.deepest.max(self.total);
        Before::Other
    }

    fn separate(&mut self) -> Before {
        self.total -= self.here.count;
        self.here.count = 0;
        Before::Other
    }

    fn open(&mut self, open: Open) {
        self.step();
        self.around.push(std::mem::replace(&mut self.here, Level { open, count: 0, ends: false }));
    }

    /// Goes on around the level with all that stands in it.
    fn merge(&mut self) {
        if let Some(around) = self.around.pop() {
            let count = self.here.count;
            self.here = around;
            self.here.count += count;
        }
    }

    /// Leaves what is no delimiter.
    fn leave_pseudo(&mut self) {
        while !self.here.open.is_delimiter() {
            self.merge();
        }
    }

    /// A closing delimiter. What stands before it in its level is done; what is around goes on, but
    /// where a block ends a statement, an arm or an item.
    fn close(&mut self, brace: bool, next: &str) -> Before {
        self.leave_pseudo();
        let Some(around) = self.around.pop() else { return self.step() };
        self.separate();
        let Level { open, ends, .. } = std::mem::replace(&mut self.here, around);
        if self.here.open == Open::Tokens {
            return self.separate();
        }
        if brace && block_ends(ends, next) {
            self.leave_pseudo();
            return self.separate();
        }
        if open == Open::Attribute || brace { Before::Other } else { Before::Operand }
    }
}

/// Whether nothing of the expression around goes on behind a `}` before this token.
fn block_ends(statement: bool, next: &str) -> bool {
    let word = next.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '\'' | '#' | '}'));
    match next {
        "else" | "." | "?" => false,
        "" => true,
        "as" | "in" => statement,
        _ => statement || word,
    }
}

/// Words that end no operand.
fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "abstract"
            | "as"
            | "async"
            | "become"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "final"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "macro"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "override"
            | "priv"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "type"
            | "typeof"
            | "unsafe"
            | "unsized"
            | "use"
            | "virtual"
            | "where"
            | "while"
            | "yield"
    )
}

fn is_comment(kind: Kind) -> bool {
    matches!(kind, Kind::Comment | Kind::OuterDoc | Kind::InnerDoc)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFTEN: usize = 9000;

    fn within(open: &str, text: &str, close: &str) -> String {
        format!("{open}{}{close}", text.repeat(OFTEN))
    }

    #[test]
    fn what_recurses_counts() {
        for part in [
            "(",
            "!",
            "- ",
            "&mut ",
            "x.a()",
            "if x {} else ",
            "if x == y! {} {} else ",
            "|a,b| ",
            "|a: A<B, C>, b| ",
            "move |a, b| ",
            "return |a,b| ",
            "#[a] |x,y| ",
            "for<'a,'b> |a, b| ",
            "for<'a,'b> fn(A) -> ",
            "fn(A, B) -> ",
            "A<B, ",
            "A<{1}, ",
            "<A as B<C, ",
            "A<<B as C<D, ",
            "A{}+",
            "A{x: 1} + ",
            "{} + ",
            "a < b || b || c > d || ",
            "a && b || ",
            "a | b || ",
            "A{}.b.",
            "a as b + ",
            "m!{} + ",
            "for A{} in ",
            "match ",
            "..",
            "a = ",
            "x? + ",
            "break 'a |x, y| ",
            "while a {} + ",
            "f(a, b)(c, d)",
            "a[b, c]",
            "*const ",
            "&'a ",
            "dyn Fn(A, B) -> ",
        ] {
            for (open, close) in
                [("", ""), ("fn f() { let x = ", "}"), ("f(a, ", ")"), ("m!{", "}"), ("m!(a => ", ")")]
            {
                let text = within(open, part, close);
                assert!(nesting(&text) > MAX_NESTING, "{open} {part}: {}", nesting(&text));
            }
        }
    }

    #[test]
    fn what_only_repeats_does_not_count() {
        for (open, part, close) in [
            ("{", "f(x);", "}"),
            ("[", "1, ", "]"),
            ("[", "|a, b| a | b, ", "]"),
            ("[", "a || b, ", "]"),
            ("[", "Vec::<A<B, C>>::new(), ", "]"),
            ("match x {", "A => {}", "}"),
            ("match x {", "(A, B) => { 1 }\n", "}"),
            ("match x {", "&A | &B if a < b && c > d => |x, y| x,", "}"),
            ("match x {", "-1 => { 1 }\n", "}"),
            ("match x {", "| A | B => 1,", "}"),
            ("match x {", "A { x, .. } if x < 3 => {}\n", "}"),
            ("enum E {", "A = 1 << 2, ", "}"),
            ("[", "A << 2, ", "]"),
            ("", "fn f() {}\n", ""),
            ("", "impl<A, B> C<A> for D<B> where A: E<F>, B: G {}\n", ""),
            ("{", "if a < b { c } \n", "}"),
            ("{", "{} ", "}"),
            ("{", "#[a] if x {} ", "}"),
            ("{", "let A { b } = c else { return }; ", "}"),
            ("{", "for A { b } in c {} ", "}"),
            ("select! {", "a = b => { c } ", "}"),
            ("fn f(", "a: &'a mut A<B, C>, ", ") {}"),
        ] {
            let text = within(open, part, close);
            assert!(nesting(&text) < 30, "{part}: {}", nesting(&text));
        }
    }

    #[test]
    fn tokens_of_macros_may_stay_tokens() {
        for part in ["<p>\"a\"</p> ", "{a} ", "(a)(b) ", "a: b "] {
            let text = within("fn f() { html!{ ", part, " } }");
            assert!(nesting_outside_macros(&text) < 10, "{part}");
        }
        for (open, part) in [("", "m!("), ("m!{ ", "("), ("", "!(")] {
            assert!(nesting_outside_macros(&within(open, part, "")) > MAX_NESTING, "{part}");
        }
        let binary = within("a != (b) + ", "c + ", "");
        assert!(nesting_outside_macros(&binary) > MAX_NESTING);
    }
}
