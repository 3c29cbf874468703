//! The attribute's own reader of `durable.toml`, held to the `toml` crate: where it answers at all,
//! it answers the same. `PROPTEST_CASES=100000` looks longer.

use std::collections::BTreeSet;

use durable_grammar::policy::{self, Declared};
use proptest::prelude::*;

/// What the `toml` crate finds; `None` where the text is no policy.
fn expected(text: &str) -> Option<Declared> {
    let table: toml::Table = toml::from_str(text).ok()?;
    let owners = match table.get("owners") {
        Some(owners) => owners.as_table()?.keys().cloned().collect(),
        None => BTreeSet::new(),
    };
    let extends = match table.get("extends") {
        Some(files) => {
            let files = files.as_array()?.iter();
            files.map(|file| file.as_str().map(str::to_owned)).collect::<Option<_>>()?
        }
        None => Vec::new(),
    };
    Some(Declared { owners, extends })
}

/// Lines that may stand in any order, with every form that TOML knows for what is asked.
const LINES: &[&str] = &[
    "",
    "# [owners.no]",
    "[lints]",
    "pinned_certificates = \"forbid\" # why",
    "undocumented_unsafe = { level = \"warn\", exclude = [\"vendor/**\"] }",
    "[exemptions]\nmax-term = '180d'\nrenewals = 2",
    "[[controls]]\nid = \"ID4.1.3\"\nenforced-by = [\n  \"a\", # \"]\n  'b',\n]",
    "[[models]]\npath = 'a::b'\nargument = 0",
    "[owners.KEY]",
    "[owners.KEY]\nteam = \"T\"\npaths = ['src/**',\n'b']\ncadence = '14d'",
    "[ owners . KEY ]",
    "[owners.KEY.KEY]",
    "[owners]",
    "KEY = { team = \"[owners.no]\", }",
    "KEY.team = 'x'",
    "KEY . contact = 'x'",
    "owners.KEY.team = \"x\"",
    "owners = { KEY = {}, KEY.team = \"}\" }",
    "owners = {\n  KEY = { # one\n  },\n}",
    "owners = 3",
    "[[owners]]",
    "extends = [\"a.toml\", '../b.toml']",
    "extends = [ # two\n\t\"\"\"\nc\"d\"\\\n  e\"\"\",\n'''f''g''',\n]",
    "extends = [1]",
    "extends = 'a'",
    "text = \"\"\"\n[owners.no]\n\\\"\"\" \\u00e9 \\U0001F980 \"\" \"\"\"\"\"",
    "text = '''\n[owners.no]\\ '' '''''",
    "text = \"a\\\"b # \\t\\\\\" # c",
    "text = 'C:\\x'",
    "other = [[1, 2.5e-3], [inf, -nan], [true], [0xff, 1_000]]",
    "when = 1979-05-27 07:32:00",
    "when = 1979-05-27T07:32:00.5+01:00",
    "when = [1979-05-27, 07:32:00]",
    "\"\" = 1",
    "\"owners\".KEY.team = 1",
    "[other.owners.KEY]",
];

const KEYS: &[&str] = &["identity", "net-2", "3", "\"a b\"", "'c.d'", "\"\\u0065\"", "\"q\\\"\"", "_", "a.b"];

/// What cuts a text where it hurts.
const PIECES: &[&str] = &[
    "\"", "'", "\"\"\"", "'''", "[", "]", "[[", "{", "}", "=", ",", ".", "#", "\\", "\n", "\r\n", "\r", " ",
    "\t", "\0", "\u{feff}", "é", "owners", "extends", "-", "1", "\\x41", "\\e",
];

fn line() -> impl Strategy<Value = String> {
    let key = || proptest::sample::select(KEYS);
    (proptest::sample::select(LINES), key(), key(), proptest::bool::ANY).prop_map(
        |(line, first, second, crlf)| {
            let line = line.replacen("KEY", first, 1).replace("KEY", second);
            if crlf { line.replace('\n', "\r\n") + "\r\n" } else { line + "\n" }
        },
    )
}

fn agrees(text: &str) -> Result<(), TestCaseError> {
    // A text that is no policy at all is for `cargo durable check` to refuse.
    if let (Some(read), Some(expected)) = (policy::read(text), expected(text)) {
        prop_assert_eq!(read, expected, "{}", text);
    }
    Ok(())
}

#[test]
fn every_form_is_read_as_the_toml_crate_reads_it() {
    let mut understood = 0;
    for line in LINES {
        for key in KEYS {
            let text = line.replacen("KEY", key, 1).replace("KEY", "second");
            for text in [format!("{text}\n"), text.clone(), text.replace('\n', "\r\n")] {
                let Some(expected) = expected(&text) else { continue };
                understood += 1;
                // The one form that is left to the linter.
                if !line.starts_with("\"\"") {
                    assert_eq!(policy::read(&text), Some(expected), "{text}");
                }
            }
        }
    }
    assert!(understood > 500, "{understood}");
}

proptest! {
    #[test]
    fn lines_in_any_order_are_read_alike(lines in prop::collection::vec(line(), 0..8)) {
        agrees(&lines.concat())?;
    }

    #[test]
    fn broken_texts_are_not_read_as_something_else(
        lines in prop::collection::vec(line(), 1..6),
        breaks in prop::collection::vec((any::<prop::sample::Index>(), proptest::sample::select(PIECES), 0..3usize), 1..5),
    ) {
        let mut text = lines.concat();
        for (at, piece, dropped) in breaks {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let from = at.index(places.len());
            let to = (from + dropped).min(places.len() - 1);
            text.replace_range(places[from]..places[to], piece);
        }
        agrees(&text)?;
    }

    #[test]
    fn any_text_is_survived(text in "\\PC*") {
        agrees(&text)?;
    }
}
