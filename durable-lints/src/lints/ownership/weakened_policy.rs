use crate::lint::{Check, Level, Severity};

crate::declare_lint! {
    /// A change lowers the guard, so that what was refused yesterday passes tomorrow.
    ///
    /// With `--against REV` the policy and the exemptions are compared with those of that commit.
    /// A level that was lowered, a lint that looks at less, an owner, control, model or `extends`
    /// that is gone, what passes to another owner or host's handle, an owner, control or guard that an
    /// attribute names no more, rarer reviews, longer terms, more renewals, and an exemption or `allow` in
    /// source that was added or renewed are found. Without it, an attempt to lower what an extended file forbids is.
    ///
    /// ```toml
    /// # durable.toml, where ../platform/durable.toml says pinned_certificates = "forbid"
    /// extends = ["../platform/durable.toml"]
    ///
    /// [lints]
    /// pinned_certificates = "warn"
    /// ```
    ///
    /// ## What to do
    /// Take the change back, or have its owner stand in: `--approve-weakening OWNER` names who answers for it.
    ///
    /// ## Known limits
    /// An extended file outside the repository is compared as it is now.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[1053, 693],
        check: Check::Judge,
    }
}
