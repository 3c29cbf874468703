//! `cargo durable new`.

mod questions;

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::{self, Vcs};
use crate::interrupt;
use crate::policy::suggestion;
use crate::render::text::one_line;
use crate::scaffold::{Names, Source, Stage, Template, built_in, is_package};
use questions::Questions;

/// What a project is made from where nobody says.
const TEMPLATE: &str = "library";
/// Who answers for a project whose maker names nobody.
const OWNER: &str = "maintainers";
/// The template of the hook, and the folder that it has it in.
const HOOK: (&str, &str) = ("hook", ".githooks");

/// Makes a project, or lists what it can be made from.
///
/// # Errors
/// Where a name cannot be taken, something is in the place already, or the disk or git refuses; then
/// nothing is left behind.
pub fn run(args: &cli::New, out: &mut dyn Write) -> Result<()> {
    if args.list {
        return list(out);
    }
    interrupt::end_at_once();
    let questions = Questions::unless(args.yes);
    let target = target(args, &questions)?;
    let begins_repository = begins_repository(args, &target)?;
    Stage::is_free(&target)?;
    let mut template = Template::find(&source(args, &questions)?)?;
    if args.hook {
        template.bring(HOOK.0)?;
    }
    let names = names(args, &target, &template, &questions)?;
    let files = template.filled(&names, args.macros)?;
    let stage = Stage::at(&target)?;
    stage.fill(&files)?;
    if begins_repository {
        stage.begin_repository(args.hook.then_some(HOOK.1))?;
    }
    stage.keep()?;
    tell(&target, &template, &names, out)
}

fn list(out: &mut dyn Write) -> Result<()> {
    let all = built_in()?;
    let width = all.iter().map(|template| template.name.len()).max().unwrap_or_default();
    for Template { name, summary, .. } in &all {
        writeln!(out, "{name:width$}  {summary}")?;
    }
    Ok(())
}

fn target(args: &cli::New, questions: &Questions) -> Result<Utf8PathBuf> {
    let path = args.path.as_ref().map(|path| path.as_str());
    let path = questions.answer(path, "Folder to make", None, |path| Stage::is_free(path.into()))?;
    Ok(path.context("say where: `cargo durable new PATH`")?.into())
}

/// As cargo does it: what is made inside a repository is part of that one.
fn begins_repository(args: &cli::New, target: &Utf8Path) -> Result<bool> {
    let whole = camino::absolute_utf8(target);
    let around = whole.is_ok_and(|path| path.ancestors().any(|folder| folder.join(".git").exists()));
    let begins = args.vcs == Vcs::Git && !around;
    ensure!(
        begins || !args.hook,
        "`--hook` sets up a repository that `new` begins, and here it begins none; leave `--hook` out"
    );
    Ok(begins)
}

fn source(args: &cli::New, questions: &Questions) -> Result<Source> {
    if let Some(source) = &args.template {
        return Ok(source.clone());
    }
    let all: Vec<String> = built_in()?.into_iter().map(|template| template.name).collect();
    let source = |text: &str| text.parse().map_err(anyhow::Error::msg);
    let asked = format!("Template, one of {}", all.join(", "));
    let answer = questions.answer(None, &asked, Some(TEMPLATE), |text| match source(text)? {
        Source::BuiltIn(name) if !all.contains(&name) => {
            let help = suggestion(&name, all.iter().map(String::as_str));
            bail!("there is no template `{name}`; {}", help.as_deref().unwrap_or("a path has a `/`"))
        }
        _ => Ok(()),
    })?;
    source(answer.as_deref().unwrap_or(TEMPLATE))
}

fn names(args: &cli::New, target: &Utf8Path, template: &Template, questions: &Questions) -> Result<Names> {
    // As cargo does it: the folder's name is the package's, and only where it cannot be is there a question.
    let given = args.name.as_deref().or(target.file_name().filter(|name| is_package(name).is_ok()));
    let name = questions.answer(given, "Name of the package", target.file_name(), is_package)?;
    let name = name.context("give the package a name with `--name`")?;
    let owner =
        questions.answer(args.owner.as_deref(), "Team that answers for it", Some(OWNER), |owner| {
            Names::new(&name, owner, owner).map(drop)
        })?;
    let owner = owner.as_deref().unwrap_or(OWNER);
    let named = Names::new(&name, owner, owner)?;
    let organisation = questions.answer(
        args.organisation.as_deref(),
        "Its organisation or user on the code host",
        Some(named.owner()),
        |organisation| Names::new(&name, owner, organisation).map(drop),
    )?;
    let mut names = Names::new(&name, owner, organisation.as_deref().unwrap_or(owner))?;
    let mut given = defined(&args.define, template)?;
    for (key, variable) in &template.variables {
        let asked = match &variable.one_of[..] {
            [] => variable.about.clone(),
            all => format!("{}, one of {}", variable.about, all.join(", ")),
        };
        let allows = |value: &str| variable.allows(key, value);
        let value =
            questions.answer(given.remove(key.as_str()), &asked, variable.default.as_deref(), allows)?;
        let value = value.with_context(|| {
            format!("the template asks for `{key}` ({}); give it with `--define {key}=…`", variable.about)
        })?;
        allows(&value)?;
        names.define(key, &variable.word, &value)?;
    }
    Ok(names)
}

/// What `--define` gives, as far as the template knows it.
fn defined<'a>(pairs: &'a [(String, String)], template: &Template) -> Result<BTreeMap<&'a str, &'a str>> {
    let mut given = BTreeMap::new();
    for (key, value) in pairs {
        if !template.variables.contains_key(key) {
            let help = match (&**key, suggestion(key, template.variables.keys().map(String::as_str))) {
                ("name" | "owner" | "organisation", _) => format!("`--{key}` gives it"),
                (_, Some(help)) => help,
                (_, None) if template.variables.is_empty() => "it asks for nothing".to_owned(),
                _ => format!(
                    "it asks for {}",
                    template.variables.keys().cloned().collect::<Vec<_>>().join(", ")
                ),
            };
            bail!("the template {} has no variable `{key}`; {help}", template.source);
        }
        let before = given.insert(key.as_str(), value.as_str());
        ensure!(before.is_none(), "`--define {key}=…` is given twice");
    }
    Ok(given)
}

fn tell(target: &Utf8Path, template: &Template, names: &Names, out: &mut dyn Write) -> Result<()> {
    let place = one_line(target.as_str());
    let Template { source, next, notes, .. } = template;
    let source = source.to_string();
    writeln!(
        out,
        "made {place} from the template `{}`; `{}` answers for it\n",
        one_line(&source),
        names.owner()
    )?;
    writeln!(out, "next:\n  cd {place}")?;
    for command in next {
        writeln!(out, "  {}", one_line(&names.put_into(command)))?;
    }
    for note in notes {
        writeln!(out, "\n{}", one_line(&names.put_into(note)))?;
    }
    Ok(())
}
