//! What ecosystem APIs mean, as data.

pub mod propagators;
pub mod reexports;
pub mod sanitizers;
pub mod sinks;
pub mod sources;
pub mod types;

use std::sync::Arc;

use crate::flow::{OriginKind, Purpose};
use crate::subject::ApiPath;

/// What APIs mean to one project: the built-in tables and the project's own `[[models]]`.
#[derive(Clone, Debug, Default)]
pub struct Models {
    /// Calls whose result, or types whose values, are outside data.
    pub sources: Vec<(Arc<str>, OriginKind)>,
    /// Calls with an argument (by position, `self` left out) that outside data must not reach.
    pub sinks: Vec<(Arc<str>, Purpose, usize)>,
    /// Calls that make a value safe, or tell (by `true` or `Ok`) that it is.
    pub sanitizers: Vec<(Arc<str>, Purpose)>,
    /// APIs that must not be used at all.
    pub banned: Vec<Arc<str>>,
}

/// An argument that outside data must not reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sink {
    /// What the argument is used as.
    pub purpose: Purpose,
    /// Its position, `self` left out.
    pub argument: usize,
}

impl Models {
    /// What the result of a call, or a value of a type, is.
    pub fn source(&self, api: &ApiPath) -> Option<OriginKind> {
        let own = self.sources.iter().find(|(pattern, _)| api.is(pattern)).map(|(_, kind)| *kind);
        own.or_else(|| sources::find(api))
    }

    /// The arguments of an API that are sinks.
    pub fn sinks(&self, api: &ApiPath) -> Vec<Sink> {
        let mut found: Vec<Sink> = sinks::find(api);
        let own = self.sinks.iter().filter(|(pattern, ..)| api.is(pattern));
        found.extend(own.map(|(_, purpose, argument)| Sink { purpose: *purpose, argument: *argument }));
        found
    }

    /// What the result of an API is safe for.
    pub fn sanitizes(&self, api: &ApiPath) -> Vec<Purpose> {
        let own = self.sanitizers.iter().filter(|(pattern, _)| api.is(pattern)).map(|(_, purpose)| *purpose);
        own.chain(sanitizers::find(api).iter().copied()).collect()
    }

    /// The pattern of the project's list that bans an API.
    pub fn bans(&self, api: &ApiPath) -> Option<&str> {
        self.banned.iter().map(|pattern| &**pattern).find(|pattern| api.is(pattern))
    }
}
