//! The words that every part of the engine speaks: places, APIs, types, values, data. It knows no other part.

mod api_path;
mod constant;
mod data;
mod place;
mod relevance;
mod ty;

pub use api_path::ApiPath;
pub(crate) use api_path::ends;
pub use constant::Constant;
pub use data::{OriginKind, Purpose, SELF};
pub use place::{Position, Span};
pub use relevance::Relevance;
pub use ty::Ty;
