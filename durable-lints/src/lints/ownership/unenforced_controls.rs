use crate::lint::{Check, Level, Severity};

crate::declare_lint! {
    /// A control is called in force, and nothing enforces it: what it requires can be undone unseen.
    ///
    /// A control in `durable.toml` that is in force is enforced by a lint that fails the check, by another
    /// tool that runs in CI, or by reviews that are not overdue. A control that an attribute names and that
    /// nobody declared is enforced by nothing either.
    ///
    /// ```toml
    /// # durable.toml
    /// [[controls]]
    /// id = "ID4.1.3"
    /// title = "No pinned certificates"
    /// enforced-by = ["pinned_certificates"]
    ///
    /// [lints]
    /// pinned_certificates = "warn"   # a warning stops nobody
    /// ```
    ///
    /// ## What to do
    /// Deny the lint, run the tool in CI, hold the review and set `review-by` anew, or give the control the
    /// status that it has: `planned`.
    ///
    /// ## Known limits
    /// Another tool counts as run where a file of CI, or a script that such a file names, has its name in
    /// a line that is no comment; where no file of CI is found, nothing is said of tools. Files that
    /// `exclude` leaves out are a matter of `--against`. Where no control is declared, an attribute may
    /// name any.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[693, 1053],
        check: Check::Judge,
    }
}
