use crate::lint::{Check, Level, Severity};

crate::declare_lint! {
    /// An exception is expired, unexplained or unused, so a known weakness stays open and nobody decides about it.
    ///
    /// An exemption in `durable.lock` and an `allow` in source hold for a time, for a reason and
    /// under a name. This lint finds those that are past their last day, have no last day or one
    /// that lies further ahead than `max-term` allows, were renewed more often than `renewals`
    /// allows, give no reason, name no lint, cover what the policy forbids, or cover nothing any
    /// more. An exception past its day does not count: what it covered is shown again.
    ///
    /// ```toml
    /// # durable.lock
    /// exemptions = [
    ///   { lint = "pinned_certificates", at = "src/tls.rs", item = "tls::client", id = "v1:9f2c", owner = "identity", category = "waiver", expires = 2026-01-31, reason = "" },
    /// ]
    /// ```
    ///
    /// ## What to do
    /// Fix the finding, or renew the exemption with `cargo durable allow`, a reason and a date.
    /// `cargo durable fix` removes exemptions that cover nothing any more.
    ///
    /// ## Known limits
    /// Where only a part of the workspace is checked, or a lint could not run, exceptions outside
    /// that part are not called unused.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[1053],
        check: Check::Judge,
    }
}
