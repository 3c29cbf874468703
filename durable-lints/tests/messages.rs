//! What lints say is said in whole words.

use std::fs;
use std::path::Path;

use durable_lints::lints::ALL;

/// An article goes by the sound of the word behind it, so it comes with that word and not before it.
#[test]
fn no_message_puts_an_article_before_a_word_that_is_filled_in() {
    let lints = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lints");
    let mut read = 0;
    for lint in ALL {
        let path = lints.join(lint.group.replace('-', "_")).join(format!("{}.rs", lint.name));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            assert!(!has_article_before_a_placeholder(line), "{}: {line}", path.display());
        }
        read += 1;
    }
    assert!(read > 0);
}

fn has_article_before_a_placeholder(line: &str) -> bool {
    ["a {", "an {", "a `{", "an `{"].iter().any(|article| {
        line.match_indices(article).any(|(at, found)| {
            let before = line[..at].chars().next_back();
            let behind = line[at + found.len()..].chars().next();
            before.is_none_or(|c| c == ' ' || c == '"')
                && behind.is_some_and(|c| c == '}' || c.is_lowercase())
        })
    })
}

#[test]
fn the_rule_sees_what_it_forbids() {
    assert!(has_article_before_a_placeholder("format!(\"this is a {} credential\")"));
    assert!(has_article_before_a_placeholder("format!(\"an `{name}`\")"));
    assert!(!has_article_before_a_placeholder("match a { Some(a) => {} }"));
}
