//! The cost of a check beside its floor and its peers, in one run over one corpus.
//!
//! ```text
//! cargo bench --bench corpus                     vendor popular crates (needs the registry once), then measure
//! cargo bench --bench corpus -- FOLDER           measure over a folder of Rust code that is there
//! cargo bench --bench corpus -- --check          fail where a target below is missed
//! ```
//!
//! Every figure is a ratio to something measured in the same run: machines differ and drift. Each
//! command runs three times; the median counts.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use rayon::prelude::*;

use shared::rust_files;

#[path = "shared/mod.rs"]
mod shared;

/// What is vendored: crates that many depend on, of every kind.
const CORPUS: &[&str] = &[
    "actix-web",
    "aes-gcm",
    "argon2",
    "async-graphql",
    "axum",
    "bytes",
    "chrono",
    "clap",
    "cranelift-codegen",
    "crossbeam",
    "datafusion",
    "diesel",
    "futures",
    "gix",
    "hyper",
    "image",
    "jsonwebtoken",
    "lettre",
    "nalgebra",
    "ndarray",
    "openssl",
    "polars",
    "proptest",
    "quinn",
    "rand",
    "rayon",
    "redis",
    "regex",
    "reqwest",
    "rocket",
    "russh",
    "rusqlite",
    "rustls",
    "sea-orm",
    "serde",
    "serde_json",
    "sqlx",
    "syn",
    "tantivy",
    "tar",
    "tera",
    "tokio",
    "tonic",
    "tower-http",
    "tracing",
    "ureq",
    "wasmtime",
    "wgpu",
    "winnow",
    "zip",
];

/// How often each command runs.
const RUNS: usize = 3;

#[derive(Clone, Copy, Default)]
struct Cost {
    cpu: f64,
    wall: f64,
    peak_mib: f64,
}

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).filter(|arg| arg != "--bench").collect();
    match args.first().and_then(|arg| arg.to_str()) {
        // Each measurement runs in a process of its own, whose children are then all accounted to it.
        Some("__measure") => return measure_here(&args[1..]),
        Some("__syn") => return parse_everything(Path::new(&args[1])),
        Some("__stat") => return walk_and_stat(Path::new(&args[1])),
        _ => {}
    }
    let must_hold = args.iter().any(|arg| arg == "--check");
    let folder = args.iter().find(|arg| *arg != "--check").map_or_else(vendored, PathBuf::from);
    let (files, bytes, lines) = size(&folder);
    println!(
        "corpus: {files} files, {:.1} MB, {:.2} million lines\n",
        bytes as f64 / 1e6,
        lines as f64 / 1e6
    );
    if compare(&folder) || !must_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare(folder: &Path) -> bool {
    let bench = std::env::current_exe().expect("this program has a path");
    let durable = Path::new(env!("CARGO_BIN_EXE_cargo-durable"));
    let caches = folder.parent().unwrap_or(folder).join("caches");
    drop(fs::remove_dir_all(&caches));
    // A cold run has a cache folder of its own: one emptied a moment ago has the file system still
    // taking its blocks back, and would charge that to the check.
    let fresh = |run: usize| caches.join(run.to_string());
    let kept = |_: usize| caches.join("kept");
    let check = |program: &Path| {
        let mut command = vec![program.as_os_str().to_owned()];
        command.extend(["durable", "check"].map(OsString::from));
        command.push(folder.into());
        command
    };
    let own = |verb: &str| vec![bench.clone().into_os_string(), verb.into(), folder.into()];
    let touched = rust_files(folder).into_iter().next().expect("the corpus has files");
    let original = fs::read(&touched).expect("a readable file");
    let touch = |count: usize| {
        let text = [&original[..], format!("\n// {count}\n").as_bytes()].concat();
        fs::write(&touched, text).expect("a writable corpus");
    };
    println!("{:<44} {:>8} {:>8} {:>9}", "", "CPU s", "wall s", "peak MiB");
    let report = |name: &str, cost: Option<Cost>| {
        match cost {
            Some(cost) => println!("{name:<44} {:>8.2} {:>8.2} {:>9.0}", cost.cpu, cost.wall, cost.peak_mib),
            None => println!("{name:<44} not installed"),
        }
        cost.unwrap_or_default()
    };
    let cold = report("check, cold", median(fresh, &check(durable), |_| {}));
    // What changed a moment before a survey is read again; the second warm run is past that.
    let warm = report("check, nothing changed", median(kept, &check(durable), |_| {}));
    let one = report("check, one file changed", median(kept, &check(durable), touch));
    drop(fs::remove_dir_all(&caches));
    fs::write(&touched, &original).expect("a writable corpus");
    let syn = report("syn, every file", median(kept, &own("__syn"), |_| {}));
    let stat = report("walk and stat every file", median(kept, &own("__stat"), |_| {}));
    let rg = report(
        "rg -F -w, the lints' identifiers",
        ripgrep(folder).and_then(|command| median(kept, &command, |_| {})),
    );
    report(
        "ast-grep, ten comparable rules",
        ast_grep(folder).and_then(|command| median(kept, &command, |_| {})),
    );
    println!();
    let mut held = true;
    let mut target = |name: &str, value: f64, limit: f64| {
        let holds = value <= limit || !value.is_finite();
        held &= holds;
        let verdict = match (value.is_finite(), holds) {
            (false, _) => "not measured",
            (true, true) => "holds",
            (true, false) => "MISSED",
        };
        println!("{name:<44} {value:>8.2}  of at most {limit}: {verdict}");
    };
    target("cold / syn, CPU", cold.cpu / syn.cpu, 0.25);
    target("cold / rg, CPU", if rg.cpu > 0.0 { cold.cpu / rg.cpu } else { f64::NAN }, 4.0);
    target("nothing changed / walk and stat, wall", warm.wall / stat.wall, 3.0);
    target("nothing changed / walk and stat, CPU", warm.cpu / stat.cpu, 3.0);
    target("peak MiB", cold.peak_mib.max(one.peak_mib), 400.0);
    held
}

/// The median cost of a command, by CPU time. `None` where it cannot be started.
fn median(cache: impl Fn(usize) -> PathBuf, command: &[OsString], before: impl Fn(usize)) -> Option<Cost> {
    let mut costs = Vec::new();
    for run in 0..RUNS {
        before(run);
        let bench = std::env::current_exe().expect("this program has a path");
        let output = Command::new(bench)
            .arg("__measure")
            .args(command)
            .env("CARGO_DURABLE_CACHE", cache(run))
            .stderr(Stdio::inherit())
            .output()
            .expect("this program starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [cpu, wall, peak_mib] = numbers[..] else { return None };
        costs.push(Cost { cpu, wall, peak_mib });
    }
    costs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    costs.get(costs.len() / 2).copied()
}

fn measure_here(command: &[OsString]) -> ExitCode {
    let start = Instant::now();
    let status =
        Command::new(&command[0]).args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if status.is_err() {
        return ExitCode::FAILURE;
    }
    let wall = start.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system accounts for children");
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    println!(
        "{} {wall} {}",
        seconds(usage.user_time()) + seconds(usage.system_time()),
        usage.max_rss() as f64 / 1024.0
    );
    ExitCode::SUCCESS
}

fn parse_everything(folder: &Path) -> ExitCode {
    let mut items = 0;
    for path in rust_files(folder) {
        if let Ok(text) = fs::read_to_string(&path)
            && let Ok(file) = syn::parse_file(&text)
        {
            items += file.items.len();
        }
    }
    println!("{items}");
    ExitCode::SUCCESS
}

/// The walk that a check begins with, as plainly as it can be written.
fn walk_and_stat(folder: &Path) -> ExitCode {
    let walk = ignore::WalkBuilder::new(folder).hidden(false).threads(2).build_parallel();
    let total = std::sync::atomic::AtomicU64::new(0);
    walk.run(|| {
        Box::new(|entry| {
            if let Ok(metadata) = entry.map_err(drop).and_then(|entry| entry.metadata().map_err(drop)) {
                total.fetch_add(metadata.len(), std::sync::atomic::Ordering::Relaxed);
            }
            ignore::WalkState::Continue
        })
    });
    println!("{}", total.into_inner());
    ExitCode::SUCCESS
}

fn ripgrep(folder: &Path) -> Option<Vec<OsString>> {
    let mut command: Vec<OsString> = ["rg", "-F", "-w", "-c", "-t", "rust"].map(OsString::from).to_vec();
    let mut triggers: Vec<&str> =
        durable_lints::lints::ALL.iter().flat_map(|lint| lint.triggers.iter().copied()).collect();
    triggers.sort_unstable();
    triggers.dedup();
    command.extend(triggers.iter().flat_map(|trigger| ["-e".into(), OsString::from(*trigger)]));
    command.push(folder.into());
    Some(command)
}

/// Ten of our patterns as ast-grep writes them.
fn ast_grep(folder: &Path) -> Option<Vec<OsString>> {
    const PATTERNS: [&str; 10] = [
        "$A.danger_accept_invalid_certs(true)",
        "Md5::new()",
        "Sha1::new()",
        "$A.set_verify($B)",
        "sqlx::query(&format!($$$))",
        "Command::new(\"sh\")",
        "CorsLayer::permissive()",
        "$A.secure(false)",
        "unsafe { $$$ }",
        "std::env::temp_dir()",
    ];
    let rules: Vec<String> = PATTERNS
        .iter()
        .enumerate()
        .map(|(number, pattern)| {
            format!("id: rule-{number}\nlanguage: rust\nrule:\n  pattern: {pattern:?}\n")
        })
        .collect();
    let mut command: Vec<OsString> = ["ast-grep", "scan", "--inline-rules"].map(OsString::from).to_vec();
    command.push(rules.join("---\n").into());
    command.push(folder.into());
    Some(command)
}

fn vendored() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    let vendor = folder.join("vendor");
    if vendor.is_dir() {
        return vendor;
    }
    fs::create_dir_all(folder.join("src")).expect("a writable target folder");
    fs::write(folder.join("src/lib.rs"), "").expect("a writable target folder");
    let dependencies: String = CORPUS.iter().map(|name| format!("{name} = \"*\"\n")).collect();
    let manifest = format!(
        "[package]\nname = \"corpus\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n{dependencies}[workspace]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).expect("a writable target folder");
    let status = Command::new(env!("CARGO"))
        .args(["vendor", "--quiet"])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "the corpus cannot be vendored: is the registry in reach?"
    );
    vendor
}

fn size(folder: &Path) -> (usize, usize, usize) {
    let files = rust_files(folder);
    let (bytes, lines) = files
        .par_iter()
        .filter_map(|path| fs::read(path).ok())
        .map(|text| (text.len(), text.iter().filter(|byte| **byte == b'\n').count()))
        .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    (files.len(), bytes, lines)
}
