use crate::lint::{Check, Level, Severity};

crate::declare_lint! {
    /// The owner that is named does not exist, so nobody answers for the code or the exception.
    ///
    /// Owners are declared under `[owners]` in `durable.toml`. As soon as one is declared, every
    /// exemption, `allow` in source, control, `#[durable(…)]`, `durable_file!(…)` and
    /// `[package.metadata.durable]` has to name one of them. What is written there and not understood is
    /// told as well, as it names nobody.
    ///
    /// ```toml
    /// # durable.toml
    /// [owners.identity]
    /// team = "Identity Platform"
    ///
    /// [[controls]]
    /// id = "ID4.1.3"
    /// title = "No pinned certificates"
    /// owner = "identiy"
    /// ```
    ///
    /// ## What to do
    /// Name an owner that is declared, or declare this one.
    ///
    /// ## Known limits
    /// Where no owner is declared, every name passes.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Medium,
        cwe: &[1053],
        check: Check::Judge,
    }
}
