use durable_macros::durable;

#[durable(owner = "identity", owner = "platform")]
fn f() {}

#[durable(owner = "identity", allow(weak_hashes), allow(crypto), reason = "an etag", expires = "2027-01-31")]
fn g() {}

fn main() {}
