//! The RustSec database that was given by its path.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rustsec::Database;

use super::LoadOptions;
use super::files::unchecked;
use crate::report::Unchecked;
use crate::subject::{Advisories, AdvisoryDb};

/// Opens the database; where that fails, dependencies are unchecked and that is said.
pub(super) fn open(options: &LoadOptions, problems: &mut Vec<Unchecked>) -> AdvisoryDb {
    let Some(folder) = &options.advisory_db else { return AdvisoryDb::NotGiven };
    match Database::open(folder.as_std_path()) {
        Ok(database) if database.iter().next().is_some() => {
            let newest =
                database.iter().filter_map(|advisory| midnight(advisory.metadata.date.as_str())).max();
            AdvisoryDb::Read(Arc::new(Advisories { database, newest }))
        }
        Ok(_) => {
            problems.push(unreadable(folder.as_str(), "there is no advisory in it"));
            AdvisoryDb::Unreadable
        }
        Err(error) => {
            problems.push(unreadable(folder.as_str(), &error.to_string()));
            AdvisoryDb::Unreadable
        }
    }
}

fn unreadable(folder: &str, reason: &str) -> Unchecked {
    let help = "give the folder of a clone of https://github.com/rustsec/advisory-db".to_owned();
    Unchecked {
        help: Some(help),
        ..unchecked(folder, format!("the advisory database cannot be read: {reason}"))
    }
}

fn midnight(date: &str) -> Option<Timestamp> {
    let date: Date = date.parse().ok()?;
    Some(date.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
}
