//! Outside data: who chooses it, and what it may be used as.

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
    /// A parameter of this function, by position without `self`; [`SELF`] is `self`.
    Parameter(u8),
}

/// The position that stands for `self` in [`OriginKind::Parameter`].
pub const SELF: u8 = u8::MAX;

impl OriginKind {
    /// Whether an attacker chooses such data wherever the program runs: a client, a peer or the
    /// maker of an archive, but neither the operator nor an unknown caller.
    pub fn is_hostile(self) -> bool {
        matches!(self, OriginKind::Request | OriginKind::Network | OriginKind::Archive)
    }
}

/// What a value may be made safe for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Text of a database query.
    Sql,
    /// A shell's command line.
    Shell,
    /// The program to start.
    Program,
    /// An argument of a program.
    Argument,
    /// A path in the file system.
    Path,
    /// The address of an outgoing request.
    Url,
    /// HTML.
    Html,
    /// A line of a log.
    Log,
    /// The size of an allocation.
    Size,
    /// Everything.
    Any,
    /// Nothing for sure: a call whose name says that it decides what is fit for use was asked about it.
    Nominal,
}
