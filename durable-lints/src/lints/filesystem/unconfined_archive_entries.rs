use crate::flow::{Origin, OriginKind, Purpose, Value};
use crate::prelude::*;

declare_lint! {
    /// Whoever made an archive decides where its files land, so they can replace any file.
    ///
    /// The names in an archive are text of its maker. One that is `../../.ssh/authorized_keys` or
    /// `/etc/cron.d/x` leaves the folder that it is joined to. An archive can also ask for setuid
    /// bits, owners and links.
    ///
    /// ```rust,bad
    /// use std::{fs::File, io, path::Path};
    /// fn unpack(file: File, target: &Path) -> io::Result<()> {
    ///     let mut archive = zip::ZipArchive::new(file)?;
    ///     for number in 0..archive.len() {
    ///         let mut entry = archive.by_index(number)?;
    ///         let mut out = File::create(target.join(entry.name()))?;
    ///         io::copy(&mut entry, &mut out)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use std::{fs::File, io, path::Path};
    /// fn unpack(file: File, target: &Path) -> io::Result<()> {
    ///     let mut archive = zip::ZipArchive::new(file)?;
    ///     for number in 0..archive.len() {
    ///         let mut entry = archive.by_index(number)?;
    ///         let Some(name) = entry.enclosed_name() else { continue };
    ///         let mut out = File::create_new(target.join(name))?;
    ///         io::copy(&mut entry, &mut out)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ## What to do
    /// With zip, take `enclosed_name()`, which refuses such names. With tar, call `unpack_in(target)`
    /// and look at the `false` that it returns for a refused entry, or `Archive::unpack`.
    ///
    /// ## Known limits
    /// Names that are kept in a struct and written by another function are lost. Versions of the
    /// crates that do not confine what they promise to confine are the business of advisories.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[22, 59, 73, 732],
        triggers: &[
            "ZipArchive", "ZipFile", "ZipEntry", "ZipFileReader", "Archive", "Entry", "entries", "by_index", "by_name",
            "read_zipfile_from_stream", "SevenZArchiveEntry", "ArchiveEntry", "set_preserve_permissions",
            "set_preserve_ownerships", "set_unpack_xattrs", "set_allow_external_symlinks",
        ],
        crates: &[
            "zip", "tar", "tokio-tar", "astral-tokio-tar", "async-tar", "async_zip", "sevenz-rust", "sevenz-rust2", "ar",
        ],
        check: Check::Code(check),
    }
}

/// Switches that let an archive choose more than content, unless it is the program's own.
const SWITCHES: &[(&str, &str)] = &[
    ("set_preserve_permissions", "setuid bits and modes"),
    ("set_preserve_ownerships", "the owners of files"),
    ("set_unpack_xattrs", "extended attributes, and with them capabilities"),
];

fn check(code: &Code<'_>, findings: &mut Findings) {
    let mut reported: Vec<Span> = Vec::new();
    for (sink, _) in code.flow().threats(Purpose::Path) {
        reported.push(sink.argument);
        report(sink.argument, &sink.value, findings);
    }
    for call in code.calls().iter().filter(|call| call.is_method("unpack")) {
        // The type of an entry is often not known, but only entries are unpacked to their own names.
        let [target] = call.args[..] else { continue };
        let value = code.flow().value(target);
        if !reported.contains(&code.span(target)) && value.threat(Purpose::Path).is_some() {
            report(code.span(target), &value, findings);
        }
    }
    for call in code.calls().iter().filter(|call| call.kind == CallKind::Method) {
        let ([flag], Some(receiver)) = (&call.args[..], call.receiver) else { continue };
        if !code.is_bool(flag, true) {
            continue;
        }
        if call.name == "set_allow_external_symlinks" {
            let span = code.span(*flag);
            findings
                .at(call.name_span, "the archive may make links that lead out of the target")
                .help("leave it off, so that such links are refused")
                .fix(Fix::needs_review("refuse such links").replace(span, "false"));
        } else if let Some((_, what)) = SWITCHES.iter().find(|(name, _)| call.name == *name)
            && let Some(origin) = code.flow().value(receiver).hostile()
        {
            let span = code.span(*flag);
            findings
                .at(call.name_span, format!("whoever sent the archive decides about {what}"))
                .label(origin.span, format!("{} comes from here", origin.what))
                .help("leave it off for archives from outside")
                .fix(Fix::needs_review("leave it off").replace(span, "false"));
        }
    }
}

fn report(target: Span, value: &Value, findings: &mut Findings) {
    let from_archive = |origin: &&Origin| origin.kind == OriginKind::Archive;
    let Some(origin) = value.origins.iter().find(from_archive) else { return };
    findings
        .at(target, "the archive decides which file this is: its name may hold `..` or be absolute")
        .label(origin.span, format!("{} comes from here", origin.what))
        .help("with zip take `enclosed_name()`, with tar call `unpack_in` and look at its result")
        .less_certain_if(value.safe_for.contains(&Purpose::Nominal));
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                fn f(file: std::fs::File, dst: &std::path::Path) {
                    let mut a = tar::Archive::new(file);
                    for e in a.entries().unwrap() {
                        let mut e = e.unwrap();
                        let p = dst.join(e.path().unwrap());
                //~                      -------- the name of an archive entry comes from here
                        e.unpack(p).unwrap();
                //~              ^ the archive decides which file this is: its name may hold `..` or be absolute
                    }
                }
            "#]],
            expect![[r#"
                fn f(e: &mut tar::Entry<std::fs::File>, dst: &str) {
                    let p = e.path().unwrap().to_path_buf();
                //~         -------- `tar::Entry::path` comes from here
                    std::fs::write(format!("{dst}/{}", p.display()), b"").unwrap();
                //~                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the archive decides which file this is: its name may hold `..` or be absolute
                }
            "#]],
            expect![[r#"
                fn f(mut z: zip::ZipArchive<std::fs::File>, dst: std::path::PathBuf) {
                    let e = z.by_index(0).unwrap();
                    let name = e.name().replace('\\', "/");
                //~            -------- `zip::read::ZipFile::name` comes from here
                    std::fs::create_dir_all(dst.join(&name)).unwrap();
                //~                         ^^^^^^^^^^^^^^^ the archive decides which file this is: its name may hold `..` or be absolute
                }
            "#]],
            expect![[r#"
                fn f(file: std::fs::File) {
                    let mut z = zip::ZipArchive::new(file).unwrap();
                    for i in 0..z.len() {
                        let e = z.by_index(i).unwrap();
                        write_one(e.name());
                //~               ^^^^^^^^ the archive decides which file this is: its name may hold `..` or be absolute
                //~               -------- the name of an archive entry comes from here
                    }
                }
                fn write_one(name: &str) {
                    std::fs::File::create(std::path::Path::new("out").join(name)).unwrap();
                }
            "#]],
            expect![[r#"
                use tokio_tar::ArchiveBuilder;
                fn f(r: R) {
                    let a = ArchiveBuilder::new(r).set_allow_external_symlinks(true).build();
                //~                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^ the archive may make links that lead out of the target
                //~ fix: refuse such links
                }
            "#]],
            expect![[r#"
                fn f(s: std::net::TcpStream) {
                //~  - parameter `s` comes from here
                    let mut a = tar::Archive::new(s);
                    a.set_preserve_permissions(true);
                //~   ^^^^^^^^^^^^^^^^^^^^^^^^ whoever sent the archive decides about setuid bits and modes
                //~ fix: leave it off
                    a.unpack("x").unwrap();
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f(file: std::fs::File, dst: &std::path::Path) { let mut a = tar::Archive::new(file); for e in a.entries().unwrap() { e.unwrap().unpack_in(dst).unwrap(); } }",
            "fn f(file: std::fs::File) { tar::Archive::new(file).unpack(\"out\").unwrap(); }",
            "fn f(file: std::fs::File) { let mut a = tar::Archive::new(file); a.set_preserve_permissions(true); a.unpack(\"out\").unwrap(); }",
            "fn f(mut z: zip::ZipArchive<std::fs::File>) { for i in 0..z.len() { println!(\"{}\", z.by_index(i).unwrap().name()); } }",
            "fn f(mut z: zip::ZipArchive<std::fs::File>, dst: std::path::PathBuf) { let e = z.by_index(0).unwrap(); let name = e.mangled_name(); std::fs::create_dir_all(dst.join(name)).unwrap(); }",
            "fn f(mut z: zip::ZipArchive<std::fs::File>, dst: std::path::PathBuf) { let e = z.by_index(0).unwrap(); let n = std::path::Path::new(e.name()).file_name().unwrap().to_owned(); std::fs::File::create(dst.join(n)).unwrap(); }",
            "fn f(map: &mut std::collections::HashMap<String, u8>, k: String) { map.entry(k.clone()).or_default(); std::fs::read(k).ok(); }",
        ]);
    }

    #[test]
    fn what_is_checked_by_name_alone_is_less_certain() {
        LINT.sees([expect![[r#"
            fn f(mut archive: zip::ZipArchive<std::fs::File>, names: Names) {
                let entry = archive.by_index(0).unwrap();
                let name = entry.name().to_string();
            //~            ------------ `zip::read::ZipFile::name` comes from here
                if names.allow(&name) {
                    std::fs::File::create(name).unwrap();
            //~                           ^^^^ maybe: the archive decides which file this is: its name may hold `..` or be absolute
                }
            }
        "#]]]);
    }
}
