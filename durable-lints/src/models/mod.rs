//! What ecosystem APIs mean, as data.

mod by_api;
mod modelled;
pub mod project;
pub mod propagators;
pub mod reexports;
pub mod sanitizers;
pub mod secrets;
pub mod security;
pub mod services;
pub mod sinks;
pub mod sources;
pub mod types;

use std::sync::Arc;

use crate::models::project::{ModelKind, ProjectModel};
use crate::vocabulary::{ApiPath, OriginKind, Purpose};

pub use modelled::Modelled;

/// What APIs mean to one project: the built-in tables and the project's own `[[models]]`.
#[derive(Clone, Debug, Default)]
pub struct Models {
    /// Calls whose result, or types whose values, are outside data.
    pub sources: Vec<(Arc<str>, OriginKind)>,
    /// Calls with an argument (by position, `self` left out; all without one) that outside data must
    /// not reach.
    pub sinks: Vec<(Arc<str>, Purpose, Option<usize>)>,
    /// Calls that make a value safe, or tell (by `true` or `Ok`) that it is.
    pub sanitizers: Vec<(Arc<str>, Purpose)>,
    /// APIs that must not be used at all.
    pub banned: Vec<Banned>,
    /// Calls with the types that they return.
    pub returns: Vec<(Arc<str>, Arc<str>)>,
}

/// An API that a project does not want to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banned {
    /// Its path.
    pub path: Arc<str>,
    /// What is wrong with it, in the project's words.
    pub message: Option<Arc<str>>,
    /// What to use instead.
    pub help: Option<Arc<str>>,
}

fn purpose(written: project::Purpose) -> Purpose {
    match written {
        project::Purpose::Sql => Purpose::Sql,
        project::Purpose::Path => Purpose::Path,
        project::Purpose::Url => Purpose::Url,
        project::Purpose::Shell => Purpose::Shell,
        project::Purpose::Html => Purpose::Html,
        project::Purpose::Log => Purpose::Log,
    }
}

/// An argument that outside data must not reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sink {
    /// What the argument is used as.
    pub purpose: Purpose,
    /// Its position, `self` left out.
    pub argument: usize,
}

/// How many arguments of a call are looked at, where a project's sink names none.
const MOST_ARGUMENTS: usize = 16;

impl Models {
    /// The built-in tables with what a project says about its own APIs.
    pub fn with(project: &[ProjectModel]) -> Models {
        let mut models = Models::default();
        for model in project {
            let path: Arc<str> = model.path.join("::").into();
            let purpose = model.purpose.map(purpose);
            match model.kind {
                ModelKind::Source => models.sources.push((path, OriginKind::Request)),
                ModelKind::Sink => {
                    let argument = model.argument.map(usize::from);
                    models.sinks.extend(purpose.map(|purpose| (path, purpose, argument)));
                }
                ModelKind::Sanitizer => models.sanitizers.push((path, purpose.unwrap_or(Purpose::Any))),
                ModelKind::Banned => models.banned.push(Banned {
                    path,
                    message: model.message.as_deref().map(Into::into),
                    help: model.help.as_deref().map(Into::into),
                }),
                ModelKind::Returns => {
                    let returns = model.returns.as_deref().map(Into::into);
                    models.returns.extend(returns.map(|returns| (path, returns)));
                }
            }
        }
        models
    }

    /// What the result of a call, or a value of a type, is.
    pub fn source(&self, api: &ApiPath) -> Option<OriginKind> {
        let own = self.sources.iter().find(|(pattern, _)| api.is(pattern)).map(|(_, kind)| *kind);
        own.or_else(|| sources::find(api))
    }

    /// The arguments of an API that are sinks.
    pub fn sinks(&self, api: &ApiPath) -> Vec<Sink> {
        let mut found: Vec<Sink> = sinks::find(api);
        for (_, purpose, argument) in self.sinks.iter().filter(|(pattern, ..)| api.is(pattern)) {
            let arguments = argument.map_or(0..MOST_ARGUMENTS, |argument| argument..argument + 1);
            found.extend(arguments.map(|argument| Sink { purpose: *purpose, argument }));
        }
        found
    }

    /// What the result of an API is safe for.
    pub fn sanitizes(&self, api: &ApiPath) -> Vec<Purpose> {
        let own = self.sanitizers.iter().filter(|(pattern, _)| api.is(pattern)).map(|(_, purpose)| *purpose);
        own.chain(sanitizers::find(api).iter().copied()).collect()
    }

    /// The names that occur where a client's data enters, or where the project's own sinks of a
    /// purpose are called: the triggers of a lint about data that flows from one to the other.
    pub fn names_in_flows_to(&self, purpose: Purpose) -> Modelled<'_> {
        let sources = self.sources.iter().map(|(path, _)| last_name(path));
        let sinks = self.sinks.iter().filter(|(_, other, _)| *other == purpose);
        let own = sources.chain(sinks.map(|(path, ..)| last_name(path))).collect();
        Modelled { built_in: sources::REQUEST_TRIGGERS.to_vec(), own, crates: Vec::new() }
    }

    /// The names of what the project bans.
    pub fn banned_names(&self) -> Modelled<'_> {
        let own = self.banned.iter().map(|banned| last_name(&banned.path)).collect();
        Modelled { own, ..Modelled::default() }
    }

    /// The entry of the project's list that bans an API.
    pub fn bans(&self, api: &ApiPath) -> Option<&Banned> {
        self.banned.iter().find(|banned| api.is(&banned.path))
    }
}

fn last_name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}
