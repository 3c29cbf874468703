//! The lints of the group `supply_chain`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod insecure_dependency_features;
pub mod unmaintained_dependencies;
pub mod unpinned_dependencies;
pub mod unreliable_lockfiles;
pub mod unsound_dependencies;
pub mod vulnerable_dependencies;
pub mod weakened_registry_transport;
pub mod yanked_dependencies;
