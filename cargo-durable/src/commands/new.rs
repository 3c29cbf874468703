//! `cargo durable new`.

use std::io::Write;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;

use crate::cli::{self, Vcs};
use crate::render::text::one_line;
use crate::scaffold::{Names, Stage, Template, built_in};

/// Who answers for a project whose maker names nobody.
const OWNER: &str = "maintainers";

/// Makes a project, or lists what it can be made from.
///
/// # Errors
/// Where a name cannot be taken, something is in the place already, or the disk or git refuses; then
/// nothing is left behind.
pub fn run(args: &cli::New, out: &mut dyn Write) -> Result<()> {
    if args.list {
        return list(out);
    }
    let target = args.path.as_deref().context("say where: `cargo durable new PATH`")?;
    let template = Template::named(&args.template)?;
    let names = names(args, target)?;
    let stage = Stage::at(target)?;
    stage.fill(&template.filled(&names)?)?;
    if args.vcs == Vcs::Git && !is_in_repository(target) {
        init(stage.folder()?)?;
    }
    stage.keep()?;
    tell(target, &template, &names, out)
}

fn list(out: &mut dyn Write) -> Result<()> {
    let all = built_in()?;
    let width = all.iter().map(|template| template.name.len()).max().unwrap_or_default();
    for Template { name, summary, .. } in &all {
        writeln!(out, "{name:width$}  {summary}")?;
    }
    Ok(())
}

fn names(args: &cli::New, target: &Utf8Path) -> Result<Names> {
    let name =
        args.name.as_deref().or(target.file_name()).context("give the package a name with `--name`")?;
    let owner = args.owner.as_deref().unwrap_or(OWNER);
    Names::new(name, owner, args.organisation.as_deref().unwrap_or(owner))
}

/// As cargo does it: what is made inside a repository is part of that one.
fn is_in_repository(target: &Utf8Path) -> bool {
    let whole = camino::absolute_utf8(target);
    whole.is_ok_and(|path| path.ancestors().any(|folder| folder.join(".git").exists()))
}

fn init(folder: &Utf8Path) -> Result<()> {
    let ran = Command::new("git").args(["init", "--quiet"]).current_dir(folder).output();
    let ran = ran.context("git cannot be run; `--vcs none` does without it")?;
    let said = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "git init failed: {}; `--vcs none` does without it", said.trim());
    Ok(())
}

fn tell(target: &Utf8Path, template: &Template, names: &Names, out: &mut dyn Write) -> Result<()> {
    let Template { name, next, .. } = template;
    writeln!(
        out,
        "made {} from the template `{name}`; `{}` answers for it\n",
        one_line(target.as_str()),
        names.owner()
    )?;
    writeln!(out, "next:\n  cd {}", one_line(target.as_str()))?;
    for command in next {
        writeln!(out, "  {command}")?;
    }
    writeln!(
        out,
        "\nIn durable.toml stands who `{}` is on GitHub; `cargo durable owners --codeowners` brings CODEOWNERS after it.",
        names.owner()
    )?;
    Ok(())
}
