use durable_lints::prelude::*;

declare_lint! {
    /// Whoever listens on the network takes over a login, because its cookie is sent without TLS as well.
    ///
    /// ```rust,bad
    /// fn login(id: &str) -> tartlet::Cookie { tartlet::Cookie::new("session", id).http_only(true) }
    /// ```
    ///
    /// ```rust,good
    /// fn login(id: &str) -> tartlet::Cookie { tartlet::Cookie::new("session", id).secure(true) }
    /// ```
    ///
    /// ## What to do
    /// Call `.secure(true)` on every cookie.
    pub static LINT = {
        level: Level::Deny,
        cwe: &[614],
        modelled: |_| Modelled::apis([MAKER]).in_crates([MAKER]),
        check: Check::Code(check),
    }
}

const MAKER: &str = "tartlet::Cookie::new";

fn check(code: &Code<'_>, findings: &mut Findings) {
    for maker in code.calls().iter().filter(|call| call.is(&[MAKER])) {
        let made = code.made(maker);
        let flag = made.method(&["secure"]).and_then(|setter| setter.args.first());
        // A flag that somebody chooses at run time is theirs.
        if flag.is_none_or(|flag| code.is_bool(flag, false)) {
            let finding = findings.at(maker.name_span, "this cookie is sent without TLS as well");
            finding.help("call `.secure(true)` on it").less_certain_if(made.handed_on);
        }
    }
}
