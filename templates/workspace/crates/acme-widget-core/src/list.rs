use alloc::vec::Vec;
use core::net::IpAddr;
use core::str::FromStr;

use durable_macros::durable;

use crate::{InvalidNetwork, Network};

/// Networks that may come in; whoever is in none of them may not.
///
/// In text one network stands on a line, and `#` begins a comment. A list is taken as a whole or not
/// at all: half of one would let in half of those it should.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList(Vec<Network>);

impl AllowList {
    /// The longest text that is looked at, which bounds the networks as well.
    pub const MAX_BYTES: usize = 1 << 16;

    /// Whether an address may come in.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

impl FromStr for AllowList {
    type Err = InvalidList;

    #[durable(
        owner = "acme-team",
        guard = "list::tests::one_wrong_line_refuses_all_of_the_list"
    )]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidList::TooLong);
        }
        let mut networks = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.split_once('#').map_or(text, |(before, _)| before);
            let text = text.trim_ascii();
            if !text.is_empty() {
                let invalid = |source| InvalidList::Line { line, source };
                networks.push(text.parse().map_err(invalid)?);
            }
        }
        Ok(Self(networks))
    }
}

/// Why a text is no [`AllowList`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidList {
    /// It has more than [`AllowList::MAX_BYTES`].
    #[error("the list is longer than {} bytes", AllowList::MAX_BYTES)]
    TooLong,
    /// A line is no network.
    #[error("line {line}: {source}")]
    Line {
        /// Which one, from 1.
        line: usize,
        /// What is wrong with it.
        source: InvalidNetwork,
    },
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn one_wrong_line_refuses_all_of_the_list() {
        for (text, line, source) in [
            ("10.0.0.0/8\nlocalhost", 2, InvalidNetwork::Address),
            ("# all\n\n10.0.0.0/8 192.0.2.1", 3, InvalidNetwork::Prefix),
            ("10.0.0.1/8\n10.0.0.0/8", 1, InvalidNetwork::HostBits),
        ] {
            let refused = text.parse::<AllowList>();
            assert_eq!(refused, Err(InvalidList::Line { line, source }), "{text}");
        }
    }

    #[test]
    fn an_empty_list_lets_nobody_in() {
        let list: AllowList = "# nobody yet\r\n\r\n".parse().unwrap();
        assert_eq!(list, AllowList::default());
        assert!(!list.allows("127.0.0.1".parse().unwrap()));
        assert!(!list.allows("::1".parse().unwrap()));
    }

    #[test]
    fn any_of_the_networks_lets_in() {
        let list: AllowList = "10.0.0.0/8 # office\r\n2001:db8::/32".parse().unwrap();
        assert!(list.allows("10.1.2.3".parse().unwrap()));
        assert!(list.allows("2001:db8::1".parse().unwrap()));
        assert!(!list.allows("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn the_longest_text_is_as_long_as_promised() {
        let longest = "#".repeat(AllowList::MAX_BYTES);
        assert!(longest.parse::<AllowList>().is_ok());
        let refused = (longest + "#").parse::<AllowList>().unwrap_err();
        assert_eq!(refused.to_string(), "the list is longer than 65536 bytes");
    }
}
