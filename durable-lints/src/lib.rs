//! The engine and lints of `cargo durable`: facts in, findings out.
//!
//! [`load`] is the only module that touches the disk. Everything behind it sees text and typed
//! facts, so that a check can be replayed over any commit of history.

pub mod code;
pub mod codeowners;
pub(crate) mod derived;
pub(crate) mod digests;
pub mod engine;
pub mod finding;
pub mod fix;
pub mod fixture;
pub mod flow;
pub mod homes;
pub mod lint;
#[allow(
    rustdoc::invalid_codeblock_attributes,
    reason = "the examples of lints name their files, some of them hidden"
)]
pub mod lints;
pub mod load;
mod mentions;
pub mod models;
pub mod outline;
pub mod prelude;
pub mod report;
pub mod resolve;
pub mod subject;
pub mod syntax;
pub mod vocabulary;
