//! CODEOWNERS: which files its patterns mean, what its lines say, and what a host makes of them.

mod owner;
mod parse;
mod patterns;
mod write;

pub use owner::is_owner;
pub use parse::{CodeOwners, Compiled, Exclusion, Problem, Rule, first_section, parse};
pub use patterns::Patterns;
pub use write::lines;

/// Who reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// GitHub.
    Github,
    /// GitLab.
    Gitlab,
}

/// How the line begins behind which stands what the policy says.
pub const BEGIN: &str = "# durable: owners begin";

/// How the line begins that ends it.
pub const END: &str = "# durable: owners end";

/// A larger file is not read by GitHub.
pub const LARGEST_ON_GITHUB: u64 = 3 << 20;

impl Host {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Host::Github => "GitHub",
            Host::Gitlab => "GitLab",
        }
    }

    /// Where it looks for the file; the first that is there counts.
    pub fn places(self) -> [&'static str; 3] {
        match self {
            Host::Github => [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"],
            Host::Gitlab => ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"],
        }
    }

    /// Where a new file belongs.
    pub fn new_place(self) -> &'static str {
        match self {
            Host::Github => ".github/CODEOWNERS",
            Host::Gitlab => ".gitlab/CODEOWNERS",
        }
    }
}
