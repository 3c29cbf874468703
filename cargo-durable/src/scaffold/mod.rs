//! A template in, a project out.

mod attribute;
mod names;
mod stage;
mod template;

pub use names::Names;
pub use stage::Stage;
pub use template::{Template, built_in};
