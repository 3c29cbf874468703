//! Running the command on copies, and what a run must never do.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// A run that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(30);

/// So many inputs of violations are kept; the others are only told.
const KEPT: usize = 60;

pub(crate) const FORMATS: [&str; 7] = ["human", "json", "short", "sarif", "rustc", "github", "gitlab"];

/// The files of a checkout and what they hold.
pub(crate) type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// What was done and what was seen in all.
pub(crate) struct Laboratory {
    folder: PathBuf,
    /// What is worked on now, for the violations.
    pub(crate) about: String,
    pub(crate) runs: usize,
    pub(crate) mutants: usize,
    pub(crate) kills: usize,
    pub(crate) kills_of_living: usize,
    pub(crate) at_once: usize,
    pub(crate) full: usize,
    pub(crate) violations: Vec<String>,
    slowest: (Duration, String),
    peak: (i64, String),
    kept: PathBuf,
}

/// How one run ended.
#[derive(Clone, PartialEq)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) out: Vec<u8>,
    pub(crate) err: Vec<u8>,
    pub(crate) hung: bool,
}

/// A run that is not over.
pub(crate) struct Running {
    child: Child,
    start: Instant,
    told: String,
    out: JoinHandle<Vec<u8>>,
    err: JoinHandle<Vec<u8>>,
}

impl Running {
    pub(crate) fn kill(&mut self) {
        // One that has ended cannot be killed, which is as well.
        let _ = self.child.kill();
    }
}

impl Ran {
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.err).into_owned()
    }

    fn shown(&self) -> String {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        format!("{:?}\n--- stdout\n{}\n--- stderr\n{}\n", self.status, text(&self.out), text(&self.err))
    }
}

impl Laboratory {
    pub(crate) fn new(folder: PathBuf, kept: PathBuf) -> Laboratory {
        Laboratory {
            folder,
            about: String::new(),
            runs: 0,
            mutants: 0,
            kills: 0,
            kills_of_living: 0,
            at_once: 0,
            full: 0,
            violations: Vec::new(),
            slowest: Default::default(),
            peak: Default::default(),
            kept,
        }
    }

    /// A folder of the laboratory, empty.
    pub(crate) fn fresh(&self, name: &str) -> PathBuf {
        let path = self.folder.join(name);
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).expect("a writable temp folder");
        path
    }

    /// The command in a folder, on one day and with one cache.
    pub(crate) fn command(root: &Path, cache: &Path, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-durable"));
        command.arg("durable").args(arguments.split(' ')).args(["--now", "2026-11-23"]);
        command.current_dir(root).env("CARGO_DURABLE_CACHE", cache).env("NO_COLOR", "1");
        command
    }

    pub(crate) fn start(&mut self, mut command: Command) -> Running {
        self.runs += 1;
        let told = format!("{:?}", command.get_args().collect::<Vec<_>>());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().expect("the command starts");
        let out = drained(child.stdout.take().expect("a pipe"));
        let err = drained(child.stderr.take().expect("a pipe"));
        Running { child, start, told, out, err }
    }

    pub(crate) fn end(&mut self, mut running: Running) -> Ran {
        let mut hung = false;
        let status = loop {
            if let Some(status) = running.child.try_wait().expect("a child of ours") {
                break status;
            }
            if running.start.elapsed() > LIMIT {
                hung = true;
                running.kill();
            }
            thread::sleep(Duration::from_millis(2));
        };
        let took = running.start.elapsed();
        if took > self.slowest.0 {
            self.slowest = (took, format!("{} {}", self.about, running.told));
        }
        // The system tells the highest peak of all children so far; whoever raised it ended just now.
        let peak = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system accounts for children").max_rss();
        if peak > self.peak.0 {
            self.peak = (peak, format!("{} {}", self.about, running.told));
        }
        let read = |reader: JoinHandle<Vec<u8>>| reader.join().expect("a reader that ends");
        Ran { status, out: read(running.out), err: read(running.err), hung }
    }

    /// Runs a command to its end and holds it to what is true of every run.
    pub(crate) fn run(&mut self, root: &Path, cache: &Path, arguments: &str) -> Ran {
        let running = self.start(Laboratory::command(root, cache, arguments));
        let ran = self.end(running);
        self.judge(root, arguments, &ran);
        ran
    }

    pub(crate) fn judge(&mut self, root: &Path, arguments: &str, ran: &Ran) {
        if let Some(wrong) = wrong(arguments, ran) {
            self.violation(root, arguments, &wrong, &[ran]);
        }
    }

    pub(crate) fn expect(&mut self, holds: bool, root: &Path, arguments: &str, wrong: &str, ran: &[&Ran]) {
        if !holds {
            self.violation(root, arguments, wrong, ran);
        }
    }

    /// Tells a violation and keeps its input.
    pub(crate) fn violation(&mut self, root: &Path, arguments: &str, wrong: &str, ran: &[&Ran]) {
        let told = format!("{} | {arguments} | {wrong}", self.about);
        eprintln!("violation: {told}");
        if self.violations.len() < KEPT {
            let folder = self.kept.join(self.violations.len().to_string());
            write(&tree(root), &folder.join("input"));
            let shown: String = ran.iter().map(|ran| ran.shown()).collect();
            fs::write(folder.join("report.txt"), format!("{told}\n{shown}"))
                .expect("a writable target folder");
        }
        self.violations.push(told);
    }

    pub(crate) fn print(&self, crates: usize, seconds: f64, seed: u64) {
        println!("seed {seed}: {crates} crates in {seconds:.0} s");
        println!("{:>7} runs", self.runs);
        println!("{:>7} mutants checked, cold and cached", self.mutants);
        println!("{:>7} kills, {} of them while it ran", self.kills, self.kills_of_living);
        println!("{:>7} rounds of eight at once", self.at_once);
        println!("{:>7} runs on a full disk", self.full);
        println!("slowest: {:.2} s, {}", self.slowest.0.as_secs_f64(), self.slowest.1);
        println!("highest peak: {} MiB, {}", self.peak.0 / 1024, self.peak.1);
        println!("violations: {}", self.violations.len());
        self.violations.iter().for_each(|told| println!("  {told}"));
        if !self.violations.is_empty() {
            println!("their inputs are kept in {}", self.kept.display());
        }
    }
}

fn drained(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read until a failure is judged all the same.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// What no run may do, whatever it is given.
fn wrong(arguments: &str, ran: &Ran) -> Option<String> {
    if ran.hung {
        return Some(format!("it hangs for more than {} s", LIMIT.as_secs()));
    }
    if let Some(signal) = ran.status.signal() {
        return Some(format!("signal {signal}"));
    }
    let code = ran.status.code();
    if !matches!(code, Some(0..=2)) {
        return Some(format!("exit code {code:?}"));
    }
    if ran.said().contains("panicked at") {
        return Some("a thread panicked".into());
    }
    let Ok(out) = str::from_utf8(&ran.out) else { return Some("stdout is not UTF-8".into()) };
    let Ok(err) = str::from_utf8(&ran.err) else { return Some("stderr is not UTF-8".into()) };
    if let Some(c) = out.chars().chain(err.chars()).find(|c| steers(*c)) {
        return Some(format!("it prints {c:?}"));
    }
    if code == Some(2) && err.is_empty() && out.is_empty() {
        return Some("exit code 2 without a word".into());
    }
    // What cannot be checked at all has an error in place of a report.
    if code == Some(2) && out.is_empty() {
        return None;
    }
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text);
    let (_, format) = arguments.split_once("--message-format ")?;
    match format.split(' ').next()? {
        "json" => json(out).err().map(|error| format!("no JSON: {error}")),
        "sarif" => match json(out) {
            Ok(log) if log["version"] == "2.1.0" && log["runs"].is_array() => None,
            _ => Some("no SARIF".into()),
        },
        "gitlab" => (!json(out).is_ok_and(|report| report.is_array())).then(|| "no JSON array".into()),
        "rustc" => out.lines().find(|line| json(line).is_err()).map(|line| format!("no JSON: {line}")),
        _ => None,
    }
}

/// Whether a character could steer a terminal or reorder what is read.
fn steers(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// All files below a folder.
pub(crate) fn tree(root: &Path) -> Tree {
    let walk = ignore::WalkBuilder::new(root).standard_filters(false).build();
    let files = walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    files
        .filter_map(|entry| {
            let bytes = fs::read(entry.path()).ok()?;
            Some((entry.path().strip_prefix(root).ok()?.to_owned(), bytes))
        })
        .collect()
}

/// Makes a folder hold these files and no others.
pub(crate) fn write(tree: &Tree, root: &Path) {
    fs::create_dir_all(root).expect("a writable folder");
    for (path, bytes) in self::tree(root) {
        if tree.get(&path).is_none_or(|wanted| *wanted != bytes) {
            fs::remove_file(root.join(&path)).expect("a writable folder");
        }
    }
    for (path, bytes) in tree {
        let path = root.join(path);
        if !path.exists() {
            path.parent().map_or(Ok(()), fs::create_dir_all).expect("a writable folder");
            fs::write(path, bytes).expect("a writable folder");
        }
    }
}
