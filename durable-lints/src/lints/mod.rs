//! Every lint, one file each. Written by `cargo tidy` from the files that are there.

pub mod auth;
pub mod build;
pub mod ci;
pub mod crypto;
pub mod filesystem;
pub mod injection;
pub mod memory;
pub mod ownership;
pub mod resource;
pub mod secrets;
pub mod supply_chain;
pub mod transport;
pub mod web;

use crate::lint::Lint;

/// Every lint, sorted by group and name.
#[rustfmt::skip]
pub static ALL: &[&Lint] = &[
    &auth::hardcoded_jwt_secrets::LINT,
    &auth::unvalidated_jwt_claims::LINT,
    &auth::unverified_jwt_signatures::LINT,
    &build::build_script_side_effects::LINT,
    &build::suppressed_security_lints::LINT,
    &build::weakened_build_flags::LINT,
    &ci::ci_privileged_untrusted_code::LINT,
    &ci::ci_secrets_visible_to_builds::LINT,
    &ci::ci_unhardened_workflows::LINT,
    &ci::ci_unlocked_cargo::LINT,
    &crypto::broken_ciphers::LINT,
    &crypto::hardcoded_crypto_keys::LINT,
    &crypto::reused_nonces::LINT,
    &crypto::weak_hashes::LINT,
    &filesystem::predictable_temp_files::LINT,
    &filesystem::unconfined_archive_entries::LINT,
    &filesystem::world_writable_modes::LINT,
    &injection::dynamic_shell_commands::LINT,
    &injection::dynamic_sql_strings::LINT,
    &injection::request_controlled_paths::LINT,
    &injection::request_controlled_urls::LINT,
    &memory::lifetime_extending_transmutes::LINT,
    &memory::undocumented_unsafe::LINT,
    &memory::uninitialized_read_buffers::LINT,
    &ownership::banned_apis::LINT,
    &ownership::codeowners_gaps::LINT,
    &ownership::expiring_exceptions::LINT,
    &ownership::invalid_exceptions::LINT,
    &ownership::overdue_reviews::LINT,
    &ownership::unenforced_controls::LINT,
    &ownership::unexplained_suppressions::LINT,
    &ownership::unknown_owners::LINT,
    &ownership::unowned_security_code::LINT,
    &ownership::unowned_security_todos::LINT,
    &ownership::weakened_policy::LINT,
    &resource::missing_network_timeouts::LINT,
    &resource::unbounded_channels::LINT,
    &resource::unlimited_reads::LINT,
    &secrets::committed_secret_files::LINT,
    &secrets::embedded_private_keys::LINT,
    &secrets::hardcoded_tokens::LINT,
    &secrets::logged_secrets::LINT,
    &supply_chain::insecure_dependency_features::LINT,
    &supply_chain::unmaintained_dependencies::LINT,
    &supply_chain::unpinned_dependencies::LINT,
    &supply_chain::unreliable_lockfiles::LINT,
    &supply_chain::unsound_dependencies::LINT,
    &supply_chain::vulnerable_dependencies::LINT,
    &supply_chain::weakened_registry_transport::LINT,
    &supply_chain::yanked_dependencies::LINT,
    &transport::expiring_embedded_certificates::LINT,
    &transport::permissive_certificate_verifiers::LINT,
    &transport::pinned_certificates::LINT,
    &transport::tls_verification_disabled::LINT,
    &web::insecure_session_cookies::LINT,
    &web::permissive_cors::LINT,
    &web::unescaped_html_responses::LINT,
];

/// The lint of this name.
pub fn find(name: &str) -> Option<&'static Lint> {
    ALL.iter().find(|lint| lint.name == name).copied()
}
