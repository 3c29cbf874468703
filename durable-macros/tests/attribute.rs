//! The attribute compiles wherever an item may stand, and leaves the item as it was.

use durable_macros::durable;

#[durable(owner = "identity", control = "ID4.1.3", review_by = "2027-05-01", guard = "tests::doubles")]
const fn double(number: u32) -> u32 {
    number * 2
}

#[durable(owner = "identity")]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Token<const N: usize>([u8; N]);

#[durable(owner = "identity")]
impl<const N: usize> Token<N> {
    #[durable(owner = "identity", allow(weak_hashes, supply-chain), reason = "kept", expires = "2027-01-31")]
    fn first(self) -> u8 {
        self.0[0]
    }
}

#[durable(owner = "identity")]
mod inner {
    #[super::durable(owner = "identity")]
    pub(crate) static NAME: &str = "inner";
}

#[test]
fn marked_items_behave_as_written() {
    assert_eq!(double(21), 42);
    assert_eq!(Token([7, 8]).first(), 7);
    assert_eq!(inner::NAME, "inner");
}
