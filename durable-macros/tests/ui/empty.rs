use durable_macros::durable;

#[durable(owner = "")]
fn owner() {}

#[durable(owner = "identity", control = " ", review_by = "", guard = "", category = "")]
fn others() {}

#[durable(owner = "identity", allow(weak_hashes), reason = " ", expires = "2027-01-31")]
fn reason() {}

#[durable(owner = "identity", allow())]
fn nothing() {}

fn main() {}
