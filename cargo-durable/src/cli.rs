//! Every flag.

mod levels;
mod output;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};
use durable_lints::codeowners::Host;
use durable_lints::load::LoadOptions;
use jiff::Timestamp;

use crate::advisory_db::AdvisoryDb;
use crate::commands::completions::Shell;
use crate::history::walk::Judge;
use crate::policy::{Profile, Term};
use crate::ratchet::Category;
use crate::ratchet::grant::{self, Until};
use crate::render::Format;
use crate::scaffold::{Macros, Source};

pub use levels::Levels;
pub use output::Output;

/// `cargo durable …` runs `cargo-durable durable …`; called by its own name it works the same.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo", styles = clap_cargo::style::CLAP_STYLING, disable_help_subcommand = true)]
pub struct Cargo {
    /// The subcommand that cargo was asked for.
    #[command(subcommand)]
    pub command: External,
}

/// The one subcommand of cargo that this is.
#[derive(Debug, Subcommand)]
pub enum External {
    /// Make security fixes stay fixed.
    Durable(Durable),
}

/// Make security fixes stay fixed.
#[derive(Debug, Args)]
#[command(version, arg_required_else_help = true)]
pub struct Durable {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes it hold for everything this process prints. `CARGO_TERM_COLOR` speaks where the
    /// command line says nothing; `NO_COLOR` is honoured in between.
    pub fn apply(self) {
        let cargo = std::env::var("CARGO_TERM_COLOR").ok();
        let choice = match (self, cargo.as_deref()) {
            (Color::Always, _) | (Color::Auto, Some("always")) => anstream::ColorChoice::Always,
            (Color::Never, _) | (Color::Auto, Some("never")) => anstream::ColorChoice::Never,
            (Color::Auto, _) => anstream::ColorChoice::Auto,
        };
        choice.write_global();
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a project that is secure by default.
    New(New),
    /// Refuse insecure patterns in source, manifests, dependencies, certificates and workflows.
    Check(Check),
    /// Apply the fixes that lints offer, and drop exemptions that are no longer needed.
    Fix(Fix),
    /// Let findings through for a time, with an owner and a reason.
    Allow(Allow),
    /// Let all existing findings through once, so that only new ones are refused from now on.
    Baseline(Baseline),
    /// List what is let through, soonest end first; shorten, transfer or withdraw it.
    Exemptions(Exemptions),
    /// Say who answers for what: owners, files, items, findings, and what nobody answers for.
    Owners(Owners),
    /// Say when each finding was introduced, fixed and came back, as the git history tells it.
    History(History),
    /// Explain a lint or a group.
    Explain {
        /// The lint or group.
        name: String,
    },
    /// List every lint.
    Lints {
        /// How to print them.
        #[arg(long, value_enum, default_value = "table")]
        format: crate::commands::lints::Format,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print what the last word of a command line may become: completion scripts ask.
    #[command(name = "__complete", hide = true)]
    Complete {
        /// The shell that asks.
        shell: Shell,
        /// The words up to the cursor, the command first.
        #[arg(last = true)]
        words: Vec<std::ffi::OsString>,
    },
    /// Print the manual page, or write all of them into a folder.
    Man {
        /// The folder; without it the main page is printed.
        #[arg(long, value_name = "FOLDER")]
        out: Option<Utf8PathBuf>,
    },
}

impl Command {
    /// Whether it does nothing but print what it knows, so that a reader may stop at any line.
    pub fn only_prints(&self) -> bool {
        matches!(
            self,
            Command::Explain { .. }
                | Command::Lints { .. }
                | Command::Completions { .. }
                | Command::Man { out: None }
                | Command::History(_)
                | Command::Owners(Owners { codeowners: None, .. })
        )
    }
}

/// What is checked: common to every command that checks.
#[derive(Debug, Clone, Args)]
pub struct Selection {
    /// Files, folders or packages; by default the package or workspace around the current folder.
    #[arg(value_name = "PATH")]
    pub paths: Vec<Utf8PathBuf>,
    /// Only these packages.
    #[arg(short, long = "package", value_name = "NAME")]
    pub packages: Vec<String>,
    /// All packages of the workspace.
    #[arg(long)]
    pub workspace: bool,
    /// Not these packages.
    #[arg(long, value_name = "NAME")]
    pub exclude: Vec<String>,
    /// The policy that applies.
    #[arg(long, value_enum, default_value = "default")]
    pub profile: Profile,
    /// Levels for this call, over those of the policy.
    #[command(flatten)]
    pub levels: Levels,
    /// Where the workspace is and how it is checked.
    #[command(flatten)]
    pub scope: Scope,
    /// What is looked for.
    #[arg(skip)]
    pub look: Look,
}

/// What a command looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// What the lints of the policy find.
    #[default]
    Lints,
    /// That, and what matters to security, whether there are owners or not.
    Security,
    /// Only who answers for what.
    Tags,
}

/// Where the workspace is and how it is checked.
#[derive(Debug, Clone, Args)]
pub struct Scope {
    /// The manifest of the package or workspace.
    #[arg(long, value_name = "FILE")]
    pub manifest_path: Option<Utf8PathBuf>,
    /// A RustSec advisory database: a folder, `default` for the clone of cargo-audit or cargo-deny, or
    /// an `https:` URL of a git repository, which is the only thing that is ever fetched.
    #[arg(long, value_name = "FOLDER|default|URL", env = "CARGO_DURABLE_ADVISORY_DB")]
    pub advisory_db: Option<AdvisoryDb>,
    /// Fail where no advisory database is given.
    #[arg(long)]
    pub require_advisory_db: bool,
    /// The time of the check, instead of the clock's: `2027-01-31` or an RFC 3339 time.
    #[arg(long, value_name = "TIME", value_parser = time, env = "CARGO_DURABLE_NOW")]
    pub now: Option<Timestamp>,
    /// Neither use nor write the cache.
    #[arg(long)]
    pub no_cache: bool,
    /// Parse and look at everything: slow, and the measure that the fast path is held to.
    #[arg(long, hide = true)]
    pub exhaustive: bool,
}

/// `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// What is checked.
    #[command(flatten)]
    pub selection: Selection,
    /// How to print what was found.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub message_format: Format,
    /// Also write the report to a file. Without a format it is that of the file's ending, else the
    /// one that is printed.
    #[arg(long, value_name = "[FORMAT=]FILE")]
    pub output: Vec<Output>,
    /// Print findings and errors only: no notes and no summary.
    #[arg(short, long)]
    pub quiet: bool,
    /// Print every warning, and tell on standard error what was looked at and how long it took.
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Count the findings by lint, in `human`, `short`, `github` and `json`.
    #[arg(long)]
    pub statistics: bool,
    /// Check nothing: print which owner and levels hold for a file or folder, and where they are set.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["paths", "output", "statistics", "against"])]
    pub show_policy: Option<Utf8PathBuf>,
    /// Also refuse a policy weaker than at this revision: the gate of a pull request. A gate calls
    /// `cargo-durable check`, which no alias or toolchain file of the checkout can replace.
    #[arg(long, value_name = "REV")]
    pub against: Option<String>,
    /// Who answers for a weakened policy.
    #[arg(long, value_name = "OWNER", requires = "against")]
    pub approve_weakening: Option<String>,
}

/// `new`.
#[derive(Debug, Args)]
pub struct New {
    /// Where the project is made: a folder that is not there yet.
    #[arg(value_name = "PATH")]
    pub path: Option<Utf8PathBuf>,
    /// What it is made from: one of `--list`, a folder (`./templates/service`), or a git repository
    /// (`https://…#REV` or `git@…#REV`, with `#REV:FOLDER` a folder in it).
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<Source>,
    /// The package's name; without it the folder's.
    #[arg(long)]
    pub name: Option<String>,
    /// The team that answers for it.
    #[arg(long, value_name = "TEAM")]
    pub owner: Option<String>,
    /// Whose repository it is on the code host; without it the owner's.
    #[arg(long, value_name = "NAME")]
    pub organisation: Option<String>,
    /// A variable of the template.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub define: Vec<(String, String)>,
    /// The version control to begin with; inside a repository it is that one.
    #[arg(long, value_enum, default_value = "git")]
    pub vcs: Vcs,
    /// Also a git hook that refuses a commit which CI would refuse.
    #[arg(long)]
    pub hook: bool,
    /// Where the attribute `#[durable]` is from: sources in the project itself, the registry, or git.
    #[arg(long, value_enum, value_name = "WHERE", default_value = "path")]
    pub macros: Macros,
    /// Ask nothing; what is not given has its default.
    #[arg(short, long)]
    pub yes: bool,
    /// List the templates that come with the command.
    #[arg(long, exclusive = true)]
    pub list: bool,
}

/// `KEY=VALUE`.
fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("give it as KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// A version control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Vcs {
    /// git.
    Git,
    /// None.
    None,
}

/// `fix`.
#[derive(Debug, Args)]
pub struct Fix {
    /// What is checked.
    #[command(flatten)]
    pub selection: Selection,
    /// Also apply fixes that a person should look at.
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Show what would change, and apart from it what `--unsafe-fixes` would, and change nothing.
    #[arg(long)]
    pub diff: bool,
    /// Work on a tree with uncommitted changes.
    #[arg(long)]
    pub allow_dirty: bool,
    /// Work on a tree with staged changes.
    #[arg(long)]
    pub allow_staged: bool,
    /// Work on a tree without version control.
    #[arg(long)]
    pub allow_no_vcs: bool,
}

/// What an exemption says: common to `allow` and `baseline`.
#[derive(Debug, Clone, Args)]
pub struct Terms {
    /// Who answers for it.
    #[arg(long)]
    pub owner: String,
    /// Why it is let through.
    #[arg(long)]
    pub reason: String,
    /// Its last day: `2027-01-31`.
    #[arg(long, value_name = "DATE", conflicts_with = "term")]
    pub expires: Option<jiff::civil::Date>,
    /// How long it lasts: `90d`, `12w`.
    #[arg(long = "for", value_name = "DAYS")]
    pub term: Option<String>,
}

/// `allow`.
#[derive(Debug, Args)]
pub struct Allow {
    /// Which findings: lints, groups, advisories as `RUSTSEC-2026-0001` or by another of their names, or
    /// identities as `v1:9f2c…` or their first digits.
    #[arg(required = true, value_name = "FINDING")]
    pub findings: Vec<String>,
    /// Only findings in these files or folders.
    #[arg(long = "in", value_name = "PATH")]
    pub within: Vec<Utf8PathBuf>,
    /// The exemption.
    #[command(flatten)]
    pub terms: Terms,
    /// It is met by other means, rather than accepted for now.
    #[arg(long)]
    pub mitigated: bool,
    /// Where the workspace is and how it is checked.
    #[command(flatten)]
    pub scope: Scope,
}

/// `baseline`.
#[derive(Debug, Args)]
pub struct Baseline {
    /// What is checked.
    #[command(flatten)]
    pub selection: Selection,
    /// The exemption.
    #[command(flatten)]
    pub terms: Terms,
    /// Take a new baseline where there is one already.
    #[arg(long)]
    pub again: bool,
}

/// `exemptions`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Exemptions {
    /// What to change; without it they are listed.
    #[command(subcommand)]
    pub change: Option<Change>,
    /// Only those that this owner answers for.
    #[arg(long)]
    pub owner: Option<String>,
    /// Only those that end within so many days, or have ended: `30d`, `2w`.
    #[arg(long, value_name = "DAYS")]
    pub expiring: Option<Term>,
    /// How to print them.
    #[arg(long, value_enum, default_value = "table")]
    pub format: crate::commands::lints::Format,
    /// Where the workspace is and how it is checked.
    #[command(flatten)]
    pub scope: Scope,
}

/// `owners`.
#[derive(Debug, Args)]
pub struct Owners {
    /// Only what lies in these files or folders.
    #[arg(value_name = "PATH")]
    pub paths: Vec<Utf8PathBuf>,
    /// What is listed.
    #[arg(long, value_enum, default_value = "owner")]
    pub by: By,
    /// Only what this owner answers for, by its id or the name of its team.
    #[arg(long, value_name = "OWNER")]
    pub of: Option<String>,
    /// Only what nobody answers for.
    #[arg(long, conflicts_with = "of")]
    pub unowned: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value = "table")]
    pub format: crate::commands::lints::Format,
    /// Write the owners of the policy into the CODEOWNERS file of a host, between two marker lines; the
    /// rest of the file stays as it is.
    #[arg(
        long,
        value_enum,
        value_name = "HOST",
        num_args = 0..=1,
        default_missing_value = "github",
        conflicts_with_all = ["paths", "by", "of", "unowned", "format"]
    )]
    pub codeowners: Option<CodeHost>,
    /// Write nothing: fail with a diff where the file does not say what the policy says.
    #[arg(long, requires = "codeowners")]
    pub verify: bool,
    /// Where the workspace is and how it is checked.
    #[command(flatten)]
    pub scope: Scope,
}

/// `history`.
#[derive(Debug, Args)]
pub struct History {
    /// Only what these lints or groups find, warnings too.
    #[arg(long = "lint", value_name = "LINT")]
    pub lints: Vec<String>,
    /// Only what lies in these packages.
    #[arg(short, long = "package", value_name = "NAME")]
    pub packages: Vec<String>,
    /// Only what this owner answers for.
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<String>,
    /// List what happened to warnings too.
    #[arg(long)]
    pub all: bool,
    /// Only commits made from then on: `2026-01-31` or an RFC 3339 time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<Timestamp>,
    /// Only commits made up to then.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub until: Option<Timestamp>,
    /// By which policy commits are judged: today's, or the one that each commit had.
    #[arg(long, value_enum, value_name = "POLICY", default_value = "today")]
    pub policy: Judge,
    /// How to print it.
    #[arg(long, value_enum, default_value = "table")]
    pub format: crate::commands::lints::Format,
    /// Where the workspace is and how it is checked.
    #[command(flatten)]
    pub scope: Scope,
}

/// What `owners` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// The owners, how much each answers for, and what nobody does.
    Owner,
    /// Every file.
    File,
    /// Every item that matters to security or is tagged.
    Item,
    /// Every finding that `check` shows.
    Finding,
}

/// Who reads CODEOWNERS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CodeHost {
    /// GitHub.
    Github,
    /// GitLab.
    Gitlab,
}

impl From<CodeHost> for Host {
    fn from(host: CodeHost) -> Host {
        match host {
            CodeHost::Github => Host::Github,
            CodeHost::Gitlab => Host::Gitlab,
        }
    }
}

/// What is done to exemptions. To renew them is for `allow`.
#[derive(Debug, Subcommand)]
pub enum Change {
    /// Bring the last day of exemptions forward.
    Shorten {
        /// Which.
        #[command(flatten)]
        which: Which,
        /// Their new last day, earlier than now: `2027-01-31`.
        #[arg(long, value_name = "DATE", required_unless_present = "term", conflicts_with = "term")]
        until: Option<jiff::civil::Date>,
        /// How long they last from today on: `30d`, `2w`.
        #[arg(long = "for", value_name = "DAYS")]
        term: Option<Term>,
    },
    /// Hand exemptions over to another owner.
    Transfer {
        /// Which.
        #[command(flatten)]
        which: Which,
        /// Who answers for them from now on.
        #[arg(long, value_name = "OWNER")]
        to: String,
    },
    /// Remove exemptions, so that what they covered is refused again.
    Withdraw {
        /// Which.
        #[command(flatten)]
        which: Which,
    },
}

/// Which exemptions are changed: those that everything given here is true of.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// Lints, groups, advisories as `RUSTSEC-2026-0001`, or identities as `v1:9f2c…` or their first digits.
    #[arg(value_name = "EXEMPTION", required_unless_present_any = ["within", "owner"])]
    pub names: Vec<String>,
    /// Only from findings in these files or folders.
    #[arg(long = "in", value_name = "PATH")]
    pub within: Vec<Utf8PathBuf>,
    /// Only those that this owner answers for.
    #[arg(long)]
    pub owner: Option<String>,
    /// Where the workspace is and how it is checked.
    #[command(flatten)]
    pub scope: Scope,
}

impl Selection {
    /// The whole workspace.
    pub fn all(scope: &Scope) -> Selection {
        Selection {
            paths: Vec::new(),
            packages: Vec::new(),
            workspace: true,
            exclude: Vec::new(),
            profile: Profile::Default,
            levels: Levels::default(),
            scope: scope.clone(),
            look: Look::default(),
        }
    }

    /// The time of the check.
    pub fn now(&self) -> Timestamp {
        self.scope.now.unwrap_or_else(Timestamp::now)
    }

    /// As the loader takes it, without the advisory database.
    pub fn options(&self, cache: Option<Utf8PathBuf>) -> LoadOptions {
        LoadOptions {
            paths: self.paths.clone(),
            manifest_path: self.scope.manifest_path.clone(),
            packages: self.packages.clone(),
            workspace: self.workspace,
            exclude: self.exclude.clone(),
            advisory_db: None,
            cargo_indexes: durable_lints::load::cargo_indexes(),
            now: self.now(),
            cache_dir: cache,
            tracked: crate::git::tracked,
        }
    }
}

impl Scope {
    /// The folder of the advisory database. A URL is fetched now.
    ///
    /// # Errors
    /// Where it is not there and has to be.
    pub fn advisories(&self) -> anyhow::Result<Option<Utf8PathBuf>> {
        anyhow::ensure!(
            self.advisory_db.is_some() || !self.require_advisory_db,
            "no advisory database is given, and `--require-advisory-db` asks for one; `--advisory-db` names it, or \
             CARGO_DURABLE_ADVISORY_DB"
        );
        self.advisory_db.as_ref().map(AdvisoryDb::folder).transpose()
    }
}

impl Terms {
    /// As the ratchet takes them.
    ///
    /// # Errors
    /// Where the term is none.
    pub fn read(&self, category: Category) -> Result<grant::Terms, String> {
        let until = match (self.expires, &self.term) {
            (Some(day), _) => Until::Date(day),
            (None, Some(term)) => Until::For(term.parse()?),
            (None, None) => Until::Longest,
        };
        Ok(grant::Terms { owner: self.owner.clone(), reason: self.reason.clone(), until, category })
    }
}

/// A time as RFC 3339, or a day, which means its noon in UTC.
fn time(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>()
        .or_else(|_| format!("{text}T12:00:00Z").parse())
        .map_err(|_| "expected a day such as 2027-01-31 or a time such as 2027-01-31T12:00:00Z".to_owned())
}

/// The command line as its manual pages and completions know it, without the `cargo` in front.
pub fn command() -> clap::Command {
    let durable = Durable::augment_args(clap::Command::new("cargo-durable"));
    durable.bin_name("cargo durable").about("Make security fixes stay fixed").disable_help_subcommand(true)
}

/// Parses the arguments, whether cargo or a person gave them; ends the process on `--help`,
/// `--version` and mistakes, the latter with exit code 2.
pub fn parse(args: impl Iterator<Item = std::ffi::OsString>) -> Durable {
    let mut args: Vec<std::ffi::OsString> = args.collect();
    if args.get(1).is_none_or(|first| first != "durable") {
        args.insert(1.min(args.len()), "durable".into());
    }
    let External::Durable(durable) = Cargo::parse_from(args).command;
    durable
}
