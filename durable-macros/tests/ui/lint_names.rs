use durable_macros::durable;

#[durable(owner = "identity", allow(durable::weak_hashes), reason = "an etag", expires = "2027-01-31")]
fn path() {}

#[durable(owner = "identity", allow("weak_hashes"), reason = "an etag", expires = "2027-01-31")]
fn string() {}

#[durable(owner = "identity", allow = "weak_hashes", reason = "an etag", expires = "2027-01-31")]
fn equals() {}

#[durable(owner = "identity", allow[weak_hashes], reason = "an etag", expires = "2027-01-31")]
fn brackets() {}

fn main() {}
