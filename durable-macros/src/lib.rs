//! The `#[durable(…)]` attribute: it marks an item with who answers for it, and changes nothing.
//!
//! ```
//! use durable_macros::durable;
//!
//! #[durable(owner = "identity", control = "ID4.1.3", guard = "tests::rejects_expired")]
//! fn is_current(expires: u64, now: u64) -> bool {
//!     now < expires
//! }
//! # assert!(is_current(2, 1));
//! ```
//!
//! A whole file is marked by [`durable_file!`], a whole package by `durable.toml`.
//!
//! # Owners
//!
//! Where there is a `durable.toml`, an owner has to be declared in it or in a file that it extends;
//! a misspelt one does not compile. It is the first one found from the package's folder upwards, up
//! to the first folder that holds `.git`; outside of any repository it has to lie beside a
//! `Cargo.toml`. There is no such check
//!
//! - without such a file, or where neither it nor what it extends declares owners;
//! - where one of these files cannot be read, or cannot be understood: `cargo durable check` says why;
//! - in a dependency that cargo unpacked, checked out or vendored, which a `.cargo-ok` or
//!   `.cargo-checksum.json` in its folders shows. A published crate builds everywhere.
//!
//! When one of the files changes, the next `cargo build` checks again. A package is tied to the
//! files by any attribute on a function or method with a body, a type, a trait, an impl, a module, a
//! static, a `use` or a block of foreign items, and by [`durable_file!`]. Beside a constant, a type
//! alias, a macro call, or an item without a body in a trait or a foreign block nothing may stand
//! that could; one that marks nothing else is checked when it is built for another reason.
//!
//! Nothing depends on the date: what is overdue is for `cargo durable check` to say.

mod notice;
mod owners;

use durable_grammar::Attribute;
use proc_macro::TokenStream;

use owners::Known;

/// Marks an item with its owner, control, guard and review, and lets findings in it through for a
/// time. The item itself stays exactly as it is; `cargo durable` reads the rest.
///
/// It stands on functions, methods, types, traits and what is in them, impls, modules with their
/// code, constants, statics, `use` and foreign items, as often as there is something to say. On the
/// `use` of a macro, or of what is named like one (`std::env`), rustc may not know in time what that
/// macro is ("cannot determine resolution"), as with every attribute of this kind; mark what uses it.
///
/// | key | meaning |
/// |---|---|
/// | `owner = "…"` | who answers for the item; required |
/// | `control = "…"` | the requirement that it meets |
/// | `review_by = "YYYY-MM-DD"` | the last day of its next review |
/// | `guard = "path::to::test"` | the test that would catch a regression |
/// | `allow(lint, group)` | findings inside the item that are let through; needs the next two |
/// | `reason = "…"` | why |
/// | `expires = "YYYY-MM-DD"` | the last day of that |
/// | `category = "…"` | `waiver`, accepted for now, unless it is `mitigated`, met by other means |
///
/// ```
/// use durable_macros::durable;
///
/// struct Etag(u64);
///
/// impl Etag {
///     #[durable(
///         owner = "web",
///         allow(weak_hashes),
///         reason = "no secret: clients compare it with what they have",
///         expires = "2027-06-30"
///     )]
///     fn matches(&self, other: u64) -> bool {
///         self.0 == other
///     }
/// }
/// # assert!(Etag(1).matches(1));
/// ```
#[proc_macro_attribute]
pub fn durable(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match check(arguments) {
        Ok(notice) => notice::with(notice, item.into()).into(),
        Err(error) => {
            let mut out = TokenStream::from(error.to_compile_error());
            out.extend(item);
            out
        }
    }
}

/// Marks the file that it stands in, once and at its top, with the keys of [`macro@durable`]. An
/// attribute inside the file says more about its own item.
///
/// Rust takes neither `#![durable(…)]` in a file nor `#[durable(…)]` on `mod name;` as yet, so this
/// is a call; it leaves nothing behind.
///
/// ```
/// durable_macros::durable_file!(owner = "identity", control = "ID4.1.3");
///
/// fn is_current(expires: u64, now: u64) -> bool {
///     now < expires
/// }
/// # fn main() { assert!(is_current(2, 1)); }
/// ```
#[proc_macro]
pub fn durable_file(arguments: TokenStream) -> TokenStream {
    check(arguments).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Holds the keys to the grammar and to the owners that are known here; gives what has cargo notice
/// when these change.
fn check(arguments: TokenStream) -> syn::Result<proc_macro2::TokenStream> {
    let attribute = Attribute::parse(arguments.into())?;
    let known = Known::here();
    match attribute.owner.as_ref().and_then(|owner| known.refuse(owner)) {
        Some(error) => Err(error),
        None => Ok(notice::of(&known.files)),
    }
}
