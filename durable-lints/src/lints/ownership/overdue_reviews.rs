use crate::lint::{Check, Level, Severity};

crate::declare_lint! {
    /// The day for the next review has passed, so nobody knows whether what was sound still is.
    ///
    /// `review_by` in `#[durable(…)]`, `durable_file!(…)` or `[package.metadata.durable]` is the last day on
    /// which a review is in time. It never breaks a build; `check` tells from the day after on.
    ///
    /// ```toml
    /// [package.metadata.durable]
    /// owner = "identity"
    /// review-by = "2026-03-31"
    /// ```
    ///
    /// ## What to do
    /// Review the code, then set `review_by` to the day of the next review.
    ///
    /// ## Known limits
    /// It goes by the day that is written; who reviewed what is not known.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        cwe: &[1053],
        check: Check::Judge,
    }
}
