use durable_macros::durable;

#[durable(control = "ID4.1.3")]
fn f() {}

#[durable(allow(weak_hashes), reason = "an etag", expires = "2027-01-31")]
fn g() {}

fn main() {}
