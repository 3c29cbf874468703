//! What an API is called.

/// The canonical path of an API: the crate's real name first, `core` and `alloc` as `std`,
/// re-exports followed as far as they are known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiPath(pub String);

impl ApiPath {
    /// Whether this is the API meant by `pattern`. Crates move items between modules from version to
    /// version, so the modules need not all be named: the crate and everything from the type (or,
    /// for free functions, the name) on must agree, and the modules that the pattern names must
    /// occur in order. `reqwest::ClientBuilder::new` is also `reqwest::blocking::ClientBuilder::new`.
    pub fn is(&self, pattern: &str) -> bool {
        // Nearly every comparison ends here, before anything is taken apart.
        let (krate, name) = ends(pattern);
        let (own_crate, own_name) = ends(&self.0);
        if krate != own_crate || name != own_name && krate.len() < pattern.len() {
            return false;
        }
        let wanted: Vec<&str> = pattern.split("::").skip(1).collect();
        let given: Vec<&str> = self.0.split("::").skip(1).collect();
        // The tail from the first capitalised segment on is the type and what belongs to it.
        let tail_from =
            wanted.iter().position(|part| starts_upper(part)).unwrap_or(wanted.len().saturating_sub(1));
        let (modules, tail) = wanted.split_at(tail_from);
        if given.len() < tail.len() || !given.ends_with(tail) {
            return false;
        }
        let mut rest = given[..given.len() - tail.len()].iter();
        // A longer type path (`Outer::Inner`) is not the type that was asked for.
        if tail_from < wanted.len() && rest.clone().any(|part| starts_upper(part)) {
            return false;
        }
        modules.iter().all(|module| rest.any(|part| part == module))
    }

    /// The name of the crate.
    pub fn krate(&self) -> &str {
        self.0.split("::").next().unwrap_or("")
    }

    /// The last segment.
    pub fn name(&self) -> &str {
        self.0.rsplit("::").next().unwrap_or("")
    }
}

/// The crate and the last name of a path: what two paths have to share to mean the same.
pub(crate) fn ends(path: &str) -> (&str, &str) {
    (path.split(':').next().unwrap_or(""), path.rsplit(':').next().unwrap_or(""))
}

fn starts_upper(part: &str) -> bool {
    part.starts_with(|c: char| c.is_uppercase())
}
