use durable_macros::durable;

#[durable(owner = "identity", category = "mitigatd")]
fn near() {}

#[durable(owner = "identity", category = "accepted")]
fn far() {}

#[durable(owner = "identity", guard = "not a path")]
fn guard() {}

fn main() {}
