//! Calls as C makes them, wrong ones too. Miri runs these and sees what a wrong answer would not show.

use std::mem::MaybeUninit;
use std::ptr;
use std::thread;

use super::*;

/// A decoder as C has one: a pointer, and the duty to free it.
struct Handle(*mut Decoder);

// SAFETY: a decoder is `Send`, and nothing but the handle points to it.
unsafe impl Send for Handle {}

impl Handle {
    fn new() -> Self {
        Self(new())
    }

    fn push(&self, input: &[u8]) -> (Status, usize) {
        let mut used = usize::MAX;
        // SAFETY: the decoder lives as long as the handle; the rest are references.
        let status = unsafe { push(self.0, input.as_ptr(), input.len(), &mut used) };
        (status, used)
    }

    /// The status, what is in a buffer of some capacity, and the length that is told.
    fn message(&self, capacity: usize) -> (Status, Vec<u8>, usize) {
        let mut buffer = vec![b'.'; capacity];
        let mut length = usize::MAX;
        // SAFETY: the decoder lives as long as the handle; the rest are references.
        let status = unsafe { message(self.0, buffer.as_mut_ptr(), capacity, &mut length) };
        (status, buffer, length)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it is from `new`, and nobody has it after this.
        unsafe { free(self.0) };
    }
}

#[test]
fn a_stream_comes_in_and_messages_go_out() {
    let decoder = Handle::new();
    assert_eq!(decoder.push(b"5:hel"), (Status::Ok, 5));
    assert_eq!(decoder.message(9), (Status::NoMessage, vec![b'.'; 9], 0));
    assert_eq!(decoder.push(b"lo,0:,"), (Status::Message, 3));
    assert_eq!(decoder.message(5), (Status::Ok, b"hello".to_vec(), 5));
    // Asking takes nothing away.
    assert_eq!(decoder.message(7), (Status::Ok, b"hello..".to_vec(), 5));
    assert_eq!(decoder.push(b"0:,"), (Status::Message, 3));
    assert_eq!(decoder.message(0), (Status::Ok, vec![], 0));
}

#[test]
fn no_byte_is_written_beyond_the_capacity() {
    let decoder = Handle::new();
    decoder.push(b"5:hello,");
    for capacity in 0..5 {
        // It has room for the message all the same, so that what is written is seen.
        let mut buffer = *b".....";
        let mut length = 0;
        // SAFETY: the decoder lives, and the buffer is longer than its capacity says.
        let status = unsafe { message(decoder.0, buffer.as_mut_ptr(), capacity, &mut length) };
        assert_eq!((status, length), (Status::BufferTooSmall, 5));
        assert_eq!(&buffer, b".....");
    }
}

#[test]
fn a_buffer_need_not_be_initialised() {
    let decoder = Handle::new();
    decoder.push(b"5:hello,");
    let mut buffer = [MaybeUninit::<u8>::uninit(); 8];
    let mut length = 0;
    // SAFETY: the decoder lives, and the buffer has eight bytes.
    let status = unsafe { message(decoder.0, buffer.as_mut_ptr().cast(), 8, &mut length) };
    assert_eq!((status, length), (Status::Ok, 5));
    // SAFETY: the call has written five of them.
    let written = unsafe { slice::from_raw_parts(buffer.as_ptr().cast::<u8>(), length) };
    assert_eq!(written, b"hello");
}

#[test]
fn null_is_refused_where_something_is_needed() {
    let decoder = Handle::new();
    let mut used = 7;
    // SAFETY: null is allowed everywhere, and answered.
    let status = unsafe { push(ptr::null_mut(), b"1".as_ptr(), 1, &mut used) };
    assert_eq!((status, used), (Status::NullPointer, 0));
    // SAFETY: as above.
    let status = unsafe { push(decoder.0, ptr::null(), 1, &mut used) };
    assert_eq!((status, used), (Status::NullPointer, 0));
    // SAFETY: as above.
    let status = unsafe { push(decoder.0, b"1".as_ptr(), 1, ptr::null_mut()) };
    assert_eq!(status, Status::NullPointer);
    // None of them took the digit.
    assert_eq!(decoder.push(b"0:,"), (Status::Message, 3));

    let mut length = 7;
    let mut byte = b'.';
    // SAFETY: as above.
    let status = unsafe { message(ptr::null(), &mut byte, 1, &mut length) };
    assert_eq!((status, length), (Status::NullPointer, 0));
    // SAFETY: as above.
    let status = unsafe { message(decoder.0, ptr::null_mut(), 1, &mut length) };
    assert_eq!((status, length), (Status::NullPointer, 0));
    // SAFETY: as above.
    let status = unsafe { message(decoder.0, &mut byte, 1, ptr::null_mut()) };
    assert_eq!((status, byte), (Status::NullPointer, b'.'));
    // SAFETY: as above.
    unsafe { free(ptr::null_mut()) };
}

#[test]
fn null_of_no_bytes_is_empty() {
    let decoder = Handle::new();
    decoder.push(b"1:a,");
    let (mut used, mut length) = (7, 0);
    // SAFETY: the decoder lives, and no byte is to be read.
    let status = unsafe { push(decoder.0, ptr::null(), 0, &mut used) };
    assert_eq!((status, used), (Status::Message, 0));
    // SAFETY: the decoder lives, and there is no room to be written to.
    let status = unsafe { message(decoder.0, ptr::null_mut(), 0, &mut length) };
    assert_eq!((status, length), (Status::BufferTooSmall, 1));

    decoder.push(b"0:,");
    // SAFETY: as above.
    let status = unsafe { message(decoder.0, ptr::null_mut(), 0, &mut length) };
    assert_eq!((status, length), (Status::Ok, 0));
}

#[test]
fn a_length_that_cannot_be_meant_is_refused_before_it_is_read() {
    let decoder = Handle::new();
    for length in [MAX_INPUT + 1, isize::MAX as usize + 1, -1_isize as usize] {
        let mut used = 7;
        // SAFETY: one byte can be read; that none is, is what this is about.
        let status = unsafe { push(decoder.0, b"1".as_ptr(), length, &mut used) };
        assert_eq!((status, used), (Status::InputTooLong, 0));
    }
    assert_eq!(decoder.push(b"0:,"), (Status::Message, 3));
}

#[test]
fn the_longest_input_is_as_long_as_promised() {
    let input = [b"1:a,", &*vec![b'x'; MAX_INPUT - 4]].concat();
    let decoder = Handle::new();
    assert_eq!(decoder.push(&input), (Status::Message, 4));
}

#[test]
fn what_failed_can_be_used_again_and_fails_again() {
    let decoder = Handle::new();
    assert_eq!(decoder.push(b"1:a,"), (Status::Message, 4));
    for _ in 0..2 {
        assert_eq!(decoder.push(b"x"), (Status::Invalid, 0));
        assert_eq!(decoder.message(1), (Status::NoMessage, vec![b'.'], 0));
    }
    assert_eq!(decoder.push(b"1:a,"), (Status::Invalid, 0));
}

#[test]
fn a_panic_is_a_status_and_goes_no_further() {
    assert_eq!(contained(|| panic!("a mistake")), Status::Panic);
    assert_eq!(contained(|| Status::Ok), Status::Ok);
}

#[test]
fn a_decoder_is_handed_from_thread_to_thread() {
    let [first, second] = [b"1:a,", b"1:b,"].map(|stream| {
        let decoder = Handle::new();
        assert_eq!(decoder.push(&stream[..2]), (Status::Ok, 2));
        thread::spawn(move || {
            assert_eq!(decoder.push(&stream[2..]), (Status::Message, 2));
            decoder
        })
    });
    assert_eq!(first.join().unwrap().message(1).1, b"a");
    assert_eq!(second.join().unwrap().message(1).1, b"b");
}
