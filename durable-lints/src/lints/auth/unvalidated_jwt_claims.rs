use crate::models::secrets::words;
use crate::prelude::*;

declare_lint! {
    /// A stolen or foreign token stays good for ever, as its expiry or audience is not checked.
    ///
    /// A signature says who issued a token; its claims say until when and for whom. A service that
    /// switches those checks off takes every token that was ever issued, or those for other services.
    ///
    /// ```rust,bad
    /// fn validation() -> jsonwebtoken::Validation {
    ///     let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    ///     validation.validate_exp = false;
    ///     validation
    /// }
    /// ```
    ///
    /// ```rust,good
    /// fn validation() -> jsonwebtoken::Validation {
    ///     let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    ///     validation.set_audience(&["orders-api"]);
    ///     validation.set_issuer(&["https://id.example.net"]);
    ///     validation
    /// }
    /// ```
    ///
    /// ## What to do
    /// Keep the defaults of `Validation::new` and add the audience and issuer that the service expects.
    /// For clocks that disagree, a leeway of a minute is enough.
    ///
    /// ## Known limits
    /// Functions named after refreshing, logging out, revoking or inspecting tokens take expired ones on
    /// purpose and are not reported. Claims that are checked by hand afterwards are not seen.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[613, 287],
        triggers: &[
            "validate_exp",
            "validate_aud",
            "required_spec_claims",
            "set_required_spec_claims",
            "leeway",
            "ValidationOptions",
            "accept_future",
            "time_tolerance",
            "allow_non_expiring",
            "disable_valid_at",
            "set_no_expiration_danger_acknowledged",
        ],
        crates: &["jsonwebtoken", "frank_jwt", "jwt-simple", "pasetors", "rusty_paseto"],
        check: Check::Code(check),
    }
}

const FOR_EVER: &str = "an expired token stays good for ever";
const NO_EXPIRY: &str = "a token without an expiry is accepted";
const FOREIGN: &str = "a token made for another service is accepted";
const LENIENT: &str = "an expired token stays good for long";
const HELP: &str = "keep the defaults of the validation, and name the audience and issuer";

/// More than clocks disagree by, in seconds.
const LONG_LEEWAY: i128 = 3600;

/// Methods that switch a check off by being called. They are of one library's making.
const SWITCHES: &[(&str, &str)] = &[
    ("allow_non_expiring", NO_EXPIRY),
    ("disable_valid_at", FOR_EVER),
    ("set_no_expiration_danger_acknowledged", NO_EXPIRY),
];

/// Words in the name of a function that takes expired tokens on purpose.
const ON_PURPOSE: &[&str] = &[
    "refresh",
    "logout",
    "revoke",
    "introspect",
    "inspect",
    "expired",
    "unexpired",
    "debug",
    "peek",
    "renew",
];

fn check(code: &Code<'_>, findings: &mut Findings) {
    let on_purpose = words(code.name()).iter().any(|word| ON_PURPOSE.contains(&&**word));
    let unsigned = code.calls().iter().any(|call| call.is_method("insecure_disable_signature_validation"));
    if on_purpose || unsigned {
        return;
    }
    for call in code.calls() {
        check_call(code, call, findings);
    }
    for expr in code.exprs() {
        match expr {
            syn::Expr::Assign(assign) => {
                if let syn::Expr::Field(field) = &*assign.left
                    && let syn::Member::Named(name) = &field.member
                    && is_validation(code, &field.base)
                {
                    let statement = statement(code, expr);
                    check_field(code, name, &assign.right, statement, findings);
                }
            }
            syn::Expr::Struct(literal) => {
                const TYPES: &[&str] = &["jsonwebtoken::Validation", "jwt_simple::VerificationOptions"];
                if !code.resolve(&literal.path).is_some_and(|path| TYPES.iter().any(|ty| path.is(ty))) {
                    continue;
                }
                for field in &literal.fields {
                    if let syn::Member::Named(name) = &field.member {
                        check_field(code, name, &field.expr, None, findings);
                    }
                }
            }
            _ => {}
        }
    }
}

fn check_call<'a>(code: &Code<'a>, call: &Call<'a>, findings: &mut Findings) {
    let switch = SWITCHES.iter().find(|(name, _)| call.is_method(name));
    let effect = if let Some((_, effect)) = switch {
        effect
    } else if call.is(&["frank_jwt::ValidationOptions::dangerous"]) {
        FOR_EVER
    } else if requires_no_expiry(code, call) {
        NO_EXPIRY
    } else {
        return;
    };
    findings.at(call.name_span, format!("`{}`: {effect}", call.name)).help(HELP);
}

/// `required_spec_claims.clear()`, `.remove("exp")`, `set_required_spec_claims(&[])`.
fn requires_no_expiry<'a>(code: &Code<'a>, call: &Call<'a>) -> bool {
    let of_claims = matches!(call.receiver, Some(syn::Expr::Field(field))
        if matches!(&field.member, syn::Member::Named(name) if name == "required_spec_claims"));
    let first = call.args.first().and_then(|arg| code.constant(arg));
    match &*call.name {
        "clear" => of_claims,
        "remove" => of_claims && matches!(first, Some(Constant::Str(name)) if &*name == "exp"),
        "set_required_spec_claims" => {
            let is_empty = |arg: &syn::Expr| {
                let arg = match arg {
                    syn::Expr::Reference(reference) => &*reference.expr,
                    arg => arg,
                };
                matches!(arg, syn::Expr::Array(array) if array.elems.is_empty())
            };
            call.args.first().is_some_and(|arg| is_empty(arg))
        }
        _ => false,
    }
}

fn check_field<'a>(
    code: &Code<'a>,
    name: &syn::Ident,
    value: &'a syn::Expr,
    statement: Option<Span>,
    findings: &mut Findings,
) {
    let effect = match &*name.to_string() {
        "validate_exp" if code.is_bool(value, false) => FOR_EVER,
        "validate_aud" if code.is_bool(value, false) && !checks_issuer(code) => FOREIGN,
        "leeway" if matches!(code.constant(value), Some(Constant::Int(seconds)) if seconds >= LONG_LEEWAY) => {
            LENIENT
        }
        "required_spec_claims" if is_empty_set(code, value) => NO_EXPIRY,
        "accept_future" if code.is_bool(value, true) => "a token is accepted before it is valid",
        _ => return,
    };
    let finding = findings
        .at(code.span(name), format!("`{name}`: {effect}"))
        .label(code.span(value), "set here")
        .help(HELP);
    if let Some(statement) = statement {
        finding.fix(Fix::needs_review("keep the default").delete(statement));
    }
}

/// Without an audience in its tokens, an issuer of one's own is what keeps foreign tokens out.
fn checks_issuer(code: &Code<'_>) -> bool {
    code.calls().iter().any(|call| call.is_method("set_issuer"))
        || code.snippet(code.outline().span).contains("iss:")
}

fn is_empty_set<'a>(code: &Code<'a>, value: &'a syn::Expr) -> bool {
    let call = code.call(value);
    call.is_some_and(|call| {
        call.args.is_empty()
            && (call.is(&["std::collections::HashSet::new", "std::collections::HashSet::default"]))
    })
}

/// Whether an expression is a validation. Where its type is not known, the fields' names speak: they
/// are of one library's making, but for `leeway`, which needs the type.
fn is_validation<'a>(code: &Code<'a>, base: &'a syn::Expr) -> bool {
    match code.type_of(base) {
        Some(ty) => {
            ty.peeled().path.is("jsonwebtoken::Validation")
                || ty.peeled().path.is("jwt_simple::VerificationOptions")
        }
        None => code.snippet(code.outline().span).contains("Validation"),
    }
}

/// The statement that an assignment is, with its semicolon.
fn statement(code: &Code<'_>, assign: &syn::Expr) -> Option<Span> {
    let span = code.span(assign);
    let after = code.file.text.get(span.end as usize..)?;
    after.starts_with(';').then(|| Span::new(span.start, span.end + 1))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use jsonwebtoken::*;
                fn f() -> Validation {
                    Validation { validate_exp: false, ..Validation::default() }
                //~              ^^^^^^^^^^^^ `validate_exp`: an expired token stays good for ever
                //~                            ----- set here
                }
            "#]],
            expect![[r#"
                fn f() {
                    let mut v = jsonwebtoken::Validation::default();
                    v.validate_aud = false;
                //~   ^^^^^^^^^^^^ `validate_aud`: a token made for another service is accepted
                //~                  ----- set here
                //~ fix: keep the default
                }
            "#]],
            expect![[r#"
                fn f(v: &mut jsonwebtoken::Validation) {
                    v.required_spec_claims.clear();
                //~                        ^^^^^ `clear`: a token without an expiry is accepted
                }
            "#]],
            expect![[r#"
                fn f(v: &mut jsonwebtoken::Validation) {
                    v.set_required_spec_claims::<&str>(&[]);
                //~   ^^^^^^^^^^^^^^^^^^^^^^^^ `set_required_spec_claims`: a token without an expiry is accepted
                }
            "#]],
            expect![[r#"
                fn f(v: &mut jsonwebtoken::Validation) {
                    v.required_spec_claims = std::collections::HashSet::new();
                //~   ^^^^^^^^^^^^^^^^^^^^ `required_spec_claims`: a token without an expiry is accepted
                //~                          -------------------------------- set here
                //~ fix: keep the default
                }
            "#]],
            expect![[r#"
                const DAY: u64 = 24 * 60 * 60;
                fn f(mut v: jsonwebtoken::Validation) {
                    v.leeway = DAY;
                //~   ^^^^^^ `leeway`: an expired token stays good for long
                //~            --- set here
                //~ fix: keep the default
                }
            "#]],
            expect![[r#"
                fn f() {
                    let o = frank_jwt::ValidationOptions::dangerous();
                //~                                       ^^^^^^^^^ `dangerous`: an expired token stays good for ever
                }
            "#]],
            expect![[r#"
                fn f(r: &mut pasetors::claims::ClaimsValidationRules) {
                    r.allow_non_expiring();
                //~   ^^^^^^^^^^^^^^^^^^ `allow_non_expiring`: a token without an expiry is accepted
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f() { let mut v = jsonwebtoken::Validation::default(); v.validate_exp = true; v.leeway = 60; }",
            "fn f(strict: bool) { let mut v = jsonwebtoken::Validation::default(); v.validate_exp = strict; }",
            "fn refresh_session() { let mut v = jsonwebtoken::Validation::default(); v.validate_exp = false; }",
            "fn f() { let mut v = jsonwebtoken::Validation::default(); v.validate_aud = false; v.set_issuer(&[\"me\"]); }",
            "struct Own { validate_exp: bool }\nfn f(mut o: Own) { o.validate_exp = false; }",
            "fn f(v: &mut jsonwebtoken::Validation) { v.set_required_spec_claims(&[\"exp\", \"aud\"]); }",
            "fn f(v: &mut Vec<u8>) { v.clear(); }",
        ]);
    }
}
