//! Names that are safe in URLs, paths and logs.
//!
//! A [`Slug`] is checked once, where a name comes in. Whatever takes a `Slug` after that need not check,
//! escape or distrust it: it has no `..`, no `/`, no control characters, and no second spelling.
//!
//! ```
//! use acme_widget::{InvalidSlug, Slug};
//!
//! let slug: Slug = "quarterly-report-3".parse()?;
//! assert_eq!(format!("/reports/{slug}"), "/reports/quarterly-report-3");
//!
//! assert_eq!("../etc".parse::<Slug>(), Err(InvalidSlug::Character { found: '.', at: 0 }));
//! # Ok::<(), InvalidSlug>(())
//! ```
//!
//! The crate needs an allocator and nothing else of the standard library.

#![no_std]

extern crate alloc;

mod slug;

pub use slug::{InvalidSlug, Slug};
