use durable_lints::prelude::*;

declare_lint! {
    /// A browser rewrites what the server keeps in it, because the jar does not sign its cookies.
    ///
    /// ```rust,bad
    /// fn jar() -> tartlet::Jar { tartlet::Jar::unsigned() }
    /// ```
    ///
    /// ```rust,good
    /// fn jar(key: tartlet::Key) -> tartlet::Jar { tartlet::Jar::signed(key) }
    /// ```
    ///
    /// ## What to do
    /// Sign the jar with a key that is read at start-up.
    pub static LINT = {
        cwe: &[565],
        modelled: |_| Modelled::apis(UNSIGNED.iter().copied()).in_crates(UNSIGNED.iter().copied()),
        check: Check::Code(check),
    }
}

const UNSIGNED: &[&str] = &["tartlet::Jar::unsigned", "tartlet::Jar::default"];

fn check(code: &Code<'_>, findings: &mut Findings) {
    for call in code.calls().iter().filter(|call| call.is(UNSIGNED)) {
        findings
            .at(call.name_span, "this jar does not sign its cookies")
            .help("make it with `Jar::signed(key)`");
    }
}
