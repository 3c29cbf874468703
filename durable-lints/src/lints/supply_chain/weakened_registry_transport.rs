use std::collections::BTreeMap;

use toml_edit::{Item, TableLike};

use crate::prelude::*;

declare_lint! {
    /// Cargo fetches code over an unprotected channel, so anyone on the path decides what is built.
    ///
    /// Checksums come from the registry's index: whoever can change the index in transit also
    /// chooses the checksums. The same holds where certificates are no longer checked for being
    /// revoked, or old versions of TLS are taken.
    ///
    /// ```toml,bad .cargo/config.toml
    /// [registries.corp]
    /// index = "sparse+http://packages.corp.example/index/"
    /// ```
    ///
    /// ```toml,good .cargo/config.toml
    /// [registries.corp]
    /// index = "sparse+https://packages.corp.example/index/"
    /// ```
    ///
    /// A dependency that belongs to a private registry and does not say so is looked for in the
    /// public one, where anybody may have taken its name:
    ///
    /// ```toml,bad
    /// [package]
    /// name = "service"
    /// version = "1.0.0"
    ///
    /// [dependencies]
    /// corp-auth = { version = "1.2", registry = "corp" }
    /// corp-config = { version = "1.0", registry = "corp" }
    /// corp-store = "1.4"
    /// ```
    ///
    /// ```toml,good
    /// [package]
    /// name = "service"
    /// version = "1.0.0"
    ///
    /// [dependencies]
    /// corp-auth = { version = "1.2", registry = "corp" }
    /// corp-config = { version = "1.0", registry = "corp" }
    /// corp-store = { version = "1.4", registry = "corp" }
    /// ```
    ///
    /// ## What to do
    /// Use `https` addresses, remove what weakens TLS, and name the registry of every internal crate.
    ///
    /// ## Known limits
    /// Settings in a developer's own configuration or environment are not seen. Names count as
    /// internal where two dependencies of the same beginning name the same registry.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[319, 295, 427],
        check: Check::CargoConfig(config),
        also: &[Check::Manifest(manifest), Check::Workflow(workflow)],
    }
}

fn config(config: &CargoConfig, findings: &mut Findings) {
    let top = config.document.as_table();
    let tables = |name: &str| {
        let table = top.get(name).and_then(Item::as_table_like);
        let entries = table.into_iter().flat_map(|table| table.iter());
        entries.map(|(key, item)| (key.to_owned(), item)).collect::<Vec<(String, &Item)>>()
    };
    for (name, registry) in tables("registries") {
        address(config, &format!("registries.{name}"), registry.get("index"), findings);
    }
    for (name, source) in tables("source") {
        address(config, &format!("source.{name}"), source.get("registry"), findings);
        address(config, &format!("source.{name}"), source.get("git"), findings);
    }
    if let Some(http) = top.get("http").and_then(Item::as_table_like) {
        http_settings(config, http, findings);
    }
}

fn address(config: &CargoConfig, place: &str, item: Option<&Item>, findings: &mut Findings) {
    let Some((item, text)) = item.and_then(|item| Some((item, item.as_str()?))) else { return };
    if !is_open(text) {
        return;
    }
    let span = item.span().map_or(Span::new(0, 0), Span::from);
    let written = config.text.get(span.range()).unwrap_or("");
    let draft = findings
        .at(span, format!("`{place}` is read over an open channel: its packages can be replaced on the way"));
    draft.item(place).help("use an `https` address");
    if written.contains("http://") {
        draft.fix(Fix::needs_review("use https").replace(span, written.replacen("http://", "https://", 1)));
    }
}

/// Whether others can answer in the server's place. The machine itself is no way to go.
fn is_open(address: &str) -> bool {
    let address = ["sparse+", "registry+", "git+"]
        .iter()
        .find_map(|kind| address.strip_prefix(kind))
        .unwrap_or(address);
    let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("git://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', ':']).next().unwrap_or("");
        !matches!(host, "localhost" | "127.0.0.1" | "[" | "") && !host.contains("${")
    })
}

fn http_settings(config: &CargoConfig, http: &dyn TableLike, findings: &mut Findings) {
    let span = |item: &Item| item.span().map_or(Span::new(0, 0), Span::from);
    if let Some(item) = http.get("check-revoke")
        && item.as_bool() == Some(false)
    {
        findings
            .at(span(item), "revoked certificates of registries are accepted")
            .item("http.check-revoke")
            .help("remove the setting: cargo checks by default")
            .fix(Fix::needs_review("check for revocation").replace(span(item), "true"));
    }
    if let Some(item) = http.get("ssl-version") {
        let lowest = item.as_str().or_else(|| item.get("min")?.as_str());
        if lowest
            .is_some_and(|version| matches!(version, "sslv2" | "sslv3" | "tlsv1" | "tlsv1.0" | "tlsv1.1"))
        {
            findings
                .at(span(item), "versions of TLS that can be broken are accepted")
                .item("http.ssl-version")
                .help("remove the setting, or ask for `tlsv1.2` at least");
        }
    }
    if let Some(item) = http.get("proxy")
        && let Some(proxy) = item.as_str()
        && let Some((credentials, _)) = proxy.split_once("://").map_or("", |(_, rest)| rest).split_once('@')
        && credentials.contains(':')
        && !credentials.contains("${")
    {
        let _ = config;
        findings
            .at(span(item), "the address of the proxy holds a password")
            .item("http.proxy")
            .help("give it in the environment (`CARGO_HTTP_PROXY`), and replace it: it is in the history");
    }
}

/// Internal crates that are looked for in the public registry.
fn manifest(manifest: &Manifest, findings: &mut Findings) {
    let mut named: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let entries = entries(manifest.document.as_table());
    let package =
        |name: &'_ str, item: &Item| item.get("package").and_then(Item::as_str).unwrap_or(name).to_owned();
    let packages: Vec<(String, &str, &Item)> =
        entries.iter().map(|(name, item)| (package(name, item), *name, *item)).collect();
    for (package, _, item) in &packages {
        if let (Some(prefix), Some(registry)) = (prefix(package), item.get("registry").and_then(Item::as_str))
        {
            *named.entry((prefix, registry)).or_default() += 1;
        }
    }
    for (package, name, item) in &packages {
        let elsewhere = ["registry", "registry-index", "path", "git", "workspace"]
            .iter()
            .any(|key| item.get(key).is_some());
        let Some(prefix) = prefix(package).filter(|_| !elsewhere) else { continue };
        let internal = named
            .iter()
            .find(|((known, registry), count)| *known == prefix && *registry != "crates-io" && **count >= 2);
        if let Some(((_, registry), _)) = internal {
            findings
                .at(
                    manifest.span(item),
                    format!("`{package}` looks internal and is fetched from the public registry"),
                )
                .item(format!("dependencies.{name}"))
                .help(format!("add `registry = \"{registry}\"`, or rename the dependency if it is public"));
        }
    }
}

/// What internal names begin with: all before the first dash.
fn prefix(package: &str) -> Option<&str> {
    let (prefix, _) = package.split_once(['-', '_'])?;
    (prefix.len() >= 2).then_some(prefix)
}

fn entries(top: &dyn TableLike) -> Vec<(&str, &Item)> {
    let workspace = top.get("workspace").and_then(Item::as_table_like);
    let mut found = Vec::new();
    for holder in std::iter::once(top).chain(workspace) {
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            let table = holder.get(section).and_then(Item::as_table_like);
            found.extend(table.into_iter().flat_map(|table| table.iter()));
        }
    }
    found
}

/// Settings of cargo and git in the environment of a workflow.
fn workflow(workflow: &Workflow, findings: &mut Findings) {
    for (_, env) in workflow.environments() {
        for entry in env.entries() {
            let value = entry.value.as_str().unwrap_or("");
            let problem = match entry.name() {
                "CARGO_HTTP_CHECK_REVOKE" if value == "false" => {
                    "revoked certificates of registries are accepted"
                }
                "GIT_SSL_NO_VERIFY" if matches!(value, "1" | "true") => "git accepts any certificate",
                name if name.starts_with("CARGO_REGISTRIES_")
                    && name.ends_with("_INDEX")
                    && is_open(value) =>
                {
                    "a registry is read over an open channel: its packages can be replaced on the way"
                }
                _ => continue,
            };
            findings.at(entry.span(), problem).help("remove the setting, or use an `https` address");
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                [source.mirror]
                registry = "http://mirror.example.com/index"
                #~         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `source.mirror` is read over an open channel: its packages can be replaced on the way
                #~ fix: use https
            "#]],
            expect![[r#"
                registries.corp.index = "git://example.com/index"
                #~                      ^^^^^^^^^^^^^^^^^^^^^^^^^ `registries.corp` is read over an open channel: its packages can be replaced on the way
            "#]],
            expect![[r#"
                [http]
                check-revoke = false
                #~             ^^^^^ revoked certificates of registries are accepted
                #~ fix: check for revocation
            "#]],
            expect![[r#"
                [http]
                ssl-version = "tlsv1.0"
                #~            ^^^^^^^^^ versions of TLS that can be broken are accepted
            "#]],
            expect![[r#"
                [http]
                ssl-version.min = "tlsv1.1"
                #~ ^@2:1-2:12 versions of TLS that can be broken are accepted
            "#]],
            expect![[r#"
                [http]
                proxy = "http://me:secret@proxy.example.com:8080"
                #~      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the address of the proxy holds a password
            "#]],
            expect![[r#"
                //- .github/workflows/ci.yml
                on: push
                env:
                  GIT_SSL_NO_VERIFY: 1
                #~^^^^^^^^^^^^^^^^^^^^ git accepts any certificate
                jobs: {}
            "#]],
            expect![[r#"
                //- .github/workflows/ci.yml
                on: push
                jobs:
                  a:
                    env:
                      CARGO_REGISTRIES_CORP_INDEX: sparse+http://corp.example/
                #~    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a registry is read over an open channel: its packages can be replaced on the way
            "#]],
        ]);
        LINT.is_silent_about(&[
            "[registries.corp]\nindex = \"sparse+https://corp.example/index/\"\ntoken = \"x\"",
            "[registries.dev]\nindex = \"sparse+http://localhost:8080/index/\"",
            "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"",
            "[http]\ncheck-revoke = true\nssl-version = \"tlsv1.2\"\nproxy = \"http://proxy.example.com:8080\"",
            "[http]\nssl-version = { min = \"tlsv1.2\", max = \"tlsv1.3\" }",
            "//- Cargo.toml\n[package]\nname = \"x\"\n[dependencies]\ncorp-a = { version = \"1\", registry = \"corp\" }\ncorp-b = \"1\"",
            "//- Cargo.toml\n[package]\nname = \"x\"\n[dependencies]\ncorp-a = { version = \"1\", registry = \"corp\" }\ncorp-b = { version = \"1\", registry = \"corp\" }\ncorp-c = { path = \"../c\" }\nserde = \"1\"",
        ]);
    }
}
