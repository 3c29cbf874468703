use durable_macros::durable;

#[durable(ower = "identity")]
fn f() {}

#[durable(owner = "identity", colour = "red")]
fn g() {}

fn main() {}
