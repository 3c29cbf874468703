//! The C interface: all of the unsafe code, and nothing that decides what a netstring is.
//!
//! Every function checks its pointers and lengths, makes of them what Rust has, and answers with a
//! [`Status`]. `include/acme_widget.h` says the same to those who call, and `tests/header.rs` holds
//! the two together.
//!
//! What no check can see stands under *Safety*: that a pointer which is not null points to what it
//! should. The functions keep nothing that they were given, and a panic goes no further than
//! [`Status::Panic`]. C knows them by names that begin with that of the crate.

use std::panic::{self, AssertUnwindSafe};
use std::slice;

use durable_macros::durable;

use crate::Decoder;

/// The longest input of one call. A negative length of C's is far above it.
pub const MAX_INPUT: usize = 1 << 20;

/// What a call came to; below zero it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// Done, and a message is complete.
    Message = 1,
    /// A pointer is null that must not be.
    NullPointer = -1,
    /// The input is longer than [`MAX_INPUT`]; nothing was read.
    InputTooLong = -2,
    /// The buffer is smaller than the message; nothing was written to it.
    BufferTooSmall = -3,
    /// No message is complete.
    NoMessage = -4,
    /// The stream is no netstring; the decoder refuses all that follows.
    Invalid = -5,
    /// A mistake in this library, which is worth a report; the decoder can only be freed.
    Panic = -6,
}

/// Makes a decoder, which belongs to the caller until [`free`] takes it back.
#[unsafe(export_name = "acme_widget_new")]
pub extern "C" fn new() -> *mut Decoder {
    Box::into_raw(Box::default())
}

/// Frees a decoder; null is none.
///
/// # Safety
///
/// `decoder` is null, or comes from [`new`] and was not freed. No other call uses it by now.
#[unsafe(export_name = "acme_widget_free")]
pub unsafe extern "C" fn free(decoder: *mut Decoder) {
    if !decoder.is_null() {
        // SAFETY: it is a box that `new` gave away, and the caller gives it back once.
        drop(unsafe { Box::from_raw(decoder) });
    }
}

/// Takes input up to the end of a message. `used` becomes the number of bytes taken, 0 where it fails.
///
/// # Safety
///
/// - `decoder` is null, or comes from [`new`] and was not freed; no other call uses it meanwhile.
/// - `data` is null, or can be read for `length` bytes, which nothing changes meanwhile.
/// - `used` is null, or can be written, and lies in neither of the two.
#[durable(
    owner = "acme-team",
    guard = "c::tests::a_length_that_cannot_be_meant_is_refused_before_it_is_read"
)]
#[unsafe(export_name = "acme_widget_push")]
pub unsafe extern "C" fn push(
    decoder: *mut Decoder,
    data: *const u8,
    length: usize,
    used: *mut usize,
) -> Status {
    contained(|| {
        if used.is_null() {
            return Status::NullPointer;
        }
        // SAFETY: it is not null, so the caller lets it be written.
        unsafe { used.write(0) };
        if length > MAX_INPUT {
            return Status::InputTooLong;
        }
        if data.is_null() && length > 0 {
            return Status::NullPointer;
        }
        // SAFETY: it is null or a decoder that no other call uses.
        let Some(decoder) = (unsafe { decoder.as_mut() }) else {
            return Status::NullPointer;
        };
        let input = if length == 0 {
            &[]
        } else {
            // SAFETY: it is not null, so that many bytes can be read and stay as they are.
            unsafe { slice::from_raw_parts(data, length) }
        };
        let Ok(taken) = decoder.push(input) else {
            return Status::Invalid;
        };
        // SAFETY: as above.
        unsafe { used.write(taken) };
        match decoder.message() {
            Some(_) => Status::Message,
            None => Status::Ok,
        }
    })
}

/// Copies the complete message. `length` becomes its length, whether there is room for it or not, and 0
/// where there is none.
///
/// # Safety
///
/// - `decoder` is null, or comes from [`new`] and was not freed; no other call changes it meanwhile.
/// - `buffer` is null, or can be written for `capacity` bytes; what is in it need not be initialised.
/// - `length` is null, or can be written.
/// - None of the three lies in another.
#[durable(
    owner = "acme-team",
    guard = "c::tests::no_byte_is_written_beyond_the_capacity"
)]
#[unsafe(export_name = "acme_widget_message")]
pub unsafe extern "C" fn message(
    decoder: *const Decoder,
    buffer: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> Status {
    contained(|| {
        if length.is_null() {
            return Status::NullPointer;
        }
        // SAFETY: it is not null, so the caller lets it be written.
        unsafe { length.write(0) };
        if buffer.is_null() && capacity > 0 {
            return Status::NullPointer;
        }
        // SAFETY: it is null or a decoder that no other call changes.
        let Some(decoder) = (unsafe { decoder.as_ref() }) else {
            return Status::NullPointer;
        };
        let Some(message) = decoder.message() else {
            return Status::NoMessage;
        };
        // SAFETY: as above.
        unsafe { length.write(message.len()) };
        if message.len() > capacity {
            return Status::BufferTooSmall;
        }
        // SAFETY: that many bytes can be written, or there are none; the decoder's memory is its own. No
        // slice is made of the buffer, as C need not have initialised it.
        unsafe { buffer.copy_from_nonoverlapping(message.as_ptr(), message.len()) };
        Status::Ok
    })
}

/// Runs what may panic. That would unwind into C otherwise, where Rust ends the program.
///
/// What is left half done is seen by nobody: a decoder that panics is broken and says so.
#[durable(
    owner = "acme-team",
    guard = "c::tests::a_panic_is_a_status_and_goes_no_further"
)]
fn contained(call: impl FnOnce() -> Status) -> Status {
    panic::catch_unwind(AssertUnwindSafe(call)).unwrap_or(Status::Panic)
}

#[cfg(test)]
mod tests;
