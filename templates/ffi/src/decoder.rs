#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt;
use std::mem;

use durable_macros::durable;

/// Takes netstrings out of a stream, one at a time.
///
/// It never holds more than one message, and of that only what has arrived: a length that is claimed
/// costs nothing.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    message: Vec<u8>,
}

/// Where in a netstring the next byte stands.
#[derive(Debug, Default)]
enum State {
    #[default]
    Start,
    /// Behind digits, which say this so far.
    Length(usize),
    /// In the message, of which so many bytes are missing.
    Message(usize),
    Complete,
    /// Nothing in the stream says where the next one would begin.
    Broken,
}

impl Decoder {
    /// The longest message that is taken.
    pub const MAX_MESSAGE: usize = 1 << 16;

    /// Takes the next piece of the stream, up to the end of a message, and says how much that was.
    ///
    /// A message that was complete makes room for the next one.
    ///
    /// # Errors
    ///
    /// Where the stream is no netstring, and ever after: it is not known where the next would begin.
    #[durable(
        owner = "acme-team",
        guard = "decoder::tests::a_stream_that_is_no_netstring_is_refused"
    )]
    pub fn push(&mut self, input: &[u8]) -> Result<usize, Invalid> {
        let mut rest = input;
        while let Some((&byte, after)) = rest.split_first() {
            // Whatever leaves early, a panic included, leaves it broken.
            self.state = match mem::replace(&mut self.state, State::Broken) {
                State::Start | State::Complete => {
                    self.message.clear();
                    rest = after;
                    State::Length(digit(byte)?)
                }
                State::Length(length) if byte == b':' => {
                    rest = after;
                    State::Message(length)
                }
                // One number is written in one way.
                State::Length(0) => return Err(Invalid::Length),
                State::Length(length) => {
                    rest = after;
                    let length = length * 10 + digit(byte)?;
                    if length > Self::MAX_MESSAGE {
                        return Err(Invalid::TooLong);
                    }
                    State::Length(length)
                }
                State::Message(0) if byte == b',' => {
                    self.state = State::Complete;
                    return Ok(input.len() - after.len());
                }
                State::Message(0) => return Err(Invalid::End),
                State::Message(missing) => {
                    let (arrived, after) = rest.split_at(missing.min(rest.len()));
                    self.message.extend_from_slice(arrived);
                    rest = after;
                    State::Message(missing - arrived.len())
                }
                State::Broken => return Err(Invalid::Broken),
            };
        }
        Ok(input.len())
    }

    /// The message that is complete, until the next byte is pushed.
    ///
    /// A stream that ends where there is none was cut off.
    #[must_use]
    pub fn message(&self) -> Option<&[u8]> {
        matches!(self.state, State::Complete).then_some(&*self.message)
    }
}

fn digit(byte: u8) -> Result<usize, Invalid> {
    if byte.is_ascii_digit() {
        Ok(usize::from(byte - b'0'))
    } else {
        Err(Invalid::Length)
    }
}

/// Why a stream holds no more netstrings. The messages quote nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invalid {
    /// What should be a length is none.
    Length,
    /// The length is above [`Decoder::MAX_MESSAGE`].
    TooLong,
    /// Behind the message stands no comma.
    End,
    /// There was an error before.
    Broken,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("a length is digits, without a zero before them, and `:`"),
            Self::TooLong => write!(f, "a message has at most {} bytes", Decoder::MAX_MESSAGE),
            Self::End => f.write_str("a message ends with `,`"),
            Self::Broken => f.write_str("the stream was refused before"),
        }
    }
}

impl Error for Invalid {}

#[cfg(test)]
mod tests {
    use super::*;

    /// All messages of a stream that comes in pieces of some size.
    fn decode(stream: &[u8], size: usize) -> Result<Vec<Vec<u8>>, Invalid> {
        let mut decoder = Decoder::default();
        let mut messages = Vec::new();
        for mut piece in stream.chunks(size) {
            while !piece.is_empty() {
                let used = decoder.push(piece)?;
                piece = &piece[used..];
                messages.extend(decoder.message().map(<[u8]>::to_vec));
            }
        }
        Ok(messages)
    }

    #[test]
    fn pieces_of_any_size_give_the_same_messages() {
        let stream = b"5:hello,0:,12:1:a,\0\xff\n2:b,1,1:,,";
        let whole = decode(stream, stream.len()).unwrap();
        let expected: [&[u8]; 4] = [b"hello", b"", b"1:a,\0\xff\n2:b,1", b","];
        assert_eq!(whole, expected);
        for size in 1..stream.len() {
            assert_eq!(decode(stream, size).unwrap(), whole, "{size}");
        }
    }

    #[test]
    fn a_stream_that_is_no_netstring_is_refused() {
        for (stream, invalid) in [
            (&b":,"[..], Invalid::Length),
            (b"-1:,", Invalid::Length),
            (b"+1:a,", Invalid::Length),
            (b" 1:a,", Invalid::Length),
            (b"1 :a,", Invalid::Length),
            (b"01:a,", Invalid::Length),
            (b"00:,", Invalid::Length),
            (b"0x1:a,", Invalid::Length),
            (b"1:ab,", Invalid::End),
            (b"2:a,\n", Invalid::End),
            (b"65537:", Invalid::TooLong),
            (b"18446744073709551617:a,", Invalid::TooLong),
        ] {
            for size in [1, stream.len()] {
                let decoded = decode(stream, size);
                assert_eq!(decoded, Err(invalid), "{}", stream.escape_ascii());
            }
        }
    }

    #[test]
    fn what_is_broken_stays_broken() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(b"1:a,").unwrap(), 4);
        assert_eq!(decoder.push(b"x"), Err(Invalid::Length));
        assert_eq!(decoder.message(), None);
        assert_eq!(decoder.push(b"1:a,"), Err(Invalid::Broken));
        assert_eq!(decoder.message(), None);
    }

    #[test]
    fn the_longest_message_is_as_long_as_promised() {
        let message = vec![b'a'; Decoder::MAX_MESSAGE];
        let stream = [b"65536:", &*message, b","].concat();
        assert_eq!(decode(&stream, 4096).unwrap(), [message]);
    }

    #[test]
    fn a_claimed_length_takes_no_memory() {
        let mut decoder = Decoder::default();
        decoder.push(b"65536:a").unwrap();
        assert!(decoder.message.capacity() < 1024);
    }

    #[test]
    fn decoders_and_errors_cross_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Decoder>();
        crosses::<Invalid>();
    }
}
