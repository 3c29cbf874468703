//! Which addresses an allow list lets in.
//!
//! ```
//! use acme_widget_core::{AllowList, InvalidList};
//!
//! let office: AllowList = "10.0.0.0/8\n2001:db8:7::/48 # guests".parse()?;
//! assert!(office.allows("10.1.2.3".parse().unwrap()));
//! assert!(!office.allows("192.0.2.1".parse().unwrap()));
//! # Ok::<(), InvalidList>(())
//! ```
//!
//! Nothing here reads a file or opens a connection, and without the standard library nothing can:
//! text comes in, an answer goes out.

#![no_std]

extern crate alloc;

mod list;
mod network;

pub use list::{AllowList, InvalidList};
pub use network::{InvalidNetwork, Network};
