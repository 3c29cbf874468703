//! The lints of the group `supply_chain`. Written by `cargo tidy`.

