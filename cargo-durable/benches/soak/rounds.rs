//! Runs killed, run at once and run on a full disk, over crates that have something to fix and let through.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::laboratory::{Laboratory, Ran, Tree, tree, write};
use crate::name;

const WHO: &str = "--owner identity --reason moving";
const FIX: &str = "fix --unsafe-fixes --allow-no-vcs .";
const CHECK: &str = "check . --message-format json";
const POLICY: &str = "[owners.identity]\nteam = \"Identity\"\n[lints]\npinned_certificates = \"deny\"\n";
const PIN: &str = "sha256/GZZB/KAYpP1hsIaM+h8dIbsNFG3SR6BBtTHAdMebPvE=";
const LOCK: &str = "durable.lock";

/// Files that are added to a crate; each has fixes and a pin.
const ADDED: usize = 12;

/// A crate with findings, to which rounds bring it back.
struct Subject {
    root: PathBuf,
    cache: PathBuf,
    /// As it is, without an exemption.
    plain: Tree,
    /// As `baseline` leaves it.
    exempt: Tree,
}

impl Subject {
    fn new(lab: &mut Laboratory, source: &Path, root: PathBuf) -> Subject {
        let mut plain = tree(source);
        let client = "    reqwest::Client::builder().danger_accept_invalid_certs(true).build();\n";
        for number in 0..ADDED {
            let text = format!("fn f{number}() {{\n{}    pin(\"{PIN}\");\n}}\n", client.repeat(10));
            plain.insert(format!("src/soak{number}.rs").into(), text.into_bytes());
        }
        plain.insert("durable.toml".into(), POLICY.into());
        plain.remove(Path::new(LOCK));
        let manifest = plain.get_mut(Path::new("Cargo.toml")).expect("a crate has a manifest");
        if !String::from_utf8_lossy(manifest).contains("reqwest") {
            manifest.extend(b"\n[dependencies.reqwest]\nversion = \"0.12\"\n");
        }
        write(&plain, &root);
        let cache = lab.fresh("cache");
        lab.about = name(source);
        lab.run(&root, &cache, &format!("baseline {WHO} ."));
        Subject { exempt: tree(&root), root, cache, plain }
    }

    /// The state that a command is given: one that it has something to do in.
    fn before(&self, arguments: &str) -> &Tree {
        if arguments.starts_with("exemptions") { &self.exempt } else { &self.plain }
    }

    /// Every file is as before or as an undisturbed run leaves it, and there is no other; temporary
    /// files may be there where a run was killed.
    fn half_written(&self, old: &Tree, new: &Tree, killed: bool) -> Option<String> {
        let now = tree(&self.root);
        let temporary = |path: &Path| killed && is_temporary(path);
        let wrong = now.iter().find(|(path, bytes)| {
            !temporary(path) && old.get(*path) != Some(bytes) && new.get(*path) != Some(bytes)
        });
        let gone = old.keys().find(|path| !now.contains_key(*path) && new.contains_key(*path));
        wrong.map(|(path, _)| path).or(gone).map(|path| format!("{} is neither old nor new", path.display()))
    }

    /// The cache gives the answer that there is without it.
    fn cache_is_true(&self, lab: &mut Laboratory) {
        let bare = lab.run(&self.root, &self.cache, &format!("{CHECK} --no-cache"));
        for _ in 0..2 {
            let cached = lab.run(&self.root, &self.cache, CHECK);
            lab.expect(cached == bare, &self.root, CHECK, "the cache lies", &[&cached, &bare]);
        }
    }
}

fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        name.to_string_lossy().starts_with(".cargo-durable-") || name.to_string_lossy().starts_with(".tmp")
    })
}

fn commands() -> [String; 6] {
    [
        CHECK.into(),
        FIX.into(),
        format!("allow pinned_certificates {WHO}"),
        format!("baseline {WHO} ."),
        "exemptions shorten --owner identity --expires 2026-12-01".into(),
        "exemptions withdraw --in src/soak1.rs".into(),
    ]
}

/// Every command is killed once, anywhere between its start and its end, and run again.
pub(crate) fn kill(lab: &mut Laboratory, source: &Path, rng: &mut Rng) {
    let root = lab.fresh("killed");
    let subject = Subject::new(lab, source, root);
    let root = &subject.root;
    for arguments in &commands() {
        let old = subject.before(arguments);
        write(old, root);
        lab.about = format!("{} kill", name(source));
        let start = Instant::now();
        lab.run(root, &subject.cache, arguments);
        let took = start.elapsed();
        let new = tree(root);

        write(old, root);
        if rng.bool() {
            fs::remove_dir_all(&subject.cache).expect("a cache of ours");
        }
        let mut running = lab.start(Laboratory::command(root, &subject.cache, arguments));
        // Most of the time nothing is written yet, so half of the kills come near the end.
        let share = if rng.bool() { rng.f64() } else { 0.7 + 0.4 * rng.f64() };
        thread::sleep(took.mul_f64(share));
        running.kill();
        lab.kills += 1;
        let killed = lab.end(running);
        lab.kills_of_living += usize::from(killed.status.code().is_none());
        if let Some(wrong) = subject.half_written(old, &new, true) {
            lab.violation(root, arguments, &format!("after a kill {wrong}"), &[&killed]);
        }
        let listed = lab.run(root, &subject.cache, "exemptions");
        lab.expect(listed.status.success(), root, arguments, "after a kill the lock is broken", &[&listed]);
        subject.cache_is_true(lab);

        let again = lab.run(root, &subject.cache, arguments);
        // What one run has done already, the next refuses to do twice.
        let same = tree(root) == new || again.status.code() == Some(2);
        lab.expect(same, root, arguments, "after a kill the next run ends elsewhere", &[&again]);
        lab.run(root, &subject.cache, FIX);
        lab.run(root, &subject.cache, &format!("baseline --again {WHO} ."));
        let left =
            tree(root).into_keys().chain(tree(&subject.cache).into_keys()).find(|path| is_temporary(path));
        let wrong = format!("{left:?} stays after a kill and the next runs");
        lab.expect(left.is_none(), root, arguments, &wrong, &[]);
    }
}

/// Eight commands on one checkout and cache end as they do one after the other.
pub(crate) fn eight_at_once(lab: &mut Laboratory, source: &Path) {
    let root = lab.fresh("shared");
    let subject = Subject::new(lab, source, root);
    let root = &subject.root;
    lab.about = format!("{} eight at once", name(source));

    write(&subject.plain, root);
    let alone = lab.run(root, &subject.cache, &format!("{CHECK} --no-cache"));
    lab.fresh("cache");
    for ran in at_once(lab, &subject, &vec![CHECK.to_owned(); 8]) {
        lab.expect(ran == alone, root, CHECK, "a check beside others differs", &[&ran, &alone]);
    }

    lab.run(root, &subject.cache, FIX);
    let fixed = tree(root);
    write(&subject.plain, root);
    let ran = at_once(lab, &subject, &vec![FIX.to_owned(); 8]);
    lab.expect(
        tree(root) == fixed,
        root,
        FIX,
        "fixes at once lose something",
        &ran.iter().collect::<Vec<_>>(),
    );

    let pins = |number| format!("allow pinned_certificates {WHO} --in src/soak{number}.rs");
    write(&subject.plain, root);
    for number in 0..8 {
        lab.run(root, &subject.cache, &pins(number));
    }
    let allowed = tree(root);
    write(&subject.plain, root);
    let ran = at_once(lab, &subject, &(0..8).map(pins).collect::<Vec<_>>());
    let same = tree(root) == allowed && ran.iter().all(|ran| ran.status.success());
    lab.expect(same, root, "allow", "entries are lost", &ran.iter().collect::<Vec<_>>());

    // All kinds at once: the order is open, but each of them is whole.
    write(&subject.exempt, root);
    lab.run(root, &subject.cache, FIX);
    let fixed = tree(root);
    write(&subject.exempt, root);
    let mixed: Vec<String> = commands().into_iter().chain([CHECK.into(), FIX.into()]).collect();
    let ran = at_once(lab, &subject, &mixed);
    let all: Vec<&Ran> = ran.iter().collect();
    let mut new = tree(root);
    let lock = new.remove(Path::new(LOCK));
    let whole = new
        .iter()
        .all(|(path, bytes)| subject.exempt.get(path) == Some(bytes) || fixed.get(path) == Some(bytes));
    lab.expect(whole && lock.is_some(), root, "mixed", "a file is neither old nor new", &all);
    let listed = lab.run(root, &subject.cache, "exemptions");
    lab.expect(listed.status.success(), root, "mixed", "the lock is broken", &[&listed]);
    subject.cache_is_true(lab);
}

fn at_once(lab: &mut Laboratory, subject: &Subject, arguments: &[String]) -> Vec<Ran> {
    lab.at_once += 1;
    let started: Vec<_> = arguments
        .iter()
        .map(|arguments| lab.start(Laboratory::command(&subject.root, &subject.cache, arguments)))
        .collect();
    let ended: Vec<Ran> = started.into_iter().map(|running| lab.end(running)).collect();
    for (arguments, ran) in arguments.iter().zip(&ended) {
        lab.judge(&subject.root, arguments, ran);
    }
    ended
}

/// A full disk is told, with the file that found no place, and leaves every file whole.
pub(crate) fn disk_full(lab: &mut Laboratory, source: &Path, rng: &mut Rng) {
    let root = lab.fresh("full");
    let subject = Subject::new(lab, source, root);
    lab.about = format!("{} disk full", name(source));
    let disk = lab.fresh("disk");
    // Where nothing may be mounted, a limit to the size of a file refuses writes in the same place.
    let Some(disk) = Disk::mount(&disk) else { return files_limited(lab, &subject, rng) };
    let root = disk.0.join("checkout");
    let subject = Subject { root, ..subject };
    let root = &subject.root;
    for arguments in &commands()[1..] {
        let old = subject.before(arguments);
        disk.fill(None);
        write(old, root);
        lab.run(root, &subject.cache, arguments);
        let new = tree(root);
        write(old, root);
        disk.fill(Some(rng.usize(0..6) * 4096));
        lab.full += 1;
        let ran = lab.run(root, &subject.cache, arguments);
        refused(lab, &subject, old, &new, arguments, &ran);
    }
    disk.fill(None);
    write(&subject.plain, root);
    let bare = lab.run(root, &subject.cache, &format!("{CHECK} --no-cache"));
    let cache = disk.0.join("cache");
    for _ in 0..3 {
        disk.fill(Some(rng.usize(0..10) * 4096));
        lab.full += 1;
        let ran = lab.run(root, &cache, CHECK);
        lab.expect(ran == bare, root, CHECK, "a full cache changes the answer", &[&ran, &bare]);
        let left = tree(&cache).into_keys().find(|path| is_temporary(path));
        lab.expect(left.is_none(), root, CHECK, "a full cache keeps temporary files", &[&ran]);
    }
}

fn files_limited(lab: &mut Laboratory, subject: &Subject, rng: &mut Rng) {
    for arguments in &commands()[1..] {
        let old = subject.before(arguments);
        write(old, &subject.root);
        lab.run(&subject.root, &subject.cache, arguments);
        let new = tree(&subject.root);
        write(old, &subject.root);
        let plain = Laboratory::command(&subject.root, &subject.cache, arguments);
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &rng.u8(0..3).to_string()]);
        command.arg(plain.get_program()).args(plain.get_args()).current_dir(&subject.root);
        command.env("CARGO_DURABLE_CACHE", &subject.cache).env("NO_COLOR", "1");
        lab.full += 1;
        let running = lab.start(command);
        let ran = lab.end(running);
        lab.judge(&subject.root, arguments, &ran);
        refused(lab, subject, old, &new, arguments, &ran);
    }
}

fn refused(lab: &mut Laboratory, subject: &Subject, old: &Tree, new: &Tree, arguments: &str, ran: &Ran) {
    let root = &subject.root;
    if let Some(wrong) = subject.half_written(old, new, false) {
        lab.violation(root, arguments, &format!("on a full disk {wrong}"), &[ran]);
    }
    let now = tree(root);
    let missing: Vec<&PathBuf> =
        new.iter().filter(|(path, bytes)| now.get(*path) != Some(bytes)).map(|(path, _)| path).collect();
    // `fix` tells file by file on standard output what it left alone.
    let said = ran.said() + &String::from_utf8_lossy(&ran.out);
    let told = missing.is_empty()
        || ran.status.code() == Some(2) && missing.iter().any(|path| said.contains(&*path.to_string_lossy()));
    let wrong = format!("a full disk is not told: {missing:?}");
    lab.expect(told, root, arguments, &wrong, &[ran]);
}

/// A small file system in memory, gone with this value.
struct Disk(PathBuf);

impl Disk {
    fn mount(folder: &Path) -> Option<Disk> {
        let status =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"]).arg(folder).output();
        status.is_ok_and(|output| output.status.success()).then(|| Disk(folder.to_owned()))
    }

    /// Leaves this much room, or all there is.
    fn fill(&self, room: Option<usize>) {
        let filler = self.0.join("filler");
        drop(fs::remove_file(&filler));
        let Some(room) = room else { return };
        let mut all = vec![0; 16 << 20];
        // What does not fit is the point; the file takes what there is.
        let _ = fs::write(&filler, &all);
        let size = fs::metadata(&filler).map_or(0, |metadata| metadata.len() as usize);
        all.truncate(size.saturating_sub(room));
        // Cut in place: writing anew could be refused.
        let file = fs::File::options().write(true).open(&filler).expect("a file of ours");
        file.set_len(all.len() as u64).expect("a file of ours");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        for _ in 0..20 {
            let status = Command::new("umount").arg(&self.0).output();
            if status.is_ok_and(|output| output.status.success()) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}
