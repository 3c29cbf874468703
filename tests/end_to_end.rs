//! The command from the outside: a project in, output and exit code out.

#[path = "end_to_end/advisories.rs"]
mod advisories;
#[path = "end_to_end/cargo_messages.rs"]
mod cargo_messages;
#[path = "end_to_end/case_study.rs"]
mod case_study;
#[path = "end_to_end/codeowners.rs"]
mod codeowners;
#[path = "end_to_end/command_line.rs"]
mod command_line;
#[path = "end_to_end/documentation.rs"]
mod documentation;
#[path = "end_to_end/exemptions.rs"]
mod exemptions;
#[path = "end_to_end/first_hour.rs"]
mod first_hour;
#[path = "end_to_end/fixes.rs"]
mod fixes;
#[path = "end_to_end/formats.rs"]
mod formats;
#[path = "end_to_end/gate.rs"]
mod gate;
#[path = "end_to_end/green.rs"]
mod green;
#[path = "end_to_end/history.rs"]
mod history;
#[path = "end_to_end/hostile.rs"]
mod hostile;
#[path = "end_to_end/hostile_writes.rs"]
mod hostile_writes;
#[path = "end_to_end/input.rs"]
mod input;
#[path = "end_to_end/invariance.rs"]
mod invariance;
#[path = "end_to_end/new.rs"]
mod new;
#[path = "end_to_end/new_by_hand.rs"]
mod new_by_hand;
#[path = "end_to_end/ownership.rs"]
mod ownership;
#[path = "end_to_end/project.rs"]
mod project;
#[path = "end_to_end/ratchet.rs"]
mod ratchet;
#[path = "end_to_end/selection.rs"]
mod selection;
#[path = "end_to_end/shells.rs"]
mod shells;
#[path = "end_to_end/templates.rs"]
mod templates;
#[path = "end_to_end/weakening.rs"]
mod weakening;
#[path = "end_to_end/width.rs"]
mod width;
