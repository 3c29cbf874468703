//! Any text as any files that are checked: no panic, every finding lies inside its text, and no fix
//! breaks a file. An input is what an example of a lint is: texts, each after a line `//- path`. Beside
//! the fuzzer's own mutations, parts of the lints' examples are spliced in.
//!
//! Run it with `--no-cfg-fuzzing`: under that `cfg` proc-macro2 keeps no positions, so that every fix
//! would be written to the start of its file.
//!
//! Says on standard error when a lint makes its first finding.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex};

use durable_lints::fixture::{self, Files};
use durable_lints::lints::ALL;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

static EXAMPLES: LazyLock<Vec<Files>> =
    LazyLock::new(|| ALL.iter().flat_map(|lint| fixture::examples(lint)).map(|example| example.files).collect());

static REACHED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());

fuzz_target!(|input: &[u8]| {
    // A path is one file: the last of its texts.
    let files: BTreeMap<String, String> =
        fixture::split("src/lib.rs", &String::from_utf8_lossy(input)).into_iter().collect();
    let files: Files = files.into_iter().collect();
    let report = fixture::check_soundly(&files).unwrap_or_else(|wrong| panic!("{wrong}"));
    let mut reached = REACHED.lock().unwrap();
    for finding in report.findings {
        if reached.insert(finding.lint.0.name) {
            eprintln!("reached {} of {} lints: {}", reached.len(), ALL.len(), finding.lint.0.name);
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut seed = u64::from(seed);
    let mut choose = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below.max(1)
    };
    let mut files = fixture::split("src/lib.rs", &String::from_utf8_lossy(&data[..size]));
    if files.is_empty() || choose(2) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    for _ in 0..=choose(3) {
        fixture::splice(&mut files, &EXAMPLES[choose(EXAMPLES.len())], &mut choose);
    }
    let text = fixture::joined(&files);
    let size = text.len().min(max_size);
    data[..size].copy_from_slice(&text.as_bytes()[..size]);
    size
});
