use durable_macros::durable;

#[durable(owner = "identity")]
pub fn wrong_type(number: u32) -> String {
    number
}

#[durable(owner = "identity")]
pub fn nothing_returned(number: u32) -> u32 {
    number + 1;
}

#[durable(owner = "identity")]
pub fn unused(number: u32) {
    let forgotten = 1;
}

#[durable(owner = "identity")]
pub struct Holder {
    held: Missing,
}

#[durable(owner = "identity")]
impl Holder {
    #[durable(owner = "identity")]
    fn borrowed<'a>() -> &'a str {
        let text = String::new();
        &text
    }
    #[durable(owner = "identity")]
    const COUNT: u8 = "x";
}

#[durable(owner = "identity")]
static TEXT: u8 = "text";

#[durable(owner = "identity")]
pub trait Speaks {
    #[durable(owner = "identity")]
    fn speak(&self) -> u8 {
        self.silent()
    }
}
