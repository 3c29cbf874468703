//! A template in, a project out.

mod attribute;
mod names;
mod paths;
mod project;
mod source;
mod stage;
mod template;

pub use attribute::Macros;
pub use names::{Names, is_package};
pub use source::Source;
pub use stage::Stage;
pub use template::{Template, Variable, built_in};
