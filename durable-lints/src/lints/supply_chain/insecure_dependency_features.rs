use std::collections::BTreeSet;

use toml_edit::{Item, TableLike};

use crate::prelude::*;

declare_lint! {
    /// A dependency is built with a feature that removes a protection, and nothing in the code shows it.
    ///
    /// Some crates keep weak algorithms, missing limits and unchecked modes behind features. One
    /// line of a manifest, also of another crate in the graph, turns them on for the whole program.
    ///
    /// ```toml,bad
    /// [package]
    /// name = "service"
    /// version = "1.0.0"
    ///
    /// [dependencies]
    /// rhai = { version = "1.27", features = ["sync", "unchecked"] }
    /// ```
    ///
    /// ```toml,good
    /// [package]
    /// name = "service"
    /// version = "1.0.0"
    ///
    /// [dependencies]
    /// rhai = { version = "1.27", features = ["sync"] }
    /// ```
    ///
    /// ## What to do
    /// Remove the feature. Where another dependency turns it on, turn off the feature of that
    /// dependency which does, or replace it.
    ///
    /// ## Known limits
    /// The list of features is fixed. What other crates turn on is known only where `cargo metadata`
    /// could be read. Dev-dependencies are left out.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[1188, 327, 674],
        check: Check::Manifest(manifest),
        also: &[Check::Dependencies(graph)],
    }
}

/// A feature that removes a protection.
struct Feature {
    crates: &'static [&'static str],
    names: &'static [&'static str],
    /// What it does.
    effect: &'static str,
    /// Whether it does so by being on. Others only make a dangerous call possible, which is
    /// nobody's fault who merely depends on the crate that asks for it.
    alone: bool,
}

const FEATURES: &[Feature] = &[
    Feature {
        crates: &["redis"],
        names: &["tls-rustls-insecure"],
        effect: "lets TLS connections go unverified",
        alone: false,
    },
    Feature {
        crates: &["isahc"],
        names: &["tls-insecure"],
        effect: "lets TLS connections go unverified",
        alone: false,
    },
    Feature { crates: &["awc"], names: &["dangerous-h2c"], effect: "speaks HTTP/2 without TLS", alone: true },
    Feature {
        crates: &["ed25519-dalek", "curve25519-dalek"],
        names: &["legacy_compatibility"],
        effect: "accepts signatures that are not canonical",
        alone: true,
    },
    Feature {
        crates: &["pkcs8", "pkcs5"],
        names: &["des-insecure", "sha1-insecure"],
        effect: "accepts keys under encryption that can be broken",
        alone: true,
    },
    Feature {
        crates: &["russh", "ssh-key", "russh-keys"],
        names: &["des", "dsa", "tdes"],
        effect: "brings algorithms that can be broken",
        alone: true,
    },
    Feature {
        crates: &["openssl-src"],
        names: &["weak-crypto", "legacy"],
        effect: "brings ciphers that can be broken",
        alone: false,
    },
    Feature {
        crates: &["aws-lc-rs"],
        names: &["legacy-des"],
        effect: "brings ciphers that can be broken",
        alone: false,
    },
    Feature {
        crates: &["serde_json"],
        names: &["unbounded_depth"],
        effect: "lets the limit on nesting be removed, and deep input end the program",
        alone: false,
    },
    Feature {
        crates: &["toml", "toml_edit"],
        names: &["unbounded"],
        effect: "removes the limit on nesting, so that deep input ends the program",
        alone: true,
    },
    Feature {
        crates: &["prost"],
        names: &["no-recursion-limit"],
        effect: "removes the limit on nesting, so that deep input ends the program",
        alone: true,
    },
    Feature {
        crates: &["rhai"],
        names: &["unchecked"],
        effect: "removes every limit on what a script may use",
        alone: true,
    },
    Feature {
        crates: &["bytemuck"],
        names: &["unsound_ptr_pod_impl"],
        effect: "lets pointers be made of any bytes",
        alone: true,
    },
    Feature {
        crates: &["open"],
        names: &["shellexecute-on-windows-insecure", "insecure"],
        effect: "opens what it is given through a shell on Windows",
        alone: true,
    },
    Feature {
        crates: &["zlib-rs", "libbz2-rs-sys", "libz-rs-sys"],
        names: &["__internal-fuzz-disable-checksum"],
        effect: "leaves checksums unverified",
        alone: true,
    },
];

fn known(package: &str, feature: &str) -> Option<&'static Feature> {
    FEATURES.iter().find(|known| known.crates.contains(&package) && known.names.contains(&feature))
}

const HELP: &str = "remove the feature, or turn it on for tests alone";

fn manifest(manifest: &Manifest, findings: &mut Findings) {
    let top = manifest.document.as_table();
    for (path, entries) in sections(top) {
        for (name, item) in entries.iter() {
            let package = item.get("package").and_then(Item::as_str).unwrap_or(name);
            let features = item.get("features").and_then(Item::as_array);
            for (at, value) in features.into_iter().flatten().enumerate() {
                let Some(feature) = value.as_str() else { continue };
                let Some(known) = known(package, feature) else { continue };
                let span = value.span().map_or(manifest.span(item), Span::from);
                let draft = findings.at(span, format!("feature `{feature}` of {package} {}", known.effect));
                draft.item(format!("{path}.{name}")).help(HELP);
                if let Some(removal) = features.and_then(|list| removal(list, at, &manifest.text)) {
                    draft.fix(Fix::needs_review("remove the feature").delete(removal));
                }
            }
        }
    }
    own_features(manifest, top, findings);
}

/// Features of the package's own that turn on one of a dependency: `fast = ["rhai/unchecked"]`. Only
/// those that are on by default reach everybody.
fn own_features(manifest: &Manifest, top: &dyn TableLike, findings: &mut Findings) {
    let Some(table) = top.get("features").and_then(Item::as_table_like) else { return };
    let mut on = vec!["default"];
    let mut at = 0;
    while let Some(name) = on.get(at).copied() {
        at += 1;
        for value in table.get(name).and_then(Item::as_array).into_iter().flatten() {
            let Some(asked) = value.as_str() else { continue };
            match asked.split_once('/') {
                None if !on.contains(&asked) => on.push(asked),
                None => {}
                Some((dependency, feature)) => {
                    let name = dependency.trim_end_matches('?');
                    let of = manifest.dependencies.iter().find(|dependency| &*dependency.name == name);
                    let package = of.map_or(name, |dependency| &*dependency.package);
                    if let Some(known) = known(package, feature) {
                        let span = value.span().map_or(Span::new(0, 0), Span::from);
                        findings
                            .at(span, format!("feature `{feature}` of {package} {}", known.effect))
                            .item("features")
                            .help(HELP);
                    }
                }
            }
        }
    }
}

/// The tables of dependencies that are part of what ships, with their paths.
fn sections(top: &dyn TableLike) -> Vec<(String, &dyn TableLike)> {
    let targets = top.get("target").and_then(Item::as_table_like);
    let targets = targets.into_iter().flat_map(|targets| targets.iter());
    let targets = targets.filter_map(|(name, item)| Some((format!("target.{name}."), item.as_table_like()?)));
    let workspace = top.get("workspace").and_then(Item::as_table_like);
    let workspace = workspace.map(|workspace| ("workspace.".to_owned(), workspace));
    let mut found = Vec::new();
    for (prefix, holder) in std::iter::once((String::new(), top)).chain(targets).chain(workspace) {
        for name in ["dependencies", "build-dependencies"] {
            if let Some(entries) = holder.get(name).and_then(Item::as_table_like) {
                found.push((format!("{prefix}{name}"), entries));
            }
        }
    }
    found
}

/// An element of an array with the comma behind it, so that removals of neighbours never overlap.
fn removal(list: &toml_edit::Array, at: usize, text: &str) -> Option<Span> {
    let span = list.get(at)?.span()?;
    let end = match list.get(at + 1).and_then(toml_edit::Value::span) {
        Some(next) => next.start,
        None => list.span()?.end.checked_sub(1)?,
    };
    let between = text.get(span.end..end)?;
    let comma = between.find(',').map_or(span.end, |comma| span.end + comma + 1);
    // The space after it goes too, but not a comment.
    let rest = text.get(comma..end)?;
    let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Some(Span::from(span.start..comma + space))
}

/// What the graph turns on without a manifest of the workspace asking for it.
fn graph(dependencies: &Dependencies, findings: &mut Findings) {
    let Some(lockfile) = &dependencies.lockfile else { return };
    let asked: BTreeSet<(&str, &str)> = dependencies
        .manifests
        .iter()
        .flat_map(|manifest| &manifest.dependencies)
        .flat_map(|dependency| {
            dependency.features.iter().map(|feature| (&*dependency.package, feature.as_str()))
        })
        .collect();
    for package in dependencies.packages.iter().filter(|package| package.ships != Some(false)) {
        for feature in package.features.iter().flatten() {
            let Some(known) = known(&package.name, feature).filter(|known| known.alone) else { continue };
            if asked.contains(&(&*package.name, feature)) {
                continue;
            }
            let Resolved { name, version, .. } = package;
            let locked = lockfile
                .packages
                .iter()
                .find(|locked| locked.name == *name && locked.version == version.to_string());
            let span = locked.map_or(Span::new(0, 0), |locked| lockfile.version_span(locked));
            let by: Vec<&str> = package.dependents.iter().map(|(name, _)| name.as_str()).collect();
            findings
                .at(span, format!("feature `{feature}` of {name} {}", known.effect))
                .item(format!("{name} {version}"))
                .identified_by(format!("{name} {feature}"))
                .help(format!(
                    "one of these turns it on: {}; `cargo tree -e features -i {name}` tells which",
                    by.join(", ")
                ));
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
                [package]
                name = "x"
                [dependencies.serde_json]
                version = "1"
                features = ["unbounded_depth"]
                #~          ^^^^^^^^^^^^^^^^^ feature `unbounded_depth` of serde_json lets the limit on nesting be removed, and deep input end the program
                #~ fix: remove the feature
            "#]],
            expect![[r#"
                [workspace]
                [workspace.dependencies]
                prost = { version = "0.14", features = ["no-recursion-limit"] }
                #~                                      ^^^^^^^^^^^^^^^^^^^^ feature `no-recursion-limit` of prost removes the limit on nesting, so that deep input ends the program
                #~ fix: remove the feature
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [dependencies]
                script = { package = "rhai", version = "1", features = ["unchecked"] }
                #~                                                      ^^^^^^^^^^^ feature `unchecked` of rhai removes every limit on what a script may use
                #~ fix: remove the feature
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [target.'cfg(unix)'.dependencies]
                redis = { version = "1", features = ["tls-rustls-insecure"] }
                #~                                   ^^^^^^^^^^^^^^^^^^^^^ feature `tls-rustls-insecure` of redis lets TLS connections go unverified
                #~ fix: remove the feature
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [dependencies]
                rhai = "1"
                [features]
                default = ["fast"]
                fast = ["rhai/unchecked"]
                #~      ^^^^^^^^^^^^^^^^ feature `unchecked` of rhai removes every limit on what a script may use
                other = ["rhai/unchecked"]
            "#]],
            expect![[r#"
                [package]
                name = "x"
                [build-dependencies]
                toml = { version = "1", features = [
                    "parse", # to read
                    "unbounded",
                #~  ^^^^^^^^^^^ feature `unbounded` of toml removes the limit on nesting, so that deep input ends the program
                #~ fix: remove the feature
                ] }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "[package]\nname = \"x\"\n[dependencies]\nserde_json = { version = \"1\", features = [\"preserve_order\"] }",
            "[package]\nname = \"x\"\n[dev-dependencies]\nrhai = { version = \"1\", features = [\"unchecked\"] }",
            "[package]\nname = \"x\"\n[dependencies]\nmine = { version = \"1\", features = [\"unchecked\", \"des\"] }",
            "[package]\nname = \"x\"\n[dependencies]\nrhai = { package = \"other\", version = \"1\", features = [\"unchecked\"] }",
            "[package]\nname = \"x\"\n[dependencies]\nrhai = \"1\"\n[features]\nfast = [\"rhai/unchecked\"]",
            "[package]\nname = \"x\"\n[features]\nunchecked = []\ndefault = [\"unchecked\"]",
        ]);
    }
}
