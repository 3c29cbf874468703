//! A package's files with what is derived from them once and shared by all threads.

use crate::subject::{SourceFile, SourcePackage};

/// A package's files, outlined, and what is derived from them on demand. It is shared between
/// threads, so what it remembers is plain data, never a part of `syn`'s tree.
#[derive(Debug, Default)]
pub struct PackageIndex {
    /// What names may mean.
    pub package: SourcePackage,
    /// The files, sorted by path.
    pub files: Vec<SourceFile>,
}

impl PackageIndex {
    /// Indexes outlined files.
    pub fn new(package: SourcePackage, files: Vec<SourceFile>) -> PackageIndex {
        PackageIndex { package, files }
    }
}
