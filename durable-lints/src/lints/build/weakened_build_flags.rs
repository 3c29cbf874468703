use crate::prelude::*;

declare_lint! {
    /// A compiler or linker flag removes a protection, so a memory error is easier to turn into an attack.
    ///
    /// Programs are built so that their place in memory is random, their tables are read-only once
    /// they are linked, and their stack holds no code. Flags can switch each of these off, and
    /// nothing in the source shows it.
    ///
    /// ```toml,bad .cargo/config.toml
    /// [build]
    /// rustflags = ["-C", "relocation-model=static", "-C", "link-arg=-Wl,-z,norelro"]
    /// ```
    ///
    /// ```toml,good .cargo/config.toml
    /// [target.thumbv7em-none-eabihf]
    /// rustflags = ["-C", "relocation-model=static"]
    /// ```
    ///
    /// A build script sets linker flags too:
    ///
    /// ```rust,bad build.rs
    /// fn main() {
    ///     println!("cargo::rustc-link-arg=-Wl,-z,execstack");
    /// }
    /// ```
    ///
    /// ```rust,good build.rs
    /// fn main() {
    ///     println!("cargo::rustc-link-arg=-Wl,-z,noexecstack");
    /// }
    /// ```
    ///
    /// ## What to do
    /// Remove the flag. Where a target without an operating system needs it, move it into a section
    /// for that target.
    ///
    /// ## Known limits
    /// A wrapper around the compiler or linker can do the same and is not looked into. Flags in the
    /// environment of a developer's shell are not seen.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[693, 1104],
        scope: Scope::NonTest,
        triggers: &["rustc-link-arg"],
        check: Check::CargoConfig(config),
        also: &[Check::Manifest(manifest), Check::Workflow(workflow), Check::Code(build_script)],
    }
}

/// Values of code generation options that remove a protection, and what that means.
const CODEGEN: &[(&str, &[&str], &str)] = &[
    ("relocation-model", &["static", "dynamic-no-pic", "ropi", "rwpi", "ropi-rwpi"], RANDOM),
    ("relro-level", &["off", "partial"], RELRO),
    ("control-flow-guard", &["no", "n", "off", "false", "nochecks"], "turns the control flow guard off"),
    ("overflow-checks", &["no", "n", "off", "false"], "lets arithmetic wrap around in every profile"),
];

/// Values of unstable options, likewise.
const UNSTABLE: &[(&str, &[&str], &str)] = &[
    ("stack-protector", &["none"], "removes the guard values on the stack"),
    ("cf-protection", &["none"], "removes the landing pads for indirect jumps"),
    ("relro-level", &["off", "partial"], RELRO),
];

/// What the linker is told in one word, in lower case.
const LINKER: &[(&str, &str)] = &[
    ("-no-pie", RANDOM),
    ("-nopie", RANDOM),
    ("--no-pie", RANDOM),
    ("-no_pie", RANDOM),
    ("-zexecstack", EXECSTACK),
    ("-allow_stack_execute", EXECSTACK),
    ("-znorelro", RELRO),
    ("-zlazy", RELRO),
    ("/nxcompat:no", EXECSTACK),
    ("/dynamicbase:no", RANDOM),
    ("/guard:no", "turns the control flow guard off"),
];

const RANDOM: &str = "turns off address space randomisation for what is built";
const RELRO: &str = "leaves the linker's tables writable while the program runs";
const EXECSTACK: &str = "makes memory that holds data executable";
const HELP: &str = "remove the flag, or move it into a section for the bare-metal target that needs it";

fn config(config: &CargoConfig, findings: &mut Findings) {
    check(&config.flags(), findings);
}

fn manifest(manifest: &Manifest, findings: &mut Findings) {
    check(&manifest.flags(), findings);
}

fn workflow(workflow: &Workflow, findings: &mut Findings) {
    check(&workflow.flags(), findings);
}

fn check(sets: &[FlagSet], findings: &mut Findings) {
    for set in sets.iter().filter(|set| !set.bare_metal) {
        for flag in &set.flags {
            if let Some(effect) = codegen(flag) {
                report(&set.section, flag, effect, findings);
            }
        }
        linked(set, findings);
    }
}

fn report(section: &str, flag: &Flag, effect: &str, findings: &mut Findings) {
    let draft = findings.at(flag.span, format!("`{}` {effect}", flag.shown())).help(HELP).item(section);
    if let Some(removal) = flag.removal {
        draft.fix(Fix::needs_review("remove the flag").delete(removal));
    }
}

fn codegen(flag: &Flag) -> Option<&'static str> {
    let options = match &*flag.option {
        "C" => CODEGEN,
        "Z" => UNSTABLE,
        _ => return None,
    };
    let (name, value) = flag.value.split_once('=')?;
    let known = options.iter().find(|(option, values, _)| *option == name && values.contains(&value));
    known.map(|(_, _, effect)| *effect)
}

/// What the linker is told; one argument of the linker may stand in two flags.
fn linked(set: &FlagSet, findings: &mut Findings) {
    let words: Vec<(&Flag, &str)> = set
        .flags
        .iter()
        .flat_map(|flag| flag.linker_words().into_iter().map(move |word| (flag, word)))
        .collect();
    let texts: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    // One flag may take away several protections.
    let mut told: Vec<(Span, &str)> = Vec::new();
    for (at, effect) in weakened(&texts) {
        let flag = words[at].0;
        if !told.contains(&(flag.span, effect)) {
            told.push((flag.span, effect));
            report(&set.section, flag, effect, findings);
        }
    }
}

/// The places in a list of linker arguments that remove a protection.
fn weakened(words: &[&str]) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or("");
        let word = match *word {
            "-z" => format!("-z{next}"),
            "-rpath" | "--rpath" | "-R" => format!("-rpath={next}"),
            word => word.to_ascii_lowercase(),
        };
        let known = LINKER.iter().find(|(flag, _)| *flag == word).map(|(_, effect)| *effect);
        let searched = word.trim_start_matches('-').strip_prefix("rpath=").filter(|folder| is_shared(folder));
        let effect = known.or(searched.map(|_| "loads libraries from a folder that others can write to"));
        found.extend(effect.map(|effect| (at, effect)));
    }
    found
}

/// Whether a folder is one where anybody may put a library: shared, or wherever the program is run.
fn is_shared(folder: &str) -> bool {
    folder.split(':').any(|folder| {
        let temporary = ["/tmp", "/var/tmp", "/dev/shm"].iter().any(|shared| folder.starts_with(shared));
        temporary || folder.starts_with('.')
    })
}

/// What a build script prints.
fn build_script(code: &Code<'_>, findings: &mut Findings) {
    if code.file.role != Role::BuildScript {
        return;
    }
    for expr in code.exprs() {
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = expr else { continue };
        let value = text.value();
        let Some(argument) = link_argument(&value) else { continue };
        for (_, effect) in weakened(&linker_words(argument)) {
            findings.at(code.span(text), format!("`{argument}` {effect}")).help(HELP);
        }
    }
}

/// The argument of `cargo::rustc-link-arg-bins=…`; the last `=` form names the target first.
fn link_argument(text: &str) -> Option<&str> {
    let order = text.trim_start().strip_prefix("cargo:")?;
    let order = order.strip_prefix(':').unwrap_or(order).strip_prefix("rustc-link-arg")?;
    let (kind, argument) = order.split_once('=')?;
    match kind {
        "-bin" => argument.split_once('=').map(|(_, argument)| argument.trim()),
        _ => Some(argument.trim()),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn each_protection_that_a_flag_removes_is_a_finding() {
        let found = crate::fixture::found(
            &LINT,
            "[build]\nrustflags = [\"-Clink-arg=-Wl,-z,norelro,-z,execstack,-z,lazy\"]",
        );
        let flag = "2:14 `-C link-arg=-Wl,-z,norelro,-z,execstack,-z,lazy`";
        assert_eq!(found, format!("{flag} {}\n{flag} {}", super::RELRO, super::EXECSTACK));
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                [build]
                rustflags = "-Crelocation-model=dynamic-no-pic"
                #~           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `-C relocation-model=dynamic-no-pic` turns off address space randomisation for what is built
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                [target.x86_64-unknown-linux-gnu]
                rustflags = ["--codegen=relro-level=off"]
                #~           ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `-C relro-level=off` leaves the linker's tables writable while the program runs
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                [target.'cfg(unix)']
                rustflags = ["-C", "link-args=-no-pie -s"]
                #~           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `-C link-args=-no-pie -s` turns off address space randomisation for what is built
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                [build]
                rustflags = ["-Clink-arg=-z", "-Clink-arg=execstack"]
                #~           ^^^^^^^^^^^^^^^ `-C link-arg=-z` makes memory that holds data executable
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                [target.x86_64-pc-windows-msvc]
                rustflags = ["-C", "link-arg=/DYNAMICBASE:NO"]
                #~           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `-C link-arg=/DYNAMICBASE:NO` turns off address space randomisation for what is built
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                [build]
                rustflags = ["-Clink-arg=-Wl,-rpath,/tmp/lib"]
                #~           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `-C link-arg=-Wl,-rpath,/tmp/lib` loads libraries from a folder that others can write to
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                [build]
                rustflags = ["-Zstack-protector=none"]
                #~           ^^^^^^^^^^^^^^^^^^^^^^^^ `-Z stack-protector=none` removes the guard values on the stack
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                [profile.release]
                rustflags = ["-Coverflow-checks=off"]
                #~           ^^^^^^^^^^^^^^^^^^^^^^^ `-C overflow-checks=off` lets arithmetic wrap around in every profile
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                //- Cargo.toml
                cargo-features = ["profile-rustflags"]
                [package]
                name = "x"
                version = "1.0.0"
                [profile.release]
                rustflags = ["-C", "relro-level=partial"]
                #~           ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `-C relro-level=partial` leaves the linker's tables writable while the program runs
                #~ fix: remove the flag
            "#]],
            expect![[r#"
                //- .github/workflows/ci.yml
                on: push
                env:
                  RUSTFLAGS: -D warnings -C relro-level=off
                #~                       ^^^^^^^^^^^^^^^^^^ `-C relro-level=off` leaves the linker's tables writable while the program runs
                #~ fix: remove the flag
                jobs: {}
            "#]],
            expect![[r#"
                //- build.rs
                fn main() {
                    println!("cargo:rustc-link-arg-bin=x=-no-pie");
                //~          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `-no-pie` turns off address space randomisation for what is built
                }
            "#]],
            expect![[r#"
                //- build.rs
                const ARG: &str = "cargo:rustc-link-arg-bins=/NXCOMPAT:NO";
                //~               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `/NXCOMPAT:NO` makes memory that holds data executable
                fn main() {
                    println!("{ARG}");
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "[build]\nrustflags = [\"-C\", \"relocation-model=pic\", \"-C\", \"relro-level=full\"]",
            "[build]\ntarget = \"thumbv7em-none-eabihf\"\nrustflags = [\"-C\", \"relocation-model=static\"]",
            "[target.'cfg(target_os = \"none\")']\nrustflags = [\"-C\", \"relocation-model=static\"]",
            "[target.wasm32-unknown-unknown]\nrustflags = [\"-C\", \"link-arg=-zlazy\"]",
            "[build]\nrustflags = [\"-C\", \"target-cpu=native\", \"-Clink-arg=-fuse-ld=lld\"]",
            "[build]\nrustflags = [\"-Clink-arg=-Wl,-z,now,-z,relro\", \"-Clink-arg=-Wl,-rpath,$ORIGIN/../lib\"]",
            "[build]\nrustc-wrapper = \"sccache\"",
            "[profile.fuzz]\nrustflags = [\"-Crelocation-model=static\"]",
            "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\n[profile.release]\noverflow-checks = false",
            "//- build.rs\nfn main() { println!(\"cargo:rustc-link-arg=-Tlink.x\"); println!(\"cargo:rustc-cfg=no-pie\"); }",
            "//- src/lib.rs\npub const HELP: &str = \"cargo:rustc-link-arg=-no-pie\";",
        ]);
    }
}
