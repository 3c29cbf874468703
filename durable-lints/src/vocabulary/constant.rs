//! Values that are fixed in source.

use std::sync::Arc;

use super::Ty;

/// A value that is fixed in source.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// A boolean.
    Bool(bool),
    /// An integer of any width.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// A character.
    Char(char),
    /// A string, escapes resolved.
    Str(Arc<str>),
    /// A byte string or an array of bytes.
    Bytes(Arc<[u8]>),
    /// An array, slice, `vec!` or tuple of constants.
    List(Vec<Constant>),
    /// A file embedded by `include_str!` or `include_bytes!`, as the path is written;
    /// `env!("CARGO_MANIFEST_DIR")` in it is written as `$CARGO_MANIFEST_DIR`.
    Embedded(Arc<str>),
    /// A duration in nanoseconds.
    Duration(u128),
    /// Fixed in source, but of a value that is not followed: a `const` of a struct type, a call of a
    /// function without parameters that returns a constant.
    Opaque,
}

impl Constant {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Constant::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The integer.
    pub fn as_int(&self) -> Option<i128> {
        match self {
            Constant::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The bytes of a string, byte string or list of small integers.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Constant::Str(text) => Some(text.as_bytes().to_vec()),
            Constant::Bytes(bytes) => Some(bytes.to_vec()),
            Constant::List(parts) => parts.iter().map(|part| u8::try_from(part.as_int()?).ok()).collect(),
            _ => None,
        }
    }

    /// How it reads in a formatted text, where that is plain.
    pub(crate) fn displayed(&self) -> Option<String> {
        match self {
            Constant::Str(text) => Some(text.to_string()),
            Constant::Int(value) => Some(value.to_string()),
            Constant::Bool(value) => Some(value.to_string()),
            Constant::Char(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// A list of small integers as the bytes that its declared type makes of it.
    pub(crate) fn typed(self, ty: Option<&Ty>) -> Constant {
        let of_bytes = ty.is_some_and(|ty| {
            let ty = ty.peeled();
            ty.is_any(&["[array]", "std::vec::Vec"])
                && ty.arg(0).is_some_and(|element| element.is_any(&["u8"]))
        });
        match (&self, of_bytes) {
            (Constant::List(_), true) => match self.to_bytes() {
                Some(bytes) => Constant::Bytes(bytes.into()),
                None => self,
            },
            _ => self,
        }
    }
}
