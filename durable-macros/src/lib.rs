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

use durable_grammar::Attribute;
use proc_macro::TokenStream;

/// Marks an item with its owner, control, guard and review, and lets findings in it through for a
/// time. The item itself stays exactly as it is; `cargo durable` reads the rest.
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
#[proc_macro_attribute]
pub fn durable(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match Attribute::parse(arguments.into()) {
        Ok(_) => item,
        Err(error) => {
            let mut out = TokenStream::from(error.to_compile_error());
            out.extend(item);
            out
        }
    }
}
