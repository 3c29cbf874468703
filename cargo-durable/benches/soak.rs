//! Real crates broken, runs killed, eight at once, full disks: what the command never does is looked for.
//!
//! ```text
//! cargo bench --bench soak                  300 crates of cargo's registry folder, chosen by a seed
//! cargo bench --bench soak -- NAME-1.2.3    these crates only, as a violation names them
//! ```
//!
//! `SOAK_SEED`, `SOAK_CRATES` and `SOAK_SECONDS` bound it. One seed and crate make the same mutants
//! again; when a kill hits depends on the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fastrand::Rng;

use laboratory::{FORMATS, Laboratory, tree, write};
use shared::rust_files;

#[path = "soak/laboratory.rs"]
mod laboratory;
#[path = "soak/mutants.rs"]
mod mutants;
#[path = "soak/rounds.rs"]
mod rounds;
#[path = "shared/mod.rs"]
mod shared;

/// Mutants of one crate.
const MUTANTS: usize = 7;

/// Crates beyond this are left out: bindings of hundreds of files would take all the time.
const LARGEST: u64 = 1_500_000;

fn main() -> ExitCode {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |value| value.parse().expect("a number in the environment"))
    };
    let seed = number("SOAK_SEED", 1);
    let limit = Duration::from_secs(number("SOAK_SECONDS", 4 * 60 * 60));
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let all = registry();
    let mut chosen: Vec<&PathBuf> =
        all.iter().filter(|path| named.is_empty() || named.contains(&name(path))).collect();
    Rng::with_seed(seed).shuffle(&mut chosen);
    chosen.truncate(number("SOAK_CRATES", 300) as usize);
    if chosen.is_empty() {
        eprintln!("error: there are no such crates in cargo's registry folder; build something first");
        return ExitCode::FAILURE;
    }

    let folder = tempfile::tempdir().expect("a temp folder");
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("soak");
    drop(fs::remove_dir_all(&kept));
    let mut lab = Laboratory::new(folder.path().canonicalize().expect("a temp folder"), kept);
    let start = Instant::now();
    let mut done = 0;
    for (turn, source) in chosen.iter().enumerate() {
        if start.elapsed() > limit {
            break;
        }
        let mut rng = Rng::with_seed(seed ^ hash(&name(source)));
        break_it(&mut lab, source, &all, &mut rng);
        rounds::kill(&mut lab, source, &mut rng);
        if turn % 6 == 0 {
            rounds::eight_at_once(&mut lab, source);
            rounds::disk_full(&mut lab, source, &mut rng);
        }
        done += 1;
    }
    lab.print(done, start.elapsed().as_secs_f64(), seed);
    if lab.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Mutants of a crate are checked: never more than an error, and the cache changes nothing.
fn break_it(lab: &mut Laboratory, source: &Path, all: &[PathBuf], rng: &mut Rng) {
    let root = lab.fresh("mutant");
    write(&tree(source), &root);
    let files = rust_files(&root);
    let cache = lab.fresh("mutant-cache");
    for number in 0..MUTANTS {
        let foreign = rust_files(&all[rng.usize(0..all.len())]);
        let foreign = foreign.get(rng.usize(0..foreign.len().max(1))).cloned().unwrap_or_default();
        let mutant = mutants::Mutant::make(&root, &files, &foreign, rng);
        lab.about = format!("{} mutant {number} ({})", name(source), mutant.told);
        lab.mutants += 1;
        let arguments = format!("check . --message-format {}", FORMATS[number % FORMATS.len()]);
        // Stamps are trusted once the clock has ticked, so that half of the mutants take the fast path.
        if rng.bool() {
            std::thread::sleep(Duration::from_millis(25));
        }
        let cold = lab.run(&root, &cache, &arguments);
        let cached = lab.run(&root, &cache, &arguments);
        lab.expect(cold == cached, &root, &arguments, "cold and cached differ", &[&cold, &cached]);
        if number % 3 == 0 {
            let bare = lab.run(&root, &cache, &format!("{arguments} --no-cache"));
            lab.expect(cold == bare, &root, &arguments, "--no-cache differs", &[&cold, &bare]);
        }
        if number % 2 == 0 {
            fix_keeps_what_parses(lab, &root, &cache);
        }
        mutant.undo();
    }
}

/// `fix` never makes a file that parses into one that does not.
fn fix_keeps_what_parses(lab: &mut Laboratory, root: &Path, cache: &Path) {
    let arguments = "fix --unsafe-fixes --allow-no-vcs .";
    let before = tree(root);
    let fixed = lab.run(root, cache, arguments);
    let after = tree(root);
    for (path, old) in &before {
        let new = after.get(path);
        if new == Some(old) || path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let parses = |bytes: &[u8]| str::from_utf8(bytes).is_ok_and(|text| syn::parse_file(text).is_ok());
        let worse = parses(old) && !new.is_some_and(|new| parses(new));
        if worse {
            write(&before, root);
            let wrong = format!("after the fix {} does not parse", path.display());
            lab.violation(root, arguments, &wrong, &[&fixed]);
        }
    }
    write(&before, root);
}

/// The crates that cargo has unpacked, by name.
fn registry() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let folders = |path: &Path| {
        fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let mut crates: Vec<PathBuf> =
        folders(&home.join("registry/src")).iter().flat_map(|registry| folders(registry)).collect();
    crates.retain(|path| {
        let walk = ignore::WalkBuilder::new(path).standard_filters(false).build().flatten();
        let size: u64 = walk.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum();
        path.join("Cargo.toml").is_file() && size <= LARGEST
    });
    crates.sort_by_key(|path| name(path));
    crates.dedup_by_key(|path| name(path));
    crates
}

fn name(source: &Path) -> String {
    source.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The same on every machine, unlike the standard library's.
fn hash(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
