//! What can go wrong, where, and which exit code says so.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::services::{Invalid, MAX_BYTES};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },

    #[error("{}: is larger than {MAX_BYTES} bytes", path.display())]
    TooLarge { path: PathBuf },

    #[error("{}:{line}: {source}", path.display())]
    Invalid {
        path: PathBuf,
        line: usize,
        source: Invalid,
    },

    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
}

impl Error {
    /// 1 where the input is at fault, 2 where it could not be judged; clap ends a wrong call with 2 as well.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Invalid { .. } | Self::TooLarge { .. } => ExitCode::from(1),
            Self::Unreadable { .. } | Self::Output(_) => ExitCode::from(2),
        }
    }
}
