use durable_macros::durable;

#[durable("identity")]
fn f() {}

#[durable(identity)]
fn g() {}

#[durable(owner = "identity", = "x")]
fn h() {}

#[durable(owner = "identity" control = "ID1")]
fn i() {}

fn main() {}
