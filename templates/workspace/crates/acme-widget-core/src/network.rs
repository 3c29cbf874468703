use core::net::IpAddr;
use core::str::FromStr;

use durable_macros::durable;

/// Addresses that begin with the same bits, `10.0.0.0/8`, or a single one, `192.0.2.1`.
///
/// A network of IPv4 is written as one of IPv4. Its addresses belong to it in either spelling, as a socket
/// that takes both protocols calls `10.1.2.3` `::ffff:10.1.2.3`.
///
/// ```
/// use acme_widget_core::{InvalidNetwork, Network};
///
/// let private: Network = "10.0.0.0/8".parse()?;
/// assert!(private.contains("10.1.2.3".parse().unwrap()));
/// assert!(private.contains("::ffff:10.1.2.3".parse().unwrap()));
///
/// assert_eq!("10.0.0.1/8".parse::<Network>(), Err(InvalidNetwork::HostBits));
/// # Ok::<(), InvalidNetwork>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    prefix: u32,
}

impl Network {
    /// Whether an address is one of the network's.
    #[durable(
        owner = "acme-team",
        guard = "network::tests::an_address_belongs_by_its_first_bits"
    )]
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = match (self.first, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => return false,
        };
        same >= self.prefix
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    #[durable(
        owner = "acme-team",
        guard = "network::tests::what_may_mean_another_network_is_refused"
    )]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| InvalidNetwork::Address)?;
        if first != first.to_canonical() {
            return Err(InvalidNetwork::Mapped);
        }
        let (width, zeros) = match first {
            IpAddr::V4(first) => (32, first.to_bits().trailing_zeros()),
            IpAddr::V6(first) => (128, first.to_bits().trailing_zeros()),
        };
        let prefix = prefix.map_or(Ok(width), |text| parse_prefix(text, width))?;
        if zeros < width - prefix {
            return Err(InvalidNetwork::HostBits);
        }
        Ok(Self { first, prefix })
    }
}

fn parse_prefix(text: &str, width: u32) -> Result<u32, InvalidNetwork> {
    match text.parse() {
        // `+8` and `08` are numbers to the standard library.
        Ok(prefix) if prefix <= width && (text == "0" || !text.starts_with(['+', '0'])) => {
            Ok(prefix)
        }
        _ => Err(InvalidNetwork::Prefix),
    }
}

/// Why a text is no [`Network`]. The messages quote nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidNetwork {
    /// It does not begin with an address.
    #[error("an address of IPv4 or IPv6 is expected, and then `/` and its bits that count")]
    Address,
    /// After `/` stands no number of bits.
    #[error("after `/` stands a number up to 32, or up to 128 with IPv6")]
    Prefix,
    /// It names an address inside of the network, not its first: one of the two numbers is a mistake.
    #[error("the address has bits after those that count")]
    HostBits,
    /// It is a network of IPv4 written as one of IPv6.
    #[error("an address of IPv4 is written as such, without `::ffff:`")]
    Mapped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_by_its_first_bits() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("192.0.2.128/25", "192.0.2.127", false),
            ("192.0.2.128/25", "192.0.2.128", true),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.0", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::", false),
            ("::1", "::1", true),
            // One address in its two spellings, and no other address of IPv6.
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.0.0.0/8", "::10.1.2.3", false),
            ("::/0", "::ffff:10.1.2.3", false),
            ("::/0", "10.1.2.3", false),
        ] {
            let parsed: Network = network.parse().unwrap();
            let contains = parsed.contains(address.parse().unwrap());
            assert_eq!(contains, expected, "{address} in {network}");
        }
    }

    #[test]
    fn what_may_mean_another_network_is_refused() {
        for (text, invalid) in [
            ("", InvalidNetwork::Address),
            ("localhost", InvalidNetwork::Address),
            ("10.0.0/8", InvalidNetwork::Address),
            // Elsewhere that is octal.
            ("010.0.0.0/8", InvalidNetwork::Address),
            ("10.0.0.0/", InvalidNetwork::Prefix),
            ("10.0.0.0/+8", InvalidNetwork::Prefix),
            ("10.0.0.0/08", InvalidNetwork::Prefix),
            ("10.0.0.0/33", InvalidNetwork::Prefix),
            ("10.0.0.0/8/8", InvalidNetwork::Prefix),
            ("::/129", InvalidNetwork::Prefix),
            ("10.0.0.0/4294967304", InvalidNetwork::Prefix),
            ("10.0.0.1/8", InvalidNetwork::HostBits),
            ("10.0.0.0/0", InvalidNetwork::HostBits),
            ("2001:db8::1/64", InvalidNetwork::HostBits),
            ("::ffff:10.0.0.0/104", InvalidNetwork::Mapped),
        ] {
            assert_eq!(text.parse::<Network>(), Err(invalid), "{text}");
        }
    }
}
