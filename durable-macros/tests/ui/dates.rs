use durable_macros::durable;

#[durable(owner = "identity", review_by = "2027-6-30")]
fn malformed() {}

#[durable(owner = "identity", review_by = "2027-02-29")]
fn impossible() {}

#[durable(owner = "identity", review_by = 2027)]
fn number() {}

#[durable(owner = "identity", allow(weak_hashes), reason = "an etag", expires = "soon")]
fn word() {}

fn main() {}
