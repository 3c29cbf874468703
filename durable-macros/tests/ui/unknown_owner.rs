use durable_macros::durable;

#[durable(owner = "identiy")]
fn near() {}

#[durable(owner = "Platform")]
struct Case;

#[durable(owner = "web")]
fn far() {}

#[durable(owner = "identity ")]
fn spaces() {}

struct S;

impl S {
    #[durable(owner = "identiy")]
    fn method(&self) {}

    #[durable(owner = "identiy")]
    const NAME: &'static str = "s";
}

trait T {
    #[durable(owner = "identiy")]
    fn required(&self);

    #[durable(owner = "identiy")]
    type Id;
}

unsafe extern "C" {
    #[durable(owner = "identiy")]
    safe fn foreign();
}

fn main() {
    // What is refused is there nevertheless, so that nothing else is.
    near();
    S.method();
    let _ = S::NAME;
}
