//! Where values come from: local dataflow from modelled sources to modelled sinks.
//!
//! A unit is walked forward once, in statement order, with an environment from bindings to facts.
//! Branches are joined, loops run twice, closures run where they stand. Functions of the workspace
//! are summarised (`summary.rs`) and their summaries remembered as plain data.

mod analysis;
mod calls;
mod checked;
mod commands;
mod env;
mod fact;
mod guards;
mod handlers;
mod macros;
mod methods;
mod patterns;
mod summary;
#[cfg(test)]
mod tests;
mod value;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::code::Code;
use crate::models::services::listens;
use crate::vocabulary::ApiPath;
use crate::vocabulary::Span;

pub use crate::vocabulary::{OriginKind, Purpose, SELF};
pub use handlers::takes_input;
pub(crate) use macros::holes;
pub use summary::Summaries;
pub use value::Value;

/// Where the values of one unit come from.
#[derive(Debug, Default)]
pub struct Flow<'a> {
    /// By the address of the expression; what is not here is unknown.
    values: FxHashMap<usize, Value>,
    sinks: Vec<SinkUse<'a>>,
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

/// An argument of a sink, with the value that reaches it.
#[derive(Clone, Debug)]
pub struct SinkUse<'a> {
    /// The call in this unit: of the sink, or of a function in which the sink stands.
    pub call: Span,
    /// The argument in this unit.
    pub argument: Span,
    /// The argument's expression, where it has one of its own.
    pub expr: Option<&'a syn::Expr>,
    /// What the argument is used as.
    pub purpose: Purpose,
    /// What reaches the sink.
    pub value: Value,
    /// What the sink is, for people: `std::fs::read`.
    pub sink: String,
    /// Where the sink itself stands, if it is in a function that this unit calls.
    pub via: Option<Via>,
}

/// A sink in another function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// The function in which the sink stands.
    pub function: ApiPath,
    /// Its file.
    pub file: Arc<str>,
    /// The sink's argument in that file.
    pub span: Span,
}

impl<'a> SinkUse<'a> {
    /// What a client chooses of what reaches the sink unsafely: data of a request, or what a peer
    /// sends to a file that accepts connections. Data from a server that the program asked, and from
    /// archives, is another matter.
    pub fn request(&self, code: &Code<'_>) -> Option<&Origin> {
        self.threat()?;
        let accepts = listens(code.file);
        self.value.origins.iter().find(|origin| match origin.kind {
            OriginKind::Request => true,
            OriginKind::Network => accepts,
            _ => false,
        })
    }

    /// Whether what reaches the sink went by a check that is one by its name alone.
    pub fn is_checked_by_name(&self) -> bool {
        self.value.safe_for.contains(&Purpose::Nominal)
    }

    /// Where the data ends up, for people: "reaches `sqlx::query` in `load`".
    pub fn reach(&self) -> String {
        match &self.via {
            Some(via) => format!("reaches {} in `{}`", quoted(&self.sink), via.function.name()),
            None => format!("reaches {}", quoted(&self.sink)),
        }
    }

    /// The hostile origin that reaches the sink unsafely.
    pub fn threat(&self) -> Option<&Origin> {
        self.value.threat(self.purpose)
    }
}

impl<'a> Flow<'a> {
    /// Analyses a unit.
    pub fn of(code: &Code<'a>) -> Flow<'a> {
        analysis::run(code, summary::DEPTH)
    }

    /// The value of an expression at the place where it stands.
    pub fn value(&self, expr: &'a syn::Expr) -> Value {
        self.values.get(&address(expr)).cloned().unwrap_or_default()
    }

    /// Every argument of a sink in the unit, or in functions that it calls and hands data to.
    pub fn sinks(&self) -> &[SinkUse<'a>] {
        &self.sinks
    }

    /// The sinks of one purpose that hostile data reaches unsafely, with its origin.
    pub fn threats(&self, purpose: Purpose) -> impl Iterator<Item = (&SinkUse<'a>, &Origin)> {
        let uses = self.sinks.iter().filter(move |sink| sink.purpose == purpose);
        uses.filter_map(|sink| Some((sink, sink.threat()?)))
    }
}

/// A path in the quotes of code; words as they are.
fn quoted(sink: &str) -> String {
    if sink.contains(' ') { sink.to_owned() } else { format!("`{sink}`") }
}

/// Trees do not move while they are borrowed, so an expression's address is its name.
fn address(expr: &syn::Expr) -> usize {
    std::ptr::from_ref(expr) as usize
}
