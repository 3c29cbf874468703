//! Has cargo notice a change of the files that owners were read from: what is included is built
//! again when it changes. The item itself keeps every token.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

/// A constant that nothing refers to, so that nothing of it gets into what is built.
pub(crate) fn of(files: &[String]) -> TokenStream {
    quote!(#(const _: &[u8] = ::core::include_bytes!(#files);)*)
}

/// The item with the notice where the language lets it stand.
pub(crate) fn with(notice: TokenStream, item: TokenStream) -> TokenStream {
    if notice.is_empty() {
        return item;
    }
    match place(&item) {
        Place::Beside => notice.into_iter().chain(item).collect(),
        Place::Body => in_body(notice, item),
        Place::Nowhere => item,
    }
}

/// Beside methods and other associated items nothing without a name may stand, and from its tokens
/// alone nobody can tell a method from a function.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Beside,
    Body,
    Nowhere,
}

fn place(item: &TokenStream) -> Place {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let (attributes, item) = tokens.split_at(attributes(&tokens));
    let after = |at: usize| match item.get(at + 1) {
        Some(TokenTree::Ident(word)) => word.to_string(),
        _ => String::new(),
    };
    let has_body =
        matches!(item.last(), Some(TokenTree::Group(last)) if last.delimiter() == Delimiter::Brace);
    let kind = item.iter().enumerate().find_map(|(at, token)| {
        let word = match token {
            TokenTree::Ident(word) => word.to_string(),
            // The body of `extern { … }`: all other braces stand behind a keyword.
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return Some(Place::Beside),
            // A macro's name is followed by its `!`, a path by its `::`.
            TokenTree::Punct(_) => return Some(Place::Nowhere),
            _ => return None,
        };
        match &*word {
            "struct" | "enum" | "trait" | "impl" | "mod" | "use" | "macro_rules" => Some(Place::Beside),
            "union" | "crate" if !after(at).is_empty() => Some(Place::Beside),
            "fn" if has_body && !is_naked(attributes) => Some(Place::Body),
            "static" if has_value(item) => Some(Place::Beside),
            "const" if after(at) == "_" => Some(Place::Beside),
            "fn" | "static" | "type" => Some(Place::Nowhere),
            "const" if !matches!(&*after(at), "fn" | "async" | "unsafe" | "extern" | "trait" | "impl") => {
                Some(Place::Nowhere)
            }
            _ => None,
        }
    });
    kind.unwrap_or(Place::Nowhere)
}

/// A naked function consists of its assembly.
fn is_naked(attributes: &[TokenTree]) -> bool {
    attributes.iter().any(|token| token.to_string().contains("naked"))
}

/// Foreign statics have none. The `=` of a type's `Item = u8` is another one.
fn has_value(item: &[TokenTree]) -> bool {
    let mut depth = 0;
    let mut before = ' ';
    for token in item {
        let TokenTree::Punct(punct) = token else {
            before = ' ';
            continue;
        };
        match punct.as_char() {
            '<' => depth += 1,
            '>' if before != '-' => depth -= 1,
            '=' if depth == 0 => return true,
            _ => {}
        }
        before = punct.as_char();
    }
    false
}

/// Behind the inner attributes of the body.
fn in_body(notice: TokenStream, item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.pop() {
        let inside: Vec<TokenTree> = body.stream().into_iter().collect();
        let (attributes, code) = inside.split_at(inner_attributes(&inside));
        let stream = attributes.iter().cloned().chain(notice).chain(code.iter().cloned()).collect();
        let mut with_notice = Group::new(Delimiter::Brace, stream);
        with_notice.set_span(body.span());
        tokens.push(TokenTree::Group(with_notice));
    }
    tokens.into_iter().collect()
}

/// How many tokens the attributes at the start take: `#[…]` is two.
fn attributes(tokens: &[TokenTree]) -> usize {
    tokens.chunks_exact(2).take_while(|two| is_punct(two.first(), '#')).count() * 2
}

/// How many tokens the inner attributes at the start take: `#![…]` is three.
fn inner_attributes(tokens: &[TokenTree]) -> usize {
    let is_inner = |three: &&[TokenTree]| is_punct(three.first(), '#') && is_punct(three.get(1), '!');
    tokens.chunks_exact(3).take_while(is_inner).count() * 3
}

fn is_punct(token: Option<&TokenTree>, c: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_item_has_its_place() {
        for (place, items) in [
            (
                Place::Beside,
                &[
                    "struct S;",
                    "#[derive(Debug)] pub(crate) struct S<const N: usize>([u8; N]);",
                    "#[doc = \"fn\"] pub(in crate::a) enum E {}",
                    "union U { a: u8 }",
                    "unsafe trait T {}",
                    "unsafe impl<T> Send for S<T> where T: Fn() -> [u8; { 3 }] {}",
                    "pub mod m {}",
                    "use a::b as c;",
                    "extern crate core as c;",
                    "unsafe extern \"C\" { fn f(); }",
                    "extern { fn f(); }",
                    "static mut S: u8 = 1;",
                    "static S: fn() -> &'static dyn Iterator<Item = u8> = f;",
                    "const _: () = ();",
                    "macro_rules! m { () => {} }",
                ][..],
            ),
            (
                Place::Body,
                &[
                    "fn f() {}",
                    "pub const unsafe extern \"C\" fn f<const N: usize>(a: [u8; { N }]) -> S<{ N }> { 1 }",
                    "async fn f(&self) where S<{ 1 }>: T {}",
                    "#[inline] extern \"C\" fn union(a: A) {}",
                ],
            ),
            (
                Place::Nowhere,
                &[
                    "fn f(&self) -> S<{ 1 }>;",
                    "safe fn f();",
                    "#[doc = \"=\"] static S: u8;",
                    "static S: fn() -> &'static dyn Iterator<Item = u8>;",
                    "crate::call! { a }",
                    "union! { a }",
                    "const C: u8 = 1;",
                    "const C: S<{ 1 }>;",
                    "type T = S;",
                    "type T;",
                    "call! { a }",
                    "a::call!(struct S;);",
                    "#[unsafe(naked)] extern \"C\" fn f() { naked_asm!(\"\") }",
                    "",
                ],
            ),
        ] {
            for item in items {
                assert_eq!(super::place(&item.parse().expect("tokens")), place, "{item}");
            }
        }
    }

    #[test]
    fn a_body_keeps_its_inner_attributes_first() {
        let item = "fn f() { #![allow(unused)] #![doc = \"x\"] #[a] let x = 1; }".parse().expect("tokens");
        let expected: TokenStream =
            "fn f() { #![allow(unused)] #![doc = \"x\"] const N: u8 = 1; #[a] let x = 1; }"
                .parse()
                .expect("tokens");
        assert_eq!(
            in_body("const N: u8 = 1;".parse().expect("tokens"), item).to_string(),
            expected.to_string()
        );
    }

    #[test]
    fn without_a_file_every_token_stays() {
        let item: TokenStream = "fn f() { }".parse().expect("tokens");
        assert_eq!(with(of(&[]), item.clone()).to_string(), item.to_string());
    }
}
