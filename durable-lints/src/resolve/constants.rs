//! Values that are fixed in source.

use std::sync::Arc;

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
    /// A file embedded by `include_str!` or `include_bytes!`, as the path is written.
    Embedded(Arc<str>),
    /// A duration in nanoseconds.
    Duration(u128),
    /// Fixed in source, but of a value that is not followed: a `const` of a struct type, a call of a
    /// function without parameters that returns a constant.
    Opaque,
}
