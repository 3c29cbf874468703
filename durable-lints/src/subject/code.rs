//! One parsed unit of Rust code.

use std::marker::PhantomData;

/// One parsed unit.
#[derive(Debug)]
pub struct Code<'a>(PhantomData<&'a ()>);
