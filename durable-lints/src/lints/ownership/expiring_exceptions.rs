use crate::lint::{Check, Level, Severity};

crate::declare_lint! {
    /// An exception ends within 30 days, and what it covers will then be refused.
    ///
    /// The warning leaves its owner the time to fix the finding, or to decide about a renewal,
    /// before a build fails on an unrelated change.
    ///
    /// ```toml
    /// # durable.lock, read on 2027-01-10
    /// exemptions = [
    ///   { lint = "pinned_certificates", at = "src/tls.rs", item = "tls::client", id = "v1:9f2c", owner = "identity", category = "waiver", expires = 2027-01-31, reason = "partner X migrates in January" },
    /// ]
    /// ```
    ///
    /// ## What to do
    /// Fix the finding, or let its owner renew the exemption with `cargo durable allow`.
    ///
    /// ## Known limits
    /// The 30 days are fixed.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Low,
        cwe: &[1053],
        check: Check::Judge,
    }
}
