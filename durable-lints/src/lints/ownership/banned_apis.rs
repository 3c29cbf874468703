use syn::visit::Visit;

use crate::prelude::*;

declare_lint! {
    /// An API is used that this project has ruled out, because a review found it unsafe here.
    ///
    /// What a project learns about its own functions, or about a library that it uses in one way only,
    /// stands in `durable.toml`, with the reason and the way out.
    ///
    /// ```rust,bad
    /// fn report(db: &acme_db::Client, name: &str) -> acme_db::Rows {
    ///     db.raw(name)
    /// }
    /// //- durable.toml
    /// [[models]]
    /// path = "acme_db::Client::raw"
    /// kind = "banned"
    /// message = "`raw` bypasses the tenant filter"
    /// help = "use `Client::select`"
    /// ```
    ///
    /// ```rust,good
    /// fn report(db: &acme_db::Client, name: &str) -> acme_db::Rows {
    ///     db.select("SELECT * FROM reports WHERE name = $1", &[name])
    /// }
    /// //- durable.toml
    /// [[models]]
    /// path = "acme_db::Client::raw"
    /// kind = "banned"
    /// message = "`raw` bypasses the tenant filter"
    /// help = "use `Client::select`"
    /// ```
    ///
    /// ## What to do
    /// What the entry says. If the use is right, exempt it with an owner, a reason and an end.
    ///
    /// ## Known limits
    /// A method is recognised where the type of its receiver is. An import alone is not a use.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[676, 1177],
        modelled: |models| models.banned_names(),
        check: Check::Code(check),
    }
}

fn check(code: &Code<'_>, findings: &mut Findings) {
    let mut uses = Uses { code, found: Vec::new() };
    for call in code.calls() {
        uses.found.extend(call.path.clone().map(|path| (call.name_span, path)));
    }
    for expr in code.exprs() {
        match expr {
            syn::Expr::Path(path) => uses.note(&path.path),
            syn::Expr::Struct(literal) => uses.note(&literal.path),
            _ => {}
        }
    }
    for call in code.macros() {
        uses.note(&call.node.path);
    }
    code.visit(&mut uses);
    let Uses { mut found, .. } = uses;
    found.sort();
    found.dedup_by_key(|(span, _)| *span);
    for (span, path) in found {
        let Some(banned) = code.names.models.bans(&path) else { continue };
        let message = match &banned.message {
            Some(message) => message.to_string(),
            None => format!("this project bans `{}`", banned.path),
        };
        let help = banned.help.as_deref().unwrap_or("see its entry under `[[models]]` in `durable.toml`");
        findings.at(span, message).help(help);
    }
}

/// Every path of a unit, by its last name.
struct Uses<'c, 'a> {
    code: &'c Code<'a>,
    found: Vec<(Span, ApiPath)>,
}

impl Uses<'_, '_> {
    fn note(&mut self, path: &syn::Path) {
        if let (Some(last), Some(api)) = (path.segments.last(), self.code.resolve(path)) {
            self.found.push((self.code.span(&last.ident), api));
        }
    }
}

impl<'a> Visit<'a> for Uses<'_, 'a> {
    fn visit_type_path(&mut self, ty: &'a syn::TypePath) {
        self.note(&ty.path);
        syn::visit::visit_type_path(self, ty);
    }
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::fixture;

    const POLICY: &str = "\n//- durable.toml\n[[models]]\npath = \"acme::Client::raw\"\nkind = \"banned\"\nmessage = \"`raw` is unchecked\"\n[[models]]\npath = \"acme::shout\"\nkind = \"banned\"\n[[models]]\npath = \"acme::Loose\"\nkind = \"banned\"\n";

    #[test]
    fn every_way_to_use_it_and_look_alikes() {
        let bad = [
            "fn f(c: acme::Client) { c.raw(1); }",
            "use acme::Client as C;\nfn f(c: &C) { C::raw(c, 1); }",
            "use acme::shout;\nfn f() { shout(); }",
            "fn f(v: Vec<u8>) { v.into_iter().map(acme::shout); }",
            "fn f() { println!(\"{}\", acme::shout()); }",
            "use acme::Loose;\nfn f(x: Vec<Loose>) {}",
            "struct S { inner: acme::Loose }",
        ];
        let good = [
            "fn f(c: acme::Client) { c.row(1); }",
            "fn f(c: other::Client) { c.raw(1); }",
            "fn shout() {}\nfn f() { shout(); }",
            "fn f() { let raw = \"acme::shout\"; }",
            "use acme::Strict as Loose;\nfn f(x: Loose) {}",
        ];
        let with = |texts: &[&str]| texts.iter().map(|text| format!("{text}{POLICY}")).collect::<Vec<_>>();
        let (bad, good) = (with(&bad), with(&good));
        let refs = |texts: &'static [String]| texts.iter().map(String::as_str).collect::<Vec<_>>();
        LINT.sees_in_file(&refs(bad.leak()), &refs(good.leak()));
    }

    #[test]
    fn it_says_what_the_project_says() {
        let text = format!("fn f(c: acme::Client) {{ c.raw(1); acme::shout(); }}{POLICY}");
        assert_eq!(
            fixture::found(&LINT, &text),
            "1:27 `raw` is unchecked\n1:41 this project bans `acme::shout`"
        );
    }
}
