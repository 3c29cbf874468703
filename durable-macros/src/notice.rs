//! Has cargo notice a change of the files that owners were read from: what is included is built
//! again when it changes. The item itself keeps every token.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

/// A constant that nothing refers to, so that nothing of it gets into what is built.
pub(crate) fn of(files: &[String]) -> TokenStream {
    files
        .iter()
        .map(|file| {
            quote!(
                const _: &[u8] = ::core::include_bytes!(#file);
            )
        })
        .collect()
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
    let mut words = tokens.iter().enumerate().skip_while(|(at, token)| is_attribute(&tokens, *at, token));
    let after = |at: usize| match tokens.get(at + 1) {
        Some(TokenTree::Ident(word)) => word.to_string(),
        _ => String::new(),
    };
    let has_body =
        matches!(tokens.last(), Some(TokenTree::Group(last)) if last.delimiter() == Delimiter::Brace);
    let kind = words.find_map(|(at, token)| {
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
            "fn" if has_body && !is_naked(&tokens) => Some(Place::Body),
            "static" if has_value(&tokens) => Some(Place::Beside),
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

/// Whether this is the `#` or the brackets of an attribute.
fn is_attribute(tokens: &[TokenTree], at: usize, token: &TokenTree) -> bool {
    let is_hash =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
    is_hash(Some(token)) || at.checked_sub(1).is_some_and(|before| is_hash(tokens.get(before)))
}

/// A naked function consists of its assembly.
fn is_naked(tokens: &[TokenTree]) -> bool {
    let attributes = tokens.iter().enumerate().take_while(|(at, token)| is_attribute(tokens, *at, token));
    attributes.into_iter().any(|(_, token)| token.to_string().contains("naked"))
}

/// Foreign statics have none. The `=` of a type's `Item = u8` is another one.
fn has_value(tokens: &[TokenTree]) -> bool {
    let item = tokens.iter().enumerate().skip_while(|(at, token)| is_attribute(tokens, *at, token));
    let mut depth = 0;
    let mut before = ' ';
    for (_, token) in item {
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

/// How many tokens the inner attributes at the start take: `#![…]` is three.
fn inner_attributes(tokens: &[TokenTree]) -> usize {
    let is_inner = |three: &&[TokenTree]| {
        matches!(three, [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(_)]
            if hash.as_char() == '#' && bang.as_char() == '!')
    };
    tokens.chunks(3).take_while(is_inner).count() * 3
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
