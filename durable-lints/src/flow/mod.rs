//! Where values come from: local dataflow from modelled sources to modelled sinks.

use std::marker::PhantomData;

use crate::finding::Span;
use crate::subject::Code;

/// Where the values of one unit come from.
#[derive(Debug)]
pub struct Flow<'a>(PhantomData<&'a ()>);

/// Where a value comes from and what has been done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// Where it may come from. Empty: nothing is known (a parameter of unknown origin) unless `constant`.
    pub origins: Vec<Origin>,
    /// Whether every part of it is fixed in source, or a scalar that cannot carry text.
    pub constant: bool,
    /// Whether text that is not fixed in source was put into a larger text: `format!`, `+`, `push_str`.
    pub built: bool,
    /// What it has been made safe for: by a sanitizer, or by a guard that dominates the use.
    pub safe_for: Vec<Purpose>,
    /// The constant text that it begins with, where that is known.
    pub prefix: Option<String>,
}

/// A source of outside data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What kind.
    pub kind: OriginKind,
    /// Where it enters this unit.
    pub span: Span,
    /// What it is, for people: "`Path` extractor `name`".
    pub what: String,
}

/// The kinds of outside data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OriginKind {
    /// A client of this service.
    Request,
    /// A peer this program talks to.
    Network,
    /// The names and sizes inside an archive.
    Archive,
    /// Whoever runs the program: arguments, environment.
    Operator,
    /// A parameter of this function, by position without `self`.
    Parameter(u8),
}

/// What a value may be made safe for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Text of a database query.
    Sql,
    /// A shell's command line.
    Shell,
    /// An argument of a program.
    Argument,
    /// A path in the file system.
    Path,
    /// The address of an outgoing request.
    Url,
    /// HTML.
    Html,
    /// The size of an allocation.
    Size,
    /// Everything.
    Any,
}

impl<'a> Flow<'a> {
    /// Analyses a unit.
    pub fn of(code: &Code<'a>) -> Flow<'a> {
        let _ = code;
        Flow(PhantomData)
    }

    /// The value of an expression at the place where it stands.
    pub fn value(&self, expr: &'a syn::Expr) -> Value {
        let _ = expr;
        Value::default()
    }
}
