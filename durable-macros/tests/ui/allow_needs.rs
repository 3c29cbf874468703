use durable_macros::durable;

#[durable(owner = "identity", allow(weak_hashes))]
fn both() {}

#[durable(owner = "identity", allow(weak_hashes), reason = "an etag")]
fn end() {}

#[durable(owner = "identity", allow(weak_hashes), expires = "2027-01-31")]
fn reason() {}

fn main() {}
