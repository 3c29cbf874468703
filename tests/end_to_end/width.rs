//! The width of the terminal: honoured where there is one.

use std::fs::File;
use std::io::Read;

use nix::pty::{Winsize, openpty};

use crate::project::{PINNED, Project, Ran};

/// What the command writes to a terminal so many columns wide.
fn on_terminal(project: &Project, width: u16, arguments: &str, columns: Option<&str>) -> String {
    let size = Winsize { ws_row: 24, ws_col: width, ws_xpixel: 0, ws_ypixel: 0 };
    let pty = openpty(&size, None).unwrap();
    let mut command = project.command("app", arguments);
    command.stdout(pty.slave).env_remove("COLUMNS");
    if let Some(columns) = columns {
        command.env("COLUMNS", columns);
    }
    let mut child = command.spawn().unwrap();
    // With the command's end of the terminal gone, reading ends; how it ends is up to the system.
    drop(command);
    let (mut terminal, mut out) = (File::from(pty.master), Vec::new());
    let _ = terminal.read_to_end(&mut out);
    child.wait().unwrap();
    String::from_utf8(out).unwrap().replace("\r\n", "\n")
}

/// The lines of prose: what stands in snippets, paths, commands and addresses is copied and stays whole,
/// and a title beside the name of its lint may have no room.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| {
        line.contains(' ') && !line.starts_with("    ") && !line.contains(['|', '/', '[', '`'])
    })
}

#[test]
fn a_check_and_an_explanation_fill_the_terminal_and_not_more() {
    let project = Project::new(PINNED);
    for width in [40, 60, 80, 120] {
        for arguments in ["check", "explain pinned_certificates"] {
            let text = on_terminal(&project, width, arguments, None);
            let widest = prose(&text).map(|line| line.chars().count()).max().unwrap_or(0);
            let width = usize::from(width);
            assert!(widest <= width && widest > width.min(60) - 20, "{arguments}, {width}: {widest}\n{text}");
        }
    }
}

#[test]
fn columns_speaks_for_a_terminal_and_for_nothing_else() {
    let project = Project::new(PINNED);
    let explain = "explain pinned_certificates";
    let narrow = on_terminal(&project, 40, explain, None);
    assert_eq!(on_terminal(&project, 120, explain, Some("40")), narrow);
    for nonsense in ["0", "", "wide"] {
        assert_eq!(on_terminal(&project, 40, explain, Some(nonsense)), narrow);
    }
    let piped = |columns: &str| {
        let mut command = project.command("app", explain);
        Ran::from(command.env("COLUMNS", columns).output().unwrap()).expect(0, &[]).out.clone()
    };
    assert_eq!(piped("40"), piped("200"));
    assert_ne!(piped("40"), narrow);
}

#[test]
fn a_file_that_does_not_parse_is_shown_with_a_caret() {
    let project = Project::new(PINNED);
    project.write("//- app/.github/workflows/ci.yml\non: push\njobs: [\n//- app/src/lib.rs\npub fn pin() -> &'static str { let = \"PIN\"; }\n");
    let ran = project.durable("app", "check");
    ran.expect(2, &["error: not checked: cannot be parsed", "--> src/lib.rs:1:3", "1 | pub fn pin()"]);
    assert!(ran.out.lines().any(|line| line.trim_start().starts_with('|') && line.trim_end().ends_with('^')));
}
