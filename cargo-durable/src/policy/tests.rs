use std::collections::BTreeMap;

use camino::Utf8Path;
use durable_lints::codeowners::Host;
use durable_lints::lint::{Level, Lint};

use super::*;

/// Lints as the rest of the crate's tests know them.
pub(crate) mod lints {
    pub(crate) mod transport {
        pub(crate) mod pinned {
            durable_lints::declare_lint! {
                /// A certificate is pinned.
                pub static LINT = { level: durable_lints::lint::Level::Deny }
            }
        }
        pub(crate) mod plain {
            durable_lints::declare_lint! {
                /// A connection is plain.
                pub static LINT = { level: durable_lints::lint::Level::Warn, max_term_days: 30 }
            }
        }
    }
    pub(crate) mod supply_chain {
        pub(crate) mod unpinned {
            durable_lints::declare_lint! {
                /// A dependency is not pinned.
                pub static LINT = { level: durable_lints::lint::Level::Allow }
            }
        }
    }
    pub(crate) static PINNED: &durable_lints::lint::Lint = &transport::pinned::LINT;
    pub(crate) static PLAIN: &durable_lints::lint::Lint = &transport::plain::LINT;
    pub(crate) static UNPINNED: &durable_lints::lint::Lint = &supply_chain::unpinned::LINT;

    pub(crate) fn all() -> Vec<&'static durable_lints::lint::Lint> {
        let mut all = durable_lints::lints::ALL.to_vec();
        all.extend([PINNED, PLAIN, UNPINNED]);
        all
    }
}

use lints::{PINNED, PLAIN, UNPINNED};

struct Texts(BTreeMap<&'static str, &'static str>);

impl PolicyFiles for Texts {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        Ok(self.0.get(path.as_str()).map(|text| (*text).to_owned()))
    }

    fn is_outside(&self, path: &Utf8Path) -> bool {
        path.is_absolute()
    }
}

fn files(texts: &[(&'static str, &'static str)]) -> Result<Policy, PolicyError> {
    Policy::read(&Texts(texts.iter().copied().collect()), &lints::all())
}

pub(crate) fn policy(text: &'static str) -> Policy {
    files(&[("durable.toml", text)]).unwrap()
}

fn error(text: &'static str) -> String {
    files(&[("durable.toml", text)]).expect_err(text).to_string()
}

fn levels(policy: &Policy, path: &str) -> [Level; 3] {
    [PINNED, PLAIN, UNPINNED].map(|lint: &Lint| policy.level(lint, path))
}

#[test]
fn what_lies_outside_is_not_repeated() {
    for text in ["secret = 1", "secret", "[lints]\npinned = 'secret'", "\"secret"] {
        let own = [("durable.toml", "extends = ['/notes']"), ("/notes", text)];
        let said = files(&own).unwrap_err().to_string();
        assert!(said.starts_with("/notes:") && said.contains("outside the project"), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn a_long_chain_of_files_is_refused() {
    struct Chain;
    impl PolicyFiles for Chain {
        fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
            let number = path.as_str().trim_start_matches(['d', 'u', 'r', 'a', 'b', 'l', 'e', '.']);
            let number: usize = number.trim_end_matches(".toml").parse().unwrap_or(0);
            Ok(Some(format!("extends = ['d{}.toml']", number + 1)))
        }
        fn is_outside(&self, _: &Utf8Path) -> bool {
            false
        }
    }
    let said = Policy::read(&Chain, &lints::all()).unwrap_err().to_string();
    assert!(said.starts_with("d99.toml:1:12: d100.toml would be one more file than the 100"), "{said}");
}

#[test]
fn without_a_file_the_lints_decide() {
    let policy = files(&[]).unwrap();
    assert_eq!(levels(&policy, "src/a.rs"), [Level::Deny, Level::Warn, Level::Allow]);
    assert_eq!(policy.longest_term().to_string(), "180d");
    assert!(policy.accepts_owner("anybody"));
    assert!(!policy.enabled(Profile::Default).iter().any(|lint| lint.name == "unpinned"));
    assert!(policy.enabled(Profile::Strict).iter().any(|lint| lint.name == "unpinned"));
}

#[test]
fn a_lint_beats_its_group_and_groups_may_have_hyphens() {
    let policy = policy("lints = { transport = 'audit', pinned = 'forbid', supply-chain = 'deny' }");
    assert_eq!(levels(&policy, "src/a.rs"), [Level::Forbid, Level::Audit, Level::Deny]);
}

#[test]
fn an_entry_may_be_for_some_files() {
    let policy = policy(
        "[lints]\n\
         transport = 'audit'\n\
         pinned = { level = 'warn', exclude = ['vendor/**'] }\n\
         plain = { level = 'deny', paths = ['src/net/'] }",
    );
    assert_eq!(levels(&policy, "src/a.rs"), [Level::Warn, Level::Audit, Level::Allow]);
    assert_eq!(levels(&policy, "src/net/a.rs")[1], Level::Deny);
    assert_eq!(levels(&policy, "vendor/a.rs")[0], Level::Allow);
    assert_eq!(policy.level_under(Profile::Strict, PINNED, "vendor/a.rs"), Level::Allow);
    assert_eq!(policy.level_under(Profile::Strict, UNPINNED, "src/a.rs"), Level::Deny);
    assert_eq!(policy.level_under(Profile::Audit, PINNED, "vendor/a.rs"), Level::Allow);
}

#[test]
fn what_a_platform_forbids_cannot_be_lowered() {
    let policy = files(&[
        (
            "durable.toml",
            "extends = ['../platform/durable.toml']\n[lints]\npinned = 'warn'\ntransport = 'audit'\n",
        ),
        (
            "../platform/durable.toml",
            "extends = ['org.toml']\n[lints]\nplain = 'deny'\n[exemptions]\nmax-term = '60d'\n",
        ),
        ("../platform/org.toml", "[lints]\npinned = 'forbid'\n[owners.org]\nteam = 'Org'\n"),
    ])
    .unwrap();
    assert_eq!(levels(&policy, "src/a.rs")[..2], [Level::Forbid, Level::Deny]);
    let lowered: Vec<_> = policy.lowered.iter().map(|lowered| (&*lowered.name, &*lowered.by)).collect();
    assert_eq!(lowered, [("pinned", "../platform/org.toml")]);
    assert_eq!(policy.longest_term().to_string(), "60d");
    assert!(policy.accepts_owner("org") && !policy.accepts_owner("nobody"));
}

#[test]
fn limits_of_a_platform_cannot_be_raised() {
    let policy = files(&[
        ("durable.toml", "extends = ['base.toml']\nexemptions = { max-term = '52w', renewals = 9 }"),
        ("base.toml", "exemptions = { max-term = '180d', renewals = 2 }"),
    ])
    .unwrap();
    assert_eq!((policy.longest_term().to_string(), policy.renewals), ("180d".to_owned(), 2));
    assert_eq!(policy.max_term(PLAIN).days, 30);
}

#[test]
fn of_several_owners_the_last_in_the_file_wins() {
    let policy = policy(
        "[owners.zoe]\npaths = ['src/']\n[owners.identity]\npaths = ['src/auth/**']\n[owners.amy]\npaths = ['*.md']",
    );
    assert_eq!(policy.owner_of("src/auth/a.rs"), Some("identity"));
    assert_eq!(policy.owner_of("src/auth/a.md"), Some("amy"));
    assert_eq!(policy.owner_of("src/b.rs"), Some("zoe"));
    assert_eq!(policy.owner_of("build.rs"), None);
}

#[test]
fn an_owner_has_its_handles_or_its_mail_address() {
    let policy = policy(
        "[owners.a]\ngithub = '@acme/a'\ncontact = 'a@example.com'\n[owners.b]\ncontact = '#b'\ngitlab = ['@b', '@c/d/e']",
    );
    let handles = |id, host| policy.owner(id).unwrap().handles(host);
    assert_eq!(handles("a", Host::Github), ["@acme/a"]);
    assert_eq!(handles("a", Host::Gitlab), ["a@example.com"]);
    assert_eq!(handles("b", Host::Github), [""; 0]);
    assert_eq!(handles("b", Host::Gitlab), ["@b", "@c/d/e"]);
}

#[test]
fn errors_name_the_place_and_the_mend() {
    for (text, expected) in [
        ("\nlnts = {}", "durable.toml:2:1: unknown key `lnts`; did you mean `lints`?"),
        (
            "[lints]\npined = 'deny'",
            "durable.toml:2:1: unknown lint or group `pined`; did you mean `pinned`?",
        ),
        (
            "[lints]\npinned = 'denied'",
            "durable.toml:2:10: unknown level `denied`: one of allow, audit, warn, deny, forbid",
        ),
        (
            "[lints]\npinned = { levl = 'deny' }",
            "durable.toml:2:12: unknown key `levl`; did you mean `level`?",
        ),
        ("[lints]\npinned = { exclude = ['ok', 'a['] }", "durable.toml:2:29: "),
        (
            "[owners.a]\ngithub = ['@acme/a', 'acme']",
            "durable.toml:2:10: `acme` is no owner that GitHub accepts; write `@user`, `@group/team` or a mail address",
        ),
        ("[owners.a]\ngitlab = 3", "durable.toml:2:10: invalid type: integer `3`, expected a handle"),
        ("[lints]\npinned = 3", "durable.toml:2:10: invalid type: integer `3`, expected a level"),
        (
            "[lints]\nsupply-chain = 'deny'\nsupply_chain = 'warn'",
            "durable.toml:3:1: `supply_chain` is decided about twice",
        ),
        (
            "[exemptions]\nmax-term = '3m'",
            "durable.toml:2:12: `3m` is no term; write days or weeks, such as `90d` or `2w`, up to 3650d",
        ),
        ("[exemptions]\nmax-term = '9999999w'", "durable.toml:2:12: `9999999w` is no term"),
        (
            "extends = ['no.toml']",
            "durable.toml:1:12: no.toml does not exist; correct the path, which is relative to this file",
        ),
        (
            "extends = ['./durable.toml']",
            "durable.toml:1:12: policies extend each other in a ring: durable.toml -> durable.toml; remove one of the `extends`",
        ),
        (
            "[[controls]]\nid = 'A'\ntitle = 't'\nenforced-by = ['pined']",
            "durable.toml:4:16: unknown lint or group `pined`; did you mean `pinned`?",
        ),
        (
            "[[models]]\npath = 'raw'\nkind = 'sink'",
            "durable.toml:2:8: `raw` is no full path of an API; write it from its crate on: `acme_db::Client::raw`",
        ),
        (
            "[[models]]\npath = 'a::raw'\nkind = 'sink'",
            "durable.toml:2:8: a sink needs `for`; one of sql, path, url, shell, html, log",
        ),
        (
            "[[models]]\npath = 'a::raw'\nkind = 'snk'",
            "durable.toml:3:8: unknown value `snk`; did you mean `sink`?",
        ),
        ("lints = ", "durable.toml:1:"),
    ] {
        let said = error(text);
        assert!(said.starts_with(expected), "{text}\n said: {said}\n want: {expected}");
    }
}

#[test]
fn controls_and_models_are_read() {
    let policy = policy(
        "[[controls]]\nid = 'ID4.1.3'\ntitle = 'No pins'\nowner = 'identity'\nenforced-by = ['pinned', 'clippy::unwrap_used']\n\
         [[models]]\npath = 'acme::Client::raw'\nkind = 'sink'\nfor = 'sql'\nargument = 0\n",
    );
    assert_eq!(policy.controls[0].enforced_by, ["pinned", "clippy::unwrap_used"]);
    assert_eq!(policy.models[0].path, ["acme", "Client", "raw"]);
}

/// `UPDATE_SCHEMAS=1 cargo test` writes the schema anew.
#[test]
fn the_published_schema_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schemas/durable.json");
    let schema = file::schema();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, &schema).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == schema,
        "run this test with UPDATE_SCHEMAS=1 and commit the schema"
    );
}

fn set(levels: &[(&str, Level)]) -> Vec<Set> {
    levels.iter().map(|(name, level)| Set { name: (*name).to_owned(), level: *level }).collect()
}

#[test]
fn the_last_level_of_a_call_that_means_a_lint_counts() {
    let called = |levels: &[(&str, Level)]| {
        let mut policy = policy("[lints]\nplain = { level = 'audit', exclude = ['vendor/**'] }");
        policy.set(&set(levels)).unwrap();
        let under = |lint: &Lint| policy.level_under(Profile::Default, lint, "src/a.rs");
        assert_eq!(policy.level(PLAIN, "src/a.rs"), Level::Audit, "what the files say stays");
        assert_eq!(policy.level_under(Profile::Default, PLAIN, "vendor/a.rs"), Level::Allow);
        [under(PINNED), under(PLAIN)]
    };
    let (group, lint) = ("transport", "plain");
    assert_eq!(called(&[(group, Level::Allow), (lint, Level::Deny)]), [Level::Allow, Level::Deny]);
    assert_eq!(called(&[(lint, Level::Deny), (group, Level::Allow)]), [Level::Allow, Level::Allow]);
    assert_eq!(called(&[(lint, Level::Forbid), (group, Level::Allow)]), [Level::Allow, Level::Forbid]);
    assert_eq!(called(&[("unpinned", Level::Deny)]), [Level::Deny, Level::Audit]);
}

#[test]
fn a_call_runs_what_it_asks_for_and_no_less_than_what_is_forbidden() {
    let runs = |policy: &Policy, name| policy.enabled(Profile::Default).iter().any(|lint| lint.name == name);
    let mut policy = policy("[lints]\npinned = 'forbid'");
    policy.set(&set(&[("unpinned", Level::Warn), ("transport", Level::Allow)])).unwrap();
    assert_eq!(["unpinned", "plain", "pinned"].map(|name| runs(&policy, name)), [true, true, true]);
    assert_eq!(policy.level_under(Profile::Default, PINNED, "a.rs"), Level::Forbid);
    assert_eq!(policy.level_under(Profile::Default, PLAIN, "a.rs"), Level::Allow);
    let error = policy.set(&set(&[("pinned", Level::Warn)])).unwrap_err().to_string();
    assert!(error.starts_with("durable.toml:2:1: `pinned` is forbidden here"), "{error}");
    policy.set(&set(&[("pinned", Level::Deny)])).unwrap();
    assert_eq!(policy.level_under(Profile::Default, PINNED, "a.rs"), Level::Forbid);
}
