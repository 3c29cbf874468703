//! Every kind of item that may carry the attribute, with whatever else may stand around it.
#![allow(dead_code, unused_imports)]

use durable_macros::durable;

/// Documented.
#[durable(owner = "identity", control = "ID4.1.3", review_by = "2027-05-01", guard = "tests::adds")]
#[inline(never)]
#[must_use]
pub const fn add(left: u32, right: u32) -> u32 {
    //! And inside.
    #![allow(clippy::all)]
    left + right
}

#[inline(never)]
#[durable(
    owner = "identity",
    allow(weak_hashes, supply-chain),
    reason = "kept for partner X",
    expires = "2027-01-31",
    category = "mitigated"
)]
#[durable(owner = "platform")]
pub unsafe extern "C" fn at(bytes: *const u8) -> u8 {
    unsafe { *bytes }
}

#[durable(owner = "identity")]
#[unsafe(no_mangle)]
pub extern "C" fn exported(bytes: &[u8; 4], index: usize) -> u8 {
    bytes[index]
}

#[cfg(target_arch = "x86_64")]
#[durable(owner = "identity")]
#[unsafe(naked)]
pub extern "C" fn naked() {
    core::arch::naked_asm!("ret")
}

#[durable(owner = "identity")]
pub async fn later<'a, T: ?Sized>(value: &'a T) -> usize
where
    T: AsRef<[u8]>,
    Bytes<{ 1 + 1 }>: Sized,
{
    value.as_ref().len()
}

#[durable(owner = "identity")]
pub fn bytes() -> Bytes<{ 2 + 2 }> {
    Bytes([1, 2, 3, 4])
}

#[durable(owner = "identity")]
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub struct Bytes<const N: usize>(pub [u8; N]);

#[derive(Clone, Debug, Default)]
#[durable(owner = "identity")]
pub enum State {
    #[default]
    Open,
    Shut { since: u64 },
}

#[durable(owner = "identity")]
pub union Either {
    left: u32,
    right: f32,
}

#[durable(owner = "identity")]
pub unsafe trait Named {
    #[durable(owner = "identity")]
    const NAME: &'static str;
    #[durable(owner = "identity")]
    const LENGTH: usize = Self::NAME.len();
    #[durable(owner = "identity")]
    type Id: Copy;
    #[durable(owner = "identity")]
    fn id(&self) -> Self::Id;
    #[durable(owner = "identity")]
    fn name(&self) -> &'static str {
        Self::NAME
    }
}

#[durable(owner = "identity")]
unsafe impl<const N: usize> Named for Bytes<N> {
    #[durable(owner = "identity")]
    const NAME: &'static str = "bytes";
    #[durable(owner = "identity")]
    type Id = u8;
    #[durable(owner = "identity")]
    #[inline(never)]
    fn id(&self) -> u8 {
        self.0[0]
    }
}

#[durable(owner = "identity")]
impl<const N: usize> Bytes<N> {
    #[durable(owner = "identity")]
    pub const EMPTY: [u8; 0] = [];
    #[durable(owner = "identity")]
    #[inline(never)]
    pub const fn first(self) -> u8 {
        self.0[0]
    }
    #[durable(owner = "identity")]
    #[inline(never)]
    pub async unsafe fn last(&mut self) -> &mut u8 {
        &mut self.0[N - 1]
    }
    #[durable(owner = "identity")]
    made! {}
}

#[durable(owner = "identity")]
#[macro_export]
macro_rules! made {
    () => {
        pub fn made() -> u8 {
            7
        }
    };
}

#[durable(owner = "identity")]
made! {}

macro_rules! passed {
    ($(#[$attribute:meta])* $visible:vis fn $name:ident() $body:block $item:item) => {
        #[durable(owner = "identity")]
        $(#[$attribute])* $visible fn $name() -> u8 $body
        #[durable(owner = "identity")]
        $item
    };
}

passed! {
    /// Through a macro.
    #[inline(never)] pub fn through() { 8 }
    pub struct Passed(u8);
}

#[durable(owner = "identity")]
pub mod inner {
    //! Inside.
    #![allow(non_upper_case_globals)]
    #[super::durable(owner = "identity")]
    pub static name: &str = "inner";
}

#[durable(owner = "identity")]
pub use inner::name as renamed;

#[durable(owner = "identity")]
extern crate core as core_again;

#[durable(owner = "identity")]
pub const LIMIT: &[u32] = &[add(1, 2), 4];

#[durable(owner = "identity")]
const _: () = assert!(LIMIT.len() == 2);

#[durable(owner = "identity")]
pub static mut COUNT: u32 = LIMIT[0];

#[durable(owner = "identity")]
pub type Four = Bytes<4>;

#[durable(owner = "identity")]
unsafe extern "C" {
    #[durable(owner = "identity")]
    pub safe fn abs(number: i32) -> i32;
    #[durable(owner = "identity")]
    pub static environ: *const u8;
    #[durable(owner = "identity")]
    fn labs(number: i64) -> i64;
}

#[inline(never)]
pub fn locals(number: u32) -> u32 {
    #[durable(owner = "identity")]
    const TWICE: u32 = 2;
    let doubled = number * TWICE;
    #[durable(owner = "identity")]
    #[inline(never)]
    fn half(number: u32) -> u32 {
        number / 2
    }
    #[durable(owner = "identity")]
    struct Local(u32);
    Local(half(doubled)).0 + abs(-1) as u32
}
