//! Builds an [`Outline`] in one pass over the tokens.

use super::lexer::{Kind, Lexer, Token};
use super::{Attribute, Hit, Item, ItemKind, Outline};
use crate::vocabulary::Span;

/// Items nested deeper than this are left closed and told: no one writes them.
const MAX_DEPTH: usize = 100;

pub(super) fn build(text: &str, hits: &[(u32, u32, u32)], shipped: &[String]) -> Outline {
    let mut builder = Builder::new(text, hits, shipped);
    builder.items(None, false, false, 0);
    let mut outline = builder.outline;
    outline.in_comments.sort_unstable();
    outline.in_comments.dedup();
    // A parent is pushed before what it holds, so the items are in order of their start already.
    for index in 0..outline.hits.len() {
        outline.hits[index].item = outline.item_at(outline.hits[index].span.start);
    }
    outline
}

struct Builder<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// The next token that is neither white space nor a plain comment.
    token: Option<Token>,
    /// Where the token before it ended.
    last_end: u32,
    hits: &'a [(u32, u32, u32)],
    /// The features that ship, whatever their names say.
    shipped: &'a [String],
    outline: Outline,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, hits: &'a [(u32, u32, u32)], shipped: &'a [String]) -> Self {
        let mut builder = Builder {
            text,
            lexer: Lexer::new(text),
            token: None,
            last_end: 0,
            hits,
            shipped,
            outline: Outline::default(),
        };
        builder.advance();
        builder
    }

    /// Steps to the next token, keeping the hits that lie in identifiers, strings and comments.
    #[inline]
    fn advance(&mut self) {
        if let Some(token) = self.token {
            self.last_end = token.end;
        }
        loop {
            let next = self.lexer.next();
            if let Some(token) = next {
                if self.hits.first().is_some_and(|hit| hit.1 < token.end) {
                    self.take_hits(token);
                }
                if token.kind == Kind::Comment {
                    continue;
                }
            }
            self.token = next;
            return;
        }
    }

    #[cold]
    fn take_hits(&mut self, token: Token) {
        while let Some((&(pattern, start, end), rest)) = self.hits.split_first() {
            if start >= token.end {
                break;
            }
            self.hits = rest;
            let whole_ident = token.kind == Kind::Ident
                && end == token.end
                && (start == token.start
                    || (start == token.start + 2 && token.text(self.text).starts_with("r#")));
            let in_string = token.kind == Kind::Str && start >= token.start && end <= token.end;
            if matches!(token.kind, Kind::Comment | Kind::OuterDoc | Kind::InnerDoc) {
                self.outline.in_comments.push(pattern);
            } else if whole_ident || in_string {
                self.outline.hits.push(Hit { pattern, span: Span::new(start, end), in_string, item: None });
            }
        }
    }

    #[inline]
    fn byte(&self) -> u8 {
        match self.token {
            Some(token) if token.kind == Kind::Punct => self.text.as_bytes()[token.start as usize],
            _ => 0,
        }
    }

    fn word(&self) -> &'a str {
        match self.token {
            Some(token) if token.kind == Kind::Ident => token.text(self.text),
            _ => "",
        }
    }

    fn start(&self) -> u32 {
        self.token.map_or(self.text.len() as u32, |token| token.start)
    }

    fn span(&self) -> Span {
        self.token.map_or(Span::new(self.last_end, self.last_end), |token| Span::new(token.start, token.end))
    }

    /// Steps over the token if it is this punctuation.
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.byte() == byte;
        if found {
            self.advance();
        }
        found
    }

    /// Passes a whole delimited group whose opening delimiter is the current token.
    fn skip_group(&mut self) {
        let mut depth = 0usize;
        while self.token.is_some() {
            match self.byte() {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return self.advance();
                    }
                }
                _ => {}
            }
            self.advance();
        }
    }

    /// Reads items up to the closing brace of what holds them, or to the end of the text where
    /// nothing is `open`.
    fn items(&mut self, parent: Option<u32>, open: bool, parent_is_test: bool, depth: usize) {
        let mut test = parent_is_test;
        while self.token.is_some() {
            if self.byte() == b'}' {
                if open {
                    return;
                }
                // A stray closing brace at the top: pass it, so that the rest is still seen.
                self.advance();
                continue;
            }
            let from = self.outline.attributes.len() as u32;
            test |= self.attributes(parent);
            if depth == 0 {
                self.outline.file_is_test = test;
            }
            if self.token.is_none() || self.byte() == b'}' {
                continue;
            }
            // Inner attributes belong to what is around: the item starts at the first of its own.
            let own = self.outline.attributes.get(from as usize);
            let start = own.map_or(self.start(), |span| span.start);
            self.item(parent, test, start, from, depth);
        }
    }

    /// Reads attributes and documentation. Inner ones belong to what is around; the answer is
    /// whether one of them makes that test code.
    fn attributes(&mut self, parent: Option<u32>) -> bool {
        let mut around_is_test = false;
        while let Some(token) = self.token {
            let inner = match token.kind {
                Kind::OuterDoc => false,
                Kind::InnerDoc => true,
                Kind::Punct if self.byte() == b'#' => {
                    self.advance();
                    let inner = self.eat(b'!');
                    if self.byte() != b'[' {
                        continue;
                    }
                    self.skip_group();
                    let span = Span::new(token.start, self.last_end);
                    around_is_test |= inner && Attribute::new(self.text, span).is_test(self.shipped);
                    self.keep_attribute(span, inner, parent);
                    continue;
                }
                _ => break,
            };
            self.keep_attribute(Span::new(token.start, token.end), inner, parent);
            self.advance();
        }
        around_is_test
    }

    fn keep_attribute(&mut self, span: Span, inner: bool, parent: Option<u32>) {
        match (inner, parent) {
            (false, _) => self.outline.attributes.push(span),
            (true, None) => self.outline.inner_attributes.push(span),
            // An inner attribute of an inline module says the same as an outer one, but the
            // module's attribute range is closed by now; lints on those are few.
            (true, Some(_)) => {}
        }
    }

    /// Reads one item whose attributes have been passed.
    fn item(&mut self, parent: Option<u32>, test: bool, start: u32, from: u32, depth: usize) {
        let to = self.outline.attributes.len() as u32;
        let header = self.start();
        let public = self.visibility();
        let Some((kind, name)) = self.keyword() else {
            self.outline.attributes.truncate(from as usize);
            return self.pass_unknown(parent, test, depth);
        };
        let own_test = self.outline.attributes[from as usize..to as usize]
            .iter()
            .any(|span| Attribute::new(self.text, *span).is_test(self.shipped));
        let test = test || own_test;
        let index = self.outline.items.len() as u32;
        self.outline.items.push(Item {
            kind,
            name,
            span: Span::new(start, start),
            header: Span::new(header, header),
            body: None,
            parent,
            public,
            test,
            attributes: (from, to),
        });
        let body = match kind {
            ItemKind::Mod | ItemKind::Impl | ItemKind::Trait | ItemKind::ExternBlock => {
                self.skip_to_body();
                self.members(index, test, depth)
            }
            ItemKind::Fn => {
                self.skip_to_body();
                self.closed_body()
            }
            ItemKind::Struct | ItemKind::Enum | ItemKind::Union => {
                self.skip_to_body();
                let body = self.closed_body();
                // `struct S(…) where …;` goes on behind its fields.
                let is_tuple = body.is_some_and(|span| self.text.as_bytes()[span.start as usize] == b'(');
                if is_tuple && self.text.as_bytes().get(self.last_end as usize - 1) != Some(&b';') {
                    self.skip_to_semicolon();
                }
                body
            }
            ItemKind::Const | ItemKind::Static => self.value(),
            ItemKind::MacroCall => self.macro_body(index, test, depth),
            ItemKind::MacroRules => self.closed_body(),
            ItemKind::Use | ItemKind::Type | ItemKind::ExternCrate => {
                self.skip_to_semicolon();
                None
            }
            // No keyword begins one.
            ItemKind::Included => None,
        };
        let end = self.last_end.max(header);
        let item = &mut self.outline.items[index as usize];
        item.span = Span::new(start, end);
        item.body = body;
        item.header = Span::new(header, body.map_or(end, |body| body.start.max(header)));
    }

    fn visibility(&mut self) -> bool {
        if self.word() == "crate" {
            return false;
        }
        if self.word() != "pub" {
            return false;
        }
        self.advance();
        let restricted = self.byte() == b'(';
        if restricted {
            self.skip_group();
        }
        !restricted
    }

    /// Reads qualifiers, the keyword and the name. `None` where no item starts.
    fn keyword(&mut self) -> Option<(ItemKind, Span)> {
        // Qualifiers may precede `fn`, `impl`, `trait` and `extern`; `const` may also be the item.
        loop {
            let kind = match self.word() {
                "fn" => ItemKind::Fn,
                "struct" => ItemKind::Struct,
                "enum" => ItemKind::Enum,
                "trait" => ItemKind::Trait,
                "impl" => {
                    self.advance();
                    return Some((ItemKind::Impl, Span::new(self.last_end, self.last_end)));
                }
                "mod" => ItemKind::Mod,
                "use" => {
                    self.advance();
                    return Some((ItemKind::Use, Span::new(self.last_end, self.last_end)));
                }
                "type" => ItemKind::Type,
                "const" => {
                    self.advance();
                    match self.word() {
                        "fn" | "unsafe" | "extern" | "async" | "safe" => continue,
                        _ => return Some((ItemKind::Const, self.take_name())),
                    }
                }
                "static" => {
                    self.advance();
                    while matches!(self.word(), "mut" | "ref") {
                        self.advance();
                    }
                    return Some((ItemKind::Static, self.take_name()));
                }
                "extern" => {
                    self.advance();
                    if self.word() == "crate" {
                        ItemKind::ExternCrate
                    } else {
                        if self.token.is_some_and(|t| t.kind == Kind::Str) {
                            self.advance();
                        }
                        if self.byte() == b'{' {
                            return Some((ItemKind::ExternBlock, self.span()));
                        }
                        continue;
                    }
                }
                "unsafe" | "async" | "safe" | "default" | "auto" => {
                    self.advance();
                    continue;
                }
                "" => return None,
                _ => return self.macro_or_union(),
            };
            self.advance();
            return Some((kind, self.take_name()));
        }
    }

    fn take_name(&mut self) -> Span {
        let span = self.span();
        if self.token.is_some_and(|t| t.kind == Kind::Ident) {
            self.advance();
            return span;
        }
        Span::new(span.start, span.start)
    }

    /// `union U`, `macro_rules! m`, `macro m`, or `path::to::macro! …`.
    fn macro_or_union(&mut self) -> Option<(ItemKind, Span)> {
        let word = self.word();
        let mut name = self.span();
        self.advance();
        if matches!(word, "union" | "macro") && self.token.is_some_and(|t| t.kind == Kind::Ident) {
            let kind = if word == "union" { ItemKind::Union } else { ItemKind::MacroRules };
            let name = self.take_name();
            if kind == ItemKind::MacroRules && self.byte() == b'(' {
                self.skip_group();
            }
            return Some((kind, name));
        }
        while self.byte() == b':' {
            self.advance();
            if self.token.is_some_and(|t| t.kind == Kind::Ident) {
                name = self.span();
                self.advance();
            }
        }
        if !self.eat(b'!') {
            return None;
        }
        if word == "macro_rules" {
            return Some((ItemKind::MacroRules, self.take_name()));
        }
        // `thread_local! x { … }`-like macros take a name of their own.
        if self.token.is_some_and(|t| t.kind == Kind::Ident) {
            self.advance();
        }
        Some((ItemKind::MacroCall, name))
    }

    /// Passes a token that starts no item. A brace may hold items (`cfg_if!`), so it is entered.
    fn pass_unknown(&mut self, parent: Option<u32>, test: bool, depth: usize) {
        match self.byte() {
            b'{' if depth < MAX_DEPTH => {
                self.advance();
                self.items(parent, true, test, depth + 1);
                self.advance();
            }
            b'(' | b'[' | b'{' => self.skip_group(),
            b'}' => {}
            _ => self.advance(),
        }
    }

    /// Steps to the opening delimiter of a body or to the semicolon, whichever ends the header.
    fn skip_to_body(&mut self) {
        let mut in_angles = 0i32;
        let mut before = 0u8;
        let mut in_where = false;
        while self.token.is_some() {
            in_where |= self.word() == "where";
            match self.byte() {
                b';' | b'}' => return,
                // A const argument in braces is part of the header: `Foo<{ N }>`.
                b'{' if in_angles > 0 && matches!(before, b'<' | b',' | b'=') => self.skip_group(),
                b'{' => return,
                // A tuple struct's fields are its body; a function's parameters are not.
                b'(' | b'[' => {
                    let tuple_struct = self
                        .outline
                        .items
                        .last()
                        .is_some_and(|item| item.kind == ItemKind::Struct && in_angles <= 0 && !in_where);
                    if tuple_struct && self.byte() == b'(' {
                        return;
                    }
                    self.skip_group();
                    before = b')';
                    continue;
                }
                b'<' => in_angles += 1,
                b'>' if before != b'-' && before != b'=' => in_angles -= 1,
                _ => {}
            }
            before = self.byte();
            self.advance();
        }
    }

    /// A body that is passed without a look inside, or the semicolon in its place.
    fn closed_body(&mut self) -> Option<Span> {
        let start = self.start();
        match self.byte() {
            b'{' | b'(' | b'[' => {
                let semicolon = self.byte() != b'{';
                self.skip_group();
                let body = Span::new(start, self.last_end);
                if semicolon {
                    self.eat(b';');
                }
                Some(body)
            }
            b';' => {
                self.advance();
                None
            }
            _ => None,
        }
    }

    /// A body whose items are outlined too.
    fn members(&mut self, index: u32, test: bool, depth: usize) -> Option<Span> {
        if self.byte() != b'{' {
            self.eat(b';');
            return None;
        }
        let start = self.start();
        if depth >= MAX_DEPTH {
            self.skip_group();
            self.outline.too_deep.push(Span::new(start, self.last_end));
        } else {
            self.advance();
            self.items(Some(index), true, test, depth + 1);
            self.advance();
        }
        Some(Span::new(start, self.last_end))
    }

    /// The value behind `=` of a constant or static.
    fn value(&mut self) -> Option<Span> {
        while self.token.is_some() && !matches!(self.byte(), b'=' | b';' | b'}') {
            match self.byte() {
                b'(' | b'[' | b'{' => self.skip_group(),
                _ => self.advance(),
            }
        }
        if !self.eat(b'=') {
            self.eat(b';');
            return None;
        }
        let start = self.start();
        self.skip_to_semicolon();
        let closed = self.text.as_bytes().get(self.last_end as usize - 1) == Some(&b';');
        Some(Span::new(start, (self.last_end - u32::from(closed)).max(start)))
    }

    fn skip_to_semicolon(&mut self) {
        while self.token.is_some() {
            match self.byte() {
                b';' => return self.advance(),
                b'}' => return,
                b'(' | b'[' | b'{' => self.skip_group(),
                _ => self.advance(),
            }
        }
    }

    /// A macro's argument. Where it reads like items (`cfg_if!`, `lazy_static!`, `cfg_net!`) they
    /// are outlined, because most users of such macros put whole modules inside.
    fn macro_body(&mut self, index: u32, test: bool, depth: usize) -> Option<Span> {
        let start = self.start();
        if self.byte() != b'{' || depth >= MAX_DEPTH {
            return self.closed_body();
        }
        self.advance();
        if self.reads_like_items() {
            self.items(Some(index), true, test, depth + 1);
            self.advance();
        } else {
            let mut open = 1usize;
            while self.token.is_some() && open > 0 {
                match self.byte() {
                    b'{' | b'(' | b'[' => open += 1,
                    b'}' | b')' | b']' => open -= 1,
                    _ => {}
                }
                self.advance();
            }
        }
        Some(Span::new(start, self.last_end))
    }

    fn reads_like_items(&self) -> bool {
        matches!(
            self.word(),
            "pub"
                | "fn"
                | "struct"
                | "enum"
                | "impl"
                | "mod"
                | "use"
                | "const"
                | "static"
                | "type"
                | "trait"
                | "unsafe"
                | "async"
                | "extern"
                | "macro_rules"
                | "if"
        ) || self.byte() == b'#'
            || self.token.is_some_and(|t| matches!(t.kind, Kind::OuterDoc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each item as `kind name [test] {body}`, indented below its parent.
    fn outline(text: &str) -> String {
        let outline = build(text, &[], &[]);
        let mut listing = String::new();
        for (number, item) in (0u32..).zip(&outline.items) {
            let depth = outline.ancestors(number).count() - 1;
            let part = |span: Span| text.get(span.range()).unwrap_or("?");
            let body = item.body.map_or(String::new(), |body| format!(" {}", part(body)));
            let test = if item.test { " test" } else { "" };
            let name = part(item.name);
            let body = if item.kind == ItemKind::Mod || item.kind == ItemKind::Impl { "" } else { &body };
            listing += &format!("{}{:?} {name}{test}{body}\n", "  ".repeat(depth), item.kind);
            assert!(item.span.contains(item.header), "{text}");
        }
        listing
    }

    #[test]
    fn items_of_every_kind_have_their_bodies() {
        let text = "pub struct A(u8);\nstruct B<T: Fn(u8)>(T) where T: Copy;\nstruct C { x: u8 }\nenum D { E(u8) }\n\
            pub const fn f<const N: usize>() -> [u8; { 3 }] { [0; 3] }\nconst K: [u8; 2] = [1, 2];\n\
            static mut S: u8 = { 1 };\ntype T = Foo<{ 1 }>;\nuse a::{b, c};\nextern \"C\" { fn g(); }\nunion U { a: u8 }\n";
        assert_eq!(
            outline(text),
            "Struct A (u8)\nStruct B (T)\nStruct C { x: u8 }\nEnum D { E(u8) }\nFn f { [0; 3] }\nConst K [1, 2]\n\
            Static S { 1 }\nType T\nUse \nExternBlock { { fn g(); }\n  Fn g\nUnion U { a: u8 }\n"
        );
    }

    #[test]
    fn members_and_macros_with_items_are_entered() {
        let text = "impl<T> X for Y<T> where T: Z { fn a(&self) -> u8 { 1 } const B: u8 = 2; }\n\
            mod m { #[test] fn t() {} }\n#[cfg(test)] mod n { fn u() {} }\n\
            cfg_if! { if #[cfg(unix)] { mod p; } else { fn q() {} } }\nlazy_static! { pub static ref R: u8 = 1; }\nm!(a, b);\n";
        assert_eq!(
            outline(text),
            "Impl \n  Fn a { 1 }\n  Const B 2\nMod m\n  Fn t test {}\nMod n test\n  Fn u test {}\n\
            MacroCall cfg_if { if #[cfg(unix)] { mod p; } else { fn q() {} } }\n  Mod p\n  Fn q {}\n\
            MacroCall lazy_static { pub static ref R: u8 = 1; }\n  Static R 1\nMacroCall m (a, b)\n"
        );
    }

    #[test]
    fn inner_attributes_are_no_part_of_the_first_item() {
        let text = "#![no_std]\n//! About.\n\n/// A.\n#[x]\nfn a() {}";
        let outline = build(text, &[], &[]);
        assert_eq!(&text[outline.items[0].span.range()], "/// A.\n#[x]\nfn a() {}");
    }

    #[test]
    fn broken_text_ends() {
        for text in [
            "fn",
            "impl {",
            "}}} fn a() {}",
            "#[",
            "struct S(",
            "mod m { mod m {",
            "use ",
            "const X: u8 = {",
            "m! {",
            "pub(",
            "#![x",
            "fn f() }",
        ] {
            outline(text);
        }
        assert!(outline("}}} fn a() {}").contains("Fn a"));
        assert_eq!(build(&"mod m {".repeat(5000), &[], &[]).too_deep.len(), 1);
    }
}
