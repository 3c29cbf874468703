//! Real crates, broken.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;

/// A valid policy, exemption file and workflow, as crates of a registry bring none of their own.
const POLICY: &str = "[owners.identity]\nteam = \"Identity\"\npaths = [\"/src/\", \"*.pem\"]\n\n[lints]\n\
    crypto = \"deny\"\nundocumented_unsafe = { level = \"warn\", paths = [\"/src/\"] }\n\
    dynamic_sql_strings = { exclude = [\"/tests/\"] }\n\n[exemptions]\nmax-term = \"90d\"\n";
const LOCK: &str = "version = 1\nexemptions = [\n  { lint = \"undocumented_unsafe\", at = \"src/lib.rs\", \
    package = \"soak\", item = \"f\", id = \"v1:11be34665521b9794020bf67ba066691\", \
    tokens = \"a43d9ef813ee000a-ee5c47d8\", owner = \"identity\", category = \"waiver\", \
    expires = 2027-01-22, reason = \"moving\" },\n]\n";
const WORKFLOW: &str = "name: ci\non: [push, pull_request_target]\npermissions: write-all\njobs:\n  test:\n    \
    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          \
    ref: ${{ github.event.pull_request.head.sha }}\n      - run: |\n          \
    echo \"${{ github.event.issue.title }}\"\n          cargo test\n";

/// What is repeated many thousand times, beside parts of the files themselves.
const REPEATED: [&str; 16] = [
    "(",
    "{",
    "[0;",
    "&",
    "!",
    "a+",
    "|a,b| ",
    "A{}+",
    "x.f().",
    "#[a]",
    "/*",
    "r#\"",
    "'a,",
    "fn f(){}\n",
    "<A as B<",
    "unsafe { f() }\n",
];

const BRACKETS: &[u8] = b"(){}[]<>\"'";

/// The files of one crate, changed for one mutant at a time.
pub(crate) struct Mutant {
    /// What was changed, so that a reader of a violation knows where to look.
    pub(crate) told: String,
    before: Vec<(PathBuf, Option<Vec<u8>>)>,
}

impl Mutant {
    /// Changes one to three files of a crate. `foreign` is a file of another crate.
    pub(crate) fn make(root: &Path, files: &[PathBuf], foreign: &Path, rng: &mut Rng) -> Mutant {
        let mut mutant = Mutant { told: String::new(), before: Vec::new() };
        for _ in 0..rng.usize(1..=3) {
            let (path, base) = chosen(root, files, rng);
            let base = fs::read(&path).ok().or(base.map(|text| text.as_bytes().to_vec())).unwrap_or_default();
            let (how, bytes) = broken(base, foreign, rng);
            mutant.before.push((path.clone(), fs::read(&path).ok()));
            let name = path.strip_prefix(root).unwrap_or(&path).display();
            mutant.told.push_str(&format!("{name}: {how}; "));
            path.parent().map_or(Ok(()), fs::create_dir_all).expect("a writable laboratory");
            fs::write(&path, bytes).expect("a writable laboratory");
        }
        mutant
    }

    /// Puts the crate back, the last change first.
    pub(crate) fn undo(self) {
        for (path, before) in self.before.into_iter().rev() {
            match before {
                Some(bytes) => fs::write(&path, bytes),
                None => fs::remove_file(&path),
            }
            .expect("a writable laboratory");
        }
    }
}

fn chosen(root: &Path, files: &[PathBuf], rng: &mut Rng) -> (PathBuf, Option<&'static str>) {
    match rng.u8(0..20) {
        0 | 1 => (root.join("Cargo.toml"), None),
        2 => (root.join("Cargo.lock"), Some("version = 4\n")),
        3 | 4 => (root.join("durable.toml"), Some(POLICY)),
        5 => (root.join("durable.lock"), Some(LOCK)),
        6 => (root.join(".github/workflows/ci.yml"), Some(WORKFLOW)),
        _ if files.is_empty() => (root.join("src/lib.rs"), Some("")),
        _ => (files[rng.usize(0..files.len())].clone(), None),
    }
}

/// One change, or several small ones.
fn broken(mut bytes: Vec<u8>, foreign: &Path, rng: &mut Rng) -> (&'static str, Vec<u8>) {
    let range = |bytes: &[u8], most: usize, rng: &mut Rng| {
        let start = rng.usize(0..=bytes.len());
        start..(start + rng.usize(0..=most)).min(bytes.len())
    };
    let at = rng.usize(0..=bytes.len());
    let how = match rng.u8(0..12) {
        0 => {
            for _ in 0..rng.usize(1..30).min(bytes.len()) {
                let at = rng.usize(0..bytes.len());
                bytes[at] ^= 1 << rng.u8(0..8);
            }
            "bits flipped"
        }
        1 => {
            let range = range(&bytes, 2_000, rng);
            bytes.drain(range);
            "a range deleted"
        }
        2 => {
            let copy = bytes[range(&bytes, 5_000, rng)].to_vec();
            bytes.splice(at..at, copy);
            "a range duplicated"
        }
        3 | 4 => {
            let other = fs::read(foreign).unwrap_or_default();
            let part = other[range(&other, 20_000, rng)].to_vec();
            bytes.splice(at..at, part);
            "a range of another crate spliced in"
        }
        5 => {
            let places: Vec<usize> = (0..bytes.len()).filter(|at| BRACKETS.contains(&bytes[*at])).collect();
            for _ in 0..rng.usize(1..4) {
                if let Some(at) = rng.choice(&places) {
                    bytes[*at] = BRACKETS[rng.usize(0..BRACKETS.len())];
                }
            }
            "brackets unbalanced"
        }
        6 => {
            const ODD: [&[u8]; 8] = [
                b"\0",
                b"\r",
                b"\xef\xbb\xbf",
                b"\xff\xfe",
                b"\xed\xa0\x80",
                b"\x1b]0;title\x07",
                "\u{202e}\u{2066}".as_bytes(),
                "\u{85}\u{2028}\u{e000}".as_bytes(),
            ];
            for _ in 0..rng.usize(1..6) {
                let at = if rng.bool() { 0 } else { rng.usize(0..=bytes.len()) };
                bytes.splice(at..at, ODD[rng.usize(0..ODD.len())].iter().copied());
            }
            "odd bytes put in"
        }
        7 => {
            bytes = String::from_utf8_lossy(&bytes).replace('\n', "\r").into_bytes();
            "line breaks made lone returns"
        }
        8 => {
            let unit = REPEATED[rng.usize(0..REPEATED.len())];
            bytes.splice(at..at, unit.repeat(rng.usize(1..200_000 / unit.len())).into_bytes());
            "a token repeated"
        }
        9 => {
            let unit = bytes[range(&bytes, 200, rng)].to_vec();
            bytes.splice(at..at, unit.repeat(rng.usize(1..300_000 / unit.len().max(1))));
            "a part of it repeated"
        }
        10 => {
            bytes.truncate(at);
            "cut short"
        }
        _ => {
            let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            rng.shuffle(&mut lines);
            bytes = lines.concat();
            "lines shuffled"
        }
    };
    (how, bytes)
}
