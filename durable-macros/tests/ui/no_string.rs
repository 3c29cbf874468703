use durable_macros::durable;

#[durable(owner = identity)]
fn f() {}

#[durable(owner("identity"))]
fn g() {}

#[durable(owner = b"identity")]
fn h() {}

#[durable(owner)]
fn i() {}

fn main() {}
