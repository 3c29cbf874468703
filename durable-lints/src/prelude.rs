//! What every lint file needs.

pub use crate::code::{Call, CallKind, Code, MacroCall, Made, Tree};
pub use crate::declare_lint;
pub use crate::finding::{Findings, Span};
pub use crate::fix::Fix;
pub use crate::lint::{Check, Confidence, Level, Modelled, Scope, Severity};
pub use crate::subject::*;
pub use crate::vocabulary::{ApiPath, Constant, Ty};
