use durable_macros::durable;

#[durable(owner = "identity", allow(weak_hashs), reason = "an etag", expires = "2027-01-31")]
fn near() {}

#[durable(owner = "identity", allow(weak_hashes, dead_code), reason = "an etag", expires = "2027-01-31")]
fn far() {}

fn main() {}
