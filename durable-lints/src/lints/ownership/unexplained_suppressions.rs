use crate::lint::{Check, Level, Severity};

crate::declare_lint! {
    /// A finding is silenced in source without an owner, a reason or an end, so nobody will look at it again.
    ///
    /// ```rust
    /// #[durable(allow(dynamic_sql_strings))]
    /// fn dump(table: &str) -> String {
    ///     format!("SELECT * FROM {table}")
    /// }
    /// ```
    ///
    /// ## What to do
    /// An exception says who answers for it, why, and until when:
    ///
    /// ```rust
    /// #[durable(allow(dynamic_sql_strings), owner = "data", expires = "<last day>", reason = "table is one of TABLES, see the guard")]
    /// fn dump(table: &str) -> String {
    ///     format!("SELECT * FROM {table}")
    /// }
    /// ```
    ///
    /// ## Known limits
    /// Only the exceptions of this tool are looked at; `#[allow(clippy::…)]` is not.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Medium,
        cwe: &[1053, 710],
        check: Check::Judge,
    }
}
