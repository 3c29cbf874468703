//! Any bytes as any kind of file that is checked: no panic, and every finding lies inside its text.

#![no_main]

use durable_lints::fixture;
use libfuzzer_sys::fuzz_target;

/// One path of each kind of subject; the first byte of the input chooses.
const PATHS: [&str; 7] = [
    "src/lib.rs",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    ".github/workflows/ci.yml",
    "certs/server.pem",
    ".env",
];

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else { return };
    let path = PATHS[usize::from(*choice) % PATHS.len()];
    let text = String::from_utf8_lossy(bytes).into_owned();
    let report = fixture::check(&[(path.to_owned(), text.clone())]);
    for finding in report.findings.iter().filter(|finding| &*finding.file == path) {
        assert!(text.get(finding.span.range()).is_some(), "{} at {:?}", finding.lint.name, finding.span);
    }
});
