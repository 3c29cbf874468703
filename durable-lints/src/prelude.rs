//! What every lint file needs.

pub use crate::declare_lint;
pub use crate::finding::{Findings, Span};
pub use crate::fix::Fix;
pub use crate::lint::{Check, Confidence, Level, Modelled, Scope, Severity};
pub use crate::resolve::{Constant, Ty};
pub use crate::subject::*;
