//! docs/write-a-lint.md works word for word: the lints that it shows are compiled, tested, and short.

use durable_lints::engine::Settings;
use durable_lints::fixture;
use durable_lints::lint::Lint;

#[path = "write_a_lint/web/insecure_tartlets.rs"]
mod insecure_tartlets;
#[path = "write_a_lint/web/unsigned_tartlets.rs"]
mod unsigned_tartlets;

const PAGE: &str = include_str!("../../docs/write-a-lint.md");
const LINTS: [(&Lint, &str); 2] = [
    (&unsigned_tartlets::LINT, include_str!("write_a_lint/web/unsigned_tartlets.rs")),
    (&insecure_tartlets::LINT, include_str!("write_a_lint/web/insecure_tartlets.rs")),
];

#[test]
fn the_page_shows_what_is_compiled() {
    for (lint, text) in LINTS {
        assert!(PAGE.contains(&format!("```rust\n{text}```\n")), "{} is not on the page", lint.name);
        assert!(text.lines().count() < 40, "{} is longer than the page says", lint.name);
    }
}

#[test]
fn each_lint_finds_its_bad_example_and_not_its_good_one() {
    for (lint, _) in LINTS {
        let examples = fixture::examples(lint);
        assert_eq!(examples.len(), 2);
        for example in examples {
            let settings = Settings { lints: vec![lint], ..Settings::all(fixture::now()) };
            let found = fixture::check_with(&example.files, &settings).findings;
            assert_eq!(found.len(), usize::from(example.bad), "{}: {:?}", lint.name, example.files);
        }
    }
}

#[test]
fn other_ways_to_write_it_and_look_alikes() {
    unsigned_tartlets::LINT.holds(
        &[
            "use tartlet::Jar as Tin;\nfn f() { let jar = Tin::unsigned(); }",
            "fn f() -> tartlet::Jar { tartlet::Jar::default() }",
        ],
        &[
            "struct Jar;\nimpl Jar { fn unsigned() -> Jar { Jar } }\nfn f() { Jar::unsigned(); }",
            "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\n//- src/lib.rs\nfn f() { tartlet::Jar::unsigned(); }",
        ],
    );
    insecure_tartlets::LINT.holds(
        &[
            "use tartlet::Cookie;\nfn f() { let mut c = Cookie::new(\"a\", \"b\"); c = c.secure(false); }",
            "use tartlet::Cookie;\nfn f() { let a = Cookie::new(\"a\", \"b\"); let b = Cookie::new(\"c\", \"d\").secure(true); }",
        ],
        &[
            "use tartlet::Cookie;\nfn f() { let c = Cookie::new(\"a\", \"b\"); let c = c.http_only(true); jar.add(c.secure(true)); }",
            "use tartlet::Cookie;\nfn f(tls: bool) { let c = Cookie::new(\"a\", \"b\").secure(tls); }",
        ],
    );
}
