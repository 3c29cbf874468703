use crate::outline::ItemKind;
use crate::outline::lexer::{Kind, Lexer, Token};
use crate::prelude::*;

declare_lint! {
    /// Unsafe code gives no reason why it is sound, so nobody can tell when a change breaks it.
    ///
    /// An `unsafe` block asserts what the compiler cannot check. The reason belongs beside it: a
    /// later change that takes the reason away is then seen in review.
    ///
    /// ```rust,bad
    /// fn first(bytes: &[u8]) -> u8 {
    ///     unsafe { *bytes.get_unchecked(0) }
    /// }
    /// ```
    ///
    /// ```rust,good
    /// fn first(bytes: &[u8; 4]) -> u8 {
    ///     // SAFETY: the array has four elements.
    ///     unsafe { *bytes.get_unchecked(0) }
    /// }
    /// ```
    ///
    /// ## What to do
    /// Write a `// SAFETY:` comment above the block or `unsafe impl`: which conditions of the
    /// called function hold, and why.
    ///
    /// ## Known limits
    /// Blocks inside macro definitions are not looked at. A comment above a statement covers every
    /// block in it.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        cwe: &[1059],
        spares_generated: true,
        triggers: &["unsafe"],
        check: Check::Source(check),
    }
}

fn check(file: &SourceFile, findings: &mut Findings) {
    let mut hits = file.hits_of("unsafe").filter(|hit| !hit.in_string).peekable();
    while let Some(first) = hits.next() {
        let mut places = vec![first.span];
        while let Some(next) = hits.next_if(|next| next.item == first.item) {
            places.push(next.span);
        }
        let Some(number) = first.item else { continue };
        let item = &file.outline.items[number as usize];
        match item.kind {
            ItemKind::MacroRules => {}
            ItemKind::Impl if file.snippet(item.header).starts_with("unsafe") => {
                if !is_explained_impl(file, number) {
                    report(findings, places[0], "unsafe implementation");
                }
            }
            _ => blocks(file, item.span.start, &places, findings),
        }
    }
}

fn report(findings: &mut Findings, span: Span, what: &str) {
    findings
        .at(span, format!("{what} without a SAFETY comment"))
        .help("write which conditions hold and why, in a `// SAFETY:` comment above it");
}

/// Goes through the tokens of an item and keeps, for each open bracket, whether a reason was given
/// for the statement that is being read.
fn blocks(file: &SourceFile, from: u32, places: &[Span], findings: &mut Findings) {
    let text = &*file.text;
    let mut around: Vec<bool> = Vec::new();
    let mut explained = false;
    let mut places = places.iter().peekable();
    let mut tokens = Lexer::from_offset(text, from).peekable();
    while let Some(token) = tokens.next() {
        match token.kind {
            Kind::Comment => explained |= is_reason(token.text(text)),
            Kind::Punct => match text.as_bytes()[token.start as usize] {
                b';' | b',' if tokens.peek().is_none_or(|next| !on_same_line(text, token, *next)) => {
                    explained = false
                }
                b'{' | b'(' | b'[' => around.push(explained),
                b')' | b']' => explained = around.pop().unwrap_or(false),
                b'}' => {
                    explained = around.pop().unwrap_or(false);
                    let goes_on = tokens.peek().is_some_and(|next| {
                        next.kind == Kind::Punct && next.text(text) != "}" && next.text(text) != "#"
                            || next.text(text) == "else"
                    });
                    explained &= goes_on;
                }
                _ => {}
            },
            Kind::Ident => {
                let Some(place) = places.next_if(|place| place.start == token.start) else { continue };
                let is_block = tokens.peek().is_some_and(|next| next.text(text) == "{");
                if is_block && !explained && !is_explained_beside(text, token) {
                    report(findings, *place, "unsafe block");
                }
                if places.peek().is_none() {
                    return;
                }
            }
            _ => {}
        }
    }
}

/// Whether the comment says why, rather than only that something should be said.
fn is_reason(comment: &str) -> bool {
    let lower = comment.to_ascii_lowercase();
    let Some((_, reason)) = lower.split_once("safety") else { return false };
    let reason = reason.trim_start_matches([':', ' ', '-', '*', '/', '\t']).trim();
    !reason.starts_with("todo")
        && (reason.len() > 2 || lower.contains('\n') || comment.starts_with("//"))
        && !(reason.is_empty() && comment.starts_with("/*"))
}

/// A reason behind the block on its line, or first in it.
fn is_explained_beside(text: &str, keyword: Token) -> bool {
    let mut after = Lexer::from_offset(text, keyword.end).skip(1);
    if after.next().is_some_and(|first| first.kind == Kind::Comment && is_reason(first.text(text))) {
        return true;
    }
    let line = text[keyword.start as usize..].lines().next().unwrap_or("");
    line.split_once("//").is_some_and(|(_, comment)| is_reason(&format!("//{comment}")))
}

fn on_same_line(text: &str, token: Token, next: Token) -> bool {
    next.kind == Kind::Comment && !text[token.end as usize..next.start as usize].contains('\n')
}

/// A reason directly above the `unsafe impl`, or above the run of them that it is part of.
fn is_explained_impl(file: &SourceFile, number: u32) -> bool {
    let mut number = number as usize;
    loop {
        let item = &file.outline.items[number];
        let before = file.outline.items[..number].iter().rposition(|other| other.parent == item.parent);
        let from = match (before, item.parent) {
            (Some(before), _) => file.outline.items[before].span.end,
            (None, Some(parent)) => file.outline.items[parent as usize].body.map_or(0, |body| body.start + 1),
            (None, None) => 0,
        };
        let between = Span::new(from, item.header.start);
        let explained = Lexer::from_offset(&file.text, between.start)
            .take_while(|token| token.start < between.end)
            .any(|token| {
                matches!(token.kind, Kind::Comment | Kind::OuterDoc) && is_reason(token.text(&file.text))
            });
        let Some(before) = before.filter(|_| !explained) else { return explained };
        let other = &file.outline.items[before];
        let adjacent = other.kind == ItemKind::Impl
            && file.snippet(other.header).starts_with("unsafe")
            && file.snippet(between).matches('\n').count() <= 1;
        if !adjacent {
            return false;
        }
        number = before;
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn a_reason_covers_its_statement() {
        LINT.sees([
            expect![[r#"
                fn f(a: u8, b: u8) {
                    match (a, b) {
                        // SAFETY: it is there.
                        (0, _) => unsafe { g() },
                        (_, _) => unsafe { h() },
                //~               ^^^^^^ unsafe block without a SAFETY comment
                    }
                }
            "#]],
            expect![[r#"
                fn f() {
                    g(
                        // SAFETY: it is there.
                        unsafe { a() },
                        unsafe { b() },
                //~     ^^^^^^ unsafe block without a SAFETY comment
                    );
                }
            "#]],
            expect![[r#"
                fn f() {
                    unsafe { g() };
                //~ ^^^^^^ unsafe block without a SAFETY comment
                }
            "#]],
            expect![[r#"
                fn f() {
                    // SAFETY: a holds.
                    unsafe { a() }
                    unsafe { b() }
                //~ ^^^^^^ unsafe block without a SAFETY comment
                }
            "#]],
            expect![[r#"
                fn f() {
                    // SAFETY: TODO
                    unsafe { a() }
                //~ ^^^^^^ unsafe block without a SAFETY comment
                }
            "#]],
            expect![[r#"
                struct S;
                unsafe impl Send for S {}
                //~ ^@2:1-2:7 unsafe implementation without a SAFETY comment
            "#]],
            expect![[r#"
                impl S {
                    fn f(&self) {
                        let x = || unsafe { g() };
                //~                ^^^^^^ unsafe block without a SAFETY comment
                    }
                }
            "#]],
            expect![[r#"
                fn f() {
                    // SAFETY: a holds.
                    let x = unsafe { a() };
                    let y = unsafe { b() };
                //~         ^^^^^^ unsafe block without a SAFETY comment
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f(b: &[u8]) -> u8 {\n    match (b.len(), 1) {\n        (0, _) => 0,\n        // SAFETY: there is at least one.\n        (_, _) => unsafe { *b.get_unchecked(0) },\n    }\n}",
            "fn f(b: &[u8]) {\n    // SAFETY: there is at least one.\n    g(b.len(),\n        b[0]).then(unsafe { *b.get_unchecked(0) });\n}",
            "fn f() {\n // SAFETY: a holds.\n let x = if c { unsafe { a() } } else { unsafe { b() } };\n}",
            "fn f() {\n unsafe { a() } // SAFETY: a holds.\n}",
            "fn f() {\n unsafe {\n // Safety: a holds.\n a() }\n}",
            "struct S;\n// SAFETY: S holds no pointer.\nunsafe impl Send for S {}\nunsafe impl Sync for S {}",
            "macro_rules! m { () => { unsafe { g() } } }",
            "unsafe fn g() {}\nunsafe trait T {}\ntype F = unsafe fn();",
            "#[cfg(test)] mod tests { fn f() { unsafe { g() } } }",
            "fn f() { let s = \"unsafe { x }\"; }",
        ]);
    }
}
