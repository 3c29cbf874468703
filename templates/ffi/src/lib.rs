//! Takes netstrings out of a stream, for Rust and for C.
//!
//! A [netstring](https://cr.yp.to/proto/netstrings.txt) is a message behind its length, `5:hello,`. A
//! [`Decoder`] is given a stream in pieces as they come, and gives the messages back whole.
//!
//! ```
//! use acme_widget::{Decoder, Invalid};
//!
//! let mut decoder = Decoder::default();
//! assert_eq!(decoder.push(b"5:hel")?, 5);
//! assert_eq!(decoder.message(), None);
//!
//! // No more than one message is taken at a time; `0:,` is the next.
//! assert_eq!(decoder.push(b"lo,0:,")?, 3);
//! assert_eq!(decoder.message(), Some(&b"hello"[..]));
//! # Ok::<(), Invalid>(())
//! ```
//!
//! C does the same through [`c`] and `include/acme_widget.h`.

#[expect(
    unsafe_code,
    reason = "C hands over pointers; all that is done with them is in this module"
)]
pub mod c;
mod decoder;

pub use decoder::{Decoder, Invalid};
