//! Lists of addresses that calls may come from (01 §7).

use std::net::{IpAddr, Ipv6Addr};

use crate::model::Caller;

/// Whether a list lets an address in. An empty list lets in everybody.
pub fn allows(list: &[String], address: &str) -> bool {
    list.is_empty() || list.iter().any(|entry| Range::of(entry).contains(number(address)))
}

/// Whether `Security.IpRestrictionExcludeMembers` spares the caller. QUIRK(01 §7): with such a list, whoever is not
/// authenticated is never restricted.
pub fn is_excluded(members: &[String], caller: Option<&Caller>) -> bool {
    if members.is_empty() {
        return false;
    }
    let Some(caller) = caller else { return true };
    let listed = |name: String| members.contains(&name);
    (caller.dept_enabled && listed(format!("Dept{}", caller.dept)))
        || caller.enabled_groups.iter().any(|group| listed(format!("Group{group}")))
        || listed(format!("User{}", caller.user))
}

/// The client's address: QUIRK(01 §7), the first `X-Forwarded-For` header is believed and taken raw, from any peer.
pub fn client_address(forwarded_for: Option<&str>, peer: &str) -> String {
    let Some(header) = forwarded_for else { return peer.to_owned() };
    if let Some((inside, _)) = header.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return inside.to_owned();
    }
    header.split_once(':').map_or(header, |(address, _)| address).to_owned()
}

/// The last entry of `X-Forwarded-For`, which the nearest proxy has written, and what stands before it (01 §3.1). None
/// where that entry is no address: then the header is left as it is.
pub fn last_hop(header: &str) -> Option<(IpAddr, Option<&str>)> {
    let (before, last) = match header.rsplit_once(',') {
        Some((before, last)) => (Some(before.trim_end()), last.trim()),
        None => (None, header.trim()),
    };
    let address = match last.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        // A port stands behind the only colon; with more of them it is an address of IPv6.
        None => last.split_once(':').filter(|(_, port)| !port.contains(':')).map_or(last, |p| p.0),
    };
    Some((address.parse().ok()?, before))
}

/// Whether what a peer says about the client is believed: the machine itself, and proxies of the parameters (01 §3.1).
/// Entries that are no address are ignored.
pub fn is_believed(peer: IpAddr, networks: &[String], proxies: &[String]) -> bool {
    let peer = peer.to_canonical();
    let is = |entry: &String| {
        entry.trim().parse().is_ok_and(|known: IpAddr| known.to_canonical() == peer)
    };
    let holds = |entry: &String| network(entry).is_some_and(|network| network.holds(peer));
    peer.is_loopback() || proxies.iter().any(is) || networks.iter().any(holds)
}

/// A network of either kind of address, as one of IPv6.
struct Network {
    address: u128,
    mask: u128,
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        (mapped(address).to_bits() ^ self.address) & self.mask == 0
    }
}

/// `address/bits`.
fn network(entry: &str) -> Option<Network> {
    let (address, bits) = entry.trim().split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let bits: u32 = bits.parse().ok()?;
    let (most, before) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
    let bits = (bits <= most).then_some(bits + before)?;
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or_default();
    Some(Network { address: mapped(address).to_bits(), mask })
}

const fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

struct Range {
    from: u32,
    to: u32,
}

impl Range {
    /// Of `a.b.c.d` or `a.b.c.d/bits`. QUIRK(01 §7): bits out of 1 to 32 mean 32, a malformed entry is the range 0–0.
    fn of(entry: &str) -> Self {
        let mut parts = entry.split('/');
        let address = number(parts.next().unwrap_or_default());
        let bits = match (parts.next(), parts.next()) {
            (None, _) => 32,
            (Some(bits), None) => match bits.trim().parse::<i32>() {
                Ok(bits) if (1..=32).contains(&bits) => bits.unsigned_abs(),
                Ok(_) => 32,
                Err(_) => return Self { from: 0, to: 0 },
            },
            (Some(_), Some(_)) => return Self { from: 0, to: 0 },
        };
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or_default();
        Self { from: address & mask, to: (address & mask) | !mask }
    }

    const fn contains(&self, address: u32) -> bool {
        self.from <= address && address <= self.to
    }
}

/// The value of a dotted quad; QUIRK(01 §7): whatever is none, every IPv6 address too, is 0.
fn number(address: &str) -> u32 {
    let mut parts = address.split('.').map(|part| part.trim().parse::<u8>());
    match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Ok(a)), Some(Ok(b)), Some(Ok(c)), Some(Ok(d)), None) => {
            u32::from_be_bytes([a, b, c, d])
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(entry: &str, address: &str) -> bool {
        allows(&[entry.to_owned()], address)
    }

    #[test]
    fn ranges_are_networks() {
        assert!(allowed("10.1.2.0/24", "10.1.2.255"));
        assert!(!allowed("10.1.2.0/24", "10.1.3.0"));
        assert!(allowed("10.1.2.3", "10.1.2.3"));
        assert!(!allowed("10.1.2.3", "10.1.2.4"));
        assert!(!allowed("10.1.2.3/0", "10.1.2.4"), "0 bits mean 32");
    }

    #[test]
    fn malformed_entries_match_what_is_no_address() {
        assert!(allowed("10.0.0.0/8/8", "::1"));
        assert!(!allowed("10.0.0.0/8/8", "10.0.0.1"));
    }

    #[test]
    fn only_this_machine_and_known_proxies_are_believed() {
        let networks = ["10.1.0.0/16", "2001:db8::/32", "10.2.0.0/33", "x"].map(str::to_owned);
        let proxies = ["192.0.2.7".to_owned(), "nonsense".to_owned()];
        let believed = |peer: &str| is_believed(peer.parse().unwrap(), &networks, &proxies);
        for peer in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "::ffff:127.0.0.1",
            "192.0.2.7",
            "10.1.2.3",
            "2001:db8::5",
        ] {
            assert!(believed(peer), "{peer}");
        }
        for peer in ["192.0.2.8", "10.2.0.1", "2001:db9::1", "::ffff:192.0.2.8"] {
            assert!(!believed(peer), "{peer}");
        }
    }

    #[test]
    fn a_believed_proxy_tells_the_last_hop() {
        let hop = |header| last_hop(header).map(|(address, before)| (address.to_string(), before));
        let is = |address: &str, before| Some((address.to_owned(), before));
        assert_eq!(hop("1.2.3.4"), is("1.2.3.4", None));
        assert_eq!(hop("1.2.3.4 , 10.0.0.1:80"), is("10.0.0.1", Some("1.2.3.4")));
        assert_eq!(hop("x, [2001:db8::1]:443"), is("2001:db8::1", Some("x")));
        assert_eq!(hop("2001:db8::1"), is("2001:db8::1", None));
        for text in ["", "unknown", "1.2.3.4, ", "[1.2.3.4"] {
            assert_eq!(hop(text), None, "{text}");
        }
    }

    #[test]
    fn the_forwarded_address_is_taken_raw() {
        assert_eq!(client_address(Some("1.2.3.4:5, 6.7.8.9"), "p"), "1.2.3.4");
        assert_eq!(client_address(Some("1.2.3.4, 10.0.0.1"), "p"), "1.2.3.4, 10.0.0.1");
        assert_eq!(client_address(Some("[2001:db8::1]:443"), "p"), "2001:db8::1");
        assert_eq!(client_address(None, "127.0.0.1"), "127.0.0.1");
    }
}
