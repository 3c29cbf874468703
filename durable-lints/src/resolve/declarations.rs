//! Declarations read from tokens: what `use`, `extern crate`, type aliases, enums and the headers
//! of `impl`s name. Every file of a package may be asked, so nothing here parses with `syn`.

use std::iter::Peekable;
use std::sync::Arc;

use crate::outline::lexer::{Kind, Lexer, Token};
use crate::vocabulary::Span;

/// A path as written: `::a::b`, generic arguments left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Whether it begins with `::`.
    pub(super) global: bool,
    /// Its segments, `r#` left out.
    pub(super) segments: Vec<Arc<str>>,
}

impl Written {
    /// A path of `syn`'s.
    pub(super) fn of(path: &syn::Path) -> Written {
        let segments = path.segments.iter().map(|segment| ident(&segment.ident));
        Written { global: path.leading_colon.is_some(), segments: segments.collect() }
    }
}

/// The name of an identifier, `r#` left out.
pub(super) fn ident(ident: &syn::Ident) -> Arc<str> {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).into()
}

/// One leaf of a `use` tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// The name it brings in; `None` for a glob. `_` brings in nothing that can be named.
    pub(super) name: Option<Arc<str>>,
    /// What it names.
    pub(super) path: Written,
}

/// Group nesting of a `use` tree; people stop at three.
const DEEPEST: usize = 32;
/// Leaves of one `use` tree. Generated bindings reach some thousands.
const MOST_LEAVES: usize = 20_000;

/// Tokens of a span, comments left out.
struct Reader<'a> {
    text: &'a str,
    tokens: Peekable<Box<dyn Iterator<Item = Token> + 'a>>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, span: Span) -> Reader<'a> {
        let code = |token: &Token| !matches!(token.kind, Kind::Comment | Kind::OuterDoc | Kind::InnerDoc);
        let inside = move |token: &Token| token.start < span.end;
        let tokens: Box<dyn Iterator<Item = Token> + 'a> =
            Box::new(Lexer::from_offset(text, span.start).take_while(inside).filter(code));
        Reader { text, tokens: tokens.peekable() }
    }

    fn peek(&mut self) -> &'a str {
        self.tokens.peek().map_or("", |token| token.text(self.text))
    }

    fn next(&mut self) -> &'a str {
        self.tokens.next().map_or("", |token| token.text(self.text))
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = !text.is_empty() && self.peek() == text;
        if found {
            self.tokens.next();
        }
        found
    }

    fn eat_colons(&mut self) -> bool {
        self.eat(":") && self.eat(":")
    }

    fn name(&mut self) -> Option<Arc<str>> {
        let token = self.tokens.next_if(|token| token.kind == Kind::Ident)?;
        let text = token.text(self.text);
        Some(text.strip_prefix("r#").unwrap_or(text).into())
    }

    /// Steps behind one of these words. Says no where the span ends first.
    fn to(&mut self, words: &[&str]) -> bool {
        while self.tokens.peek().is_some() {
            if words.contains(&self.next()) {
                return true;
            }
        }
        false
    }

    /// Passes `<…>` where it stands next.
    fn skip_angles(&mut self) {
        let mut open = 0usize;
        let mut before = "";
        loop {
            match self.peek() {
                "<" => open += 1,
                ">" if before != "-" => open = open.saturating_sub(1),
                "" => return,
                _ if open == 0 => return,
                _ => {}
            }
            before = self.next();
            if open == 0 {
                return;
            }
        }
    }

    /// Passes `(…)`, `[…]` or `{…}` where it stands next.
    fn skip_group(&mut self) {
        let mut open = 0usize;
        while self.tokens.peek().is_some() {
            match self.next() {
                "(" | "[" | "{" => open += 1,
                ")" | "]" | "}" => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }

    /// A path with its generic arguments passed over.
    fn path(&mut self) -> Option<Written> {
        let mut path = Written { global: self.eat_colons(), segments: Vec::new() };
        loop {
            path.segments.push(self.name()?);
            if self.peek() == "<" {
                self.skip_angles();
            }
            if self.peek() != ":" {
                return Some(path);
            }
            self.eat_colons();
            if self.peek() == "<" {
                self.skip_angles();
                if !self.eat_colons() {
                    return Some(path);
                }
            }
        }
    }

    fn use_tree(&mut self, base: &Written, leaves: &mut Vec<Leaf>, depth: usize) {
        if depth > DEEPEST || leaves.len() > MOST_LEAVES {
            return;
        }
        let mut path = base.clone();
        if self.eat_colons() && path.segments.is_empty() {
            path.global = true;
        }
        loop {
            if self.eat("*") {
                leaves.push(Leaf { name: None, path });
                return;
            }
            if self.eat("{") {
                while !matches!(self.peek(), "}" | "" | ";") {
                    self.use_tree(&path, leaves, depth + 1);
                    if !self.eat(",") {
                        break;
                    }
                }
                self.eat("}");
                return;
            }
            let Some(segment) = self.name() else { return };
            // `a::{self}` names `a` itself.
            if &*segment != "self" || path.segments.is_empty() {
                path.segments.push(segment);
            }
            if !self.eat_colons() {
                break;
            }
        }
        let name = if self.eat("as") { self.name() } else { path.segments.last().cloned() };
        if let Some(name) = name
            && &*name != "_"
        {
            leaves.push(Leaf { name: Some(name), path });
        }
    }
}

/// The leaves of a `use` declaration.
pub(super) fn use_leaves(text: &str, span: Span) -> Vec<Leaf> {
    let mut reader = Reader::new(text, span);
    let mut leaves = Vec::new();
    if reader.to(&["use"]) {
        reader.use_tree(&Written::default(), &mut leaves, 0);
    }
    leaves
}

/// The crate that `extern crate` names and the name it gets.
pub(super) fn extern_crate(text: &str, span: Span) -> Option<(Arc<str>, Arc<str>)> {
    let mut reader = Reader::new(text, span);
    reader.to(&["crate"]);
    let krate = reader.name()?;
    let name = if reader.eat("as") { reader.name()? } else { krate.clone() };
    Some((krate, name))
}

/// The path that a type alias stands for; `None` where it stands for anything but a path.
pub(super) fn alias(text: &str, span: Span) -> Option<Written> {
    let mut reader = Reader::new(text, span);
    reader.to(&["="]);
    let path = reader.path()?;
    matches!(reader.peek(), ";" | "" | "where").then_some(path)
}

/// The variants of an enum, from its body.
pub(super) fn variants(text: &str, body: Span) -> Vec<Arc<str>> {
    let mut reader = Reader::new(text, body);
    let mut found = Vec::new();
    reader.eat("{");
    while reader.tokens.peek().is_some() {
        while reader.eat("#") {
            reader.skip_group();
        }
        found.extend(reader.name());
        // Fields and a discriminant lie before the comma.
        loop {
            match reader.peek() {
                "," | "" => break,
                "(" | "[" | "{" => reader.skip_group(),
                _ => {
                    reader.next();
                }
            }
        }
        reader.next();
    }
    found
}

/// The names of the type and constant parameters in the header of an item.
pub(super) fn generics(text: &str, header: Span) -> Vec<Arc<str>> {
    let mut reader = Reader::new(text, header);
    let mut found = Vec::new();
    if !reader.to(&["fn", "impl", "struct", "enum", "union", "trait", "type"]) {
        return found;
    }
    // `impl` has its parameters right behind it, the others behind a name.
    if reader.peek() != "<" {
        reader.name();
    }
    if !reader.eat("<") {
        return found;
    }
    let (mut open, mut at_start, mut before) = (1usize, true, "");
    while open > 0 {
        match reader.peek() {
            "" => break,
            "<" => open += 1,
            ">" if before != "-" => open -= 1,
            "(" | "[" | "{" => {
                reader.skip_group();
                before = ")";
                continue;
            }
            "," if open == 1 => at_start = true,
            "const" => {}
            _ if at_start && open == 1 => {
                at_start = false;
                if let Some(name) = reader.name() {
                    found.push(name);
                    before = "";
                    continue;
                }
            }
            _ => {}
        }
        before = reader.next();
    }
    found
}

/// The last name of the type that an `impl` is for, from its header.
pub(super) fn implementor(text: &str, header: Span) -> Option<Arc<str>> {
    let mut reader = Reader::new(text, header);
    reader.to(&["impl"]);
    reader.skip_angles();
    let mut last = None;
    loop {
        match reader.peek() {
            "" | "where" | "{" => return last,
            "for" => {
                last = None;
                reader.next();
                reader.skip_angles();
            }
            "<" => reader.skip_angles(),
            "(" | "[" => reader.skip_group(),
            "dyn" | "mut" | "const" => {
                reader.next();
            }
            _ => match reader.name() {
                Some(name) => last = Some(name),
                None => {
                    reader.next();
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Span {
        Span::new(0, text.len() as u32)
    }

    fn leaves(text: &str) -> String {
        let leaf = |leaf: Leaf| {
            let path = leaf.path.segments.join("::");
            let global = if leaf.path.global { "::" } else { "" };
            format!("{}={global}{path}", leaf.name.as_deref().unwrap_or("*"))
        };
        use_leaves(text, whole(text)).into_iter().map(leaf).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn use_trees_flatten() {
        for (text, flat) in [
            (
                "pub(crate) use a::{self, b as c, d::{*, r#type}, e as _};",
                "a=a c=a::b *=a::d type=a::d::type",
            ),
            ("use {::a::b, self::c, /* d */ super::*};", "b=::a::b c=self::c *=super"),
            ("use ::{x, y::z};", "x=::x z=::y::z"),
            ("use a::{b", "b=a::b"),
            ("use a as b;", "b=a"),
            ("use;", ""),
        ] {
            assert_eq!(leaves(text), flat, "{text}");
        }
        let deep = format!("use {};", "a::{".repeat(50_000));
        assert_eq!(leaves(&deep), "");
    }

    #[test]
    fn headers_and_bodies_say_their_names() {
        let generics = |text| generics(text, whole(text)).join(" ");
        assert_eq!(generics("fn f<'a, T: Into<A<B>>, const N: usize, F>(x: T)"), "T N F");
        assert_eq!(generics("impl<T: Fn() -> X, U> A<T> for U"), "T U");
        assert_eq!(generics("fn f(x: Vec<T>)"), "");
        let implementor = |text| implementor(text, whole(text)).unwrap_or_else(|| "".into());
        assert_eq!(&*implementor("impl<T> a::Tr<X> for &mut b::C<T> where T: Y"), "C");
        assert_eq!(&*implementor("unsafe impl A"), "A");
        let enums = "{ #[a(b)] A, B(u8, u8), /** x */ C { x: Y }, D = 3 }";
        assert_eq!(variants(enums, whole(enums)).join(" "), "A B C D");
        let aliased =
            |text| alias(text, whole(text)).map(|path| path.segments.join("::")).unwrap_or_default();
        assert_eq!(aliased("type A<T> = b::C<T, D<E>>;"), "b::C");
        assert_eq!(aliased("type A = (b, c);"), "");
    }
}
