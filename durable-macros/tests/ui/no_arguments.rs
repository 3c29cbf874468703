use durable_macros::durable;

#[durable]
fn f() {}

#[durable()]
fn g() {}

fn main() {}
