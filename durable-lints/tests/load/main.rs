//! Loading: from trees in memory and on the disk to the typed workspace.

mod checkout;
mod memory;
mod support;
