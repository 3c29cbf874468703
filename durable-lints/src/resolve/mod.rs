//! What names, types and values mean: `use` trees across the files of a package and the packages
//! of a workspace, light local types, constants.

mod bindings;
mod constants;
mod declarations;
mod evaluate;
mod format;
mod index;
mod infer;
mod items;
mod locals;
mod names;
mod paths;
mod scopes;
mod std_methods;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod types;

pub use crate::vocabulary::{Constant, Ty};
pub use index::PackageIndex;
pub use locals::Locals;
pub use names::{Definition, Names, Signature};
