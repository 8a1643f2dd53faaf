//! Where a node is reached: multiaddresses of two forms, with IP addresses only.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

/// Most addresses of one node that are looked at.
pub const MAX_ADDRESSES: usize = 16;

/// An address of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// `/ip4/…/tcp/…`: the control plane.
    Control(SocketAddr),
    /// `/ip4/…/udp/…/quic-v1`: the data plane.
    Data(SocketAddr),
}

/// A text is not an address that is used here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Names are not looked up: that would tell a third party, and contact what nobody stated.
    #[error("an address needs an IP address, names are not looked up: {0}")]
    Name(String),
    /// Neither of the two forms.
    #[error("not an address of the form /ip4/A/tcp/P or /ip4/A/udp/P/quic-v1: {0}")]
    Form(String),
    /// `0.0.0.0` or `::`: what an enrolment states must be an address that others can reach.
    #[error("an address must name one interface, not all of them: {0}")]
    Unspecified(String),
}

impl Address {
    /// The IP address and port.
    pub fn socket(&self) -> SocketAddr {
        match self {
            Address::Control(s) | Address::Data(s) => *s,
        }
    }

    /// What a node listens on without being told: this machine only, on free ports.
    pub fn defaults() -> Vec<Address> {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        vec![Address::Control(any), Address::Data(any)]
    }

    /// The addresses of a node that can be dialled; others are left out with a line in the log.
    pub fn dialable(texts: &[String]) -> Vec<Address> {
        texts
            .iter()
            .take(MAX_ADDRESSES)
            .filter_map(|text| match text.parse::<Address>() {
                Ok(address) if address.socket().port() != 0 => Some(address),
                Ok(_) => None,
                Err(error) => {
                    tracing::debug!(%error, "an address is left out");
                    None
                }
            })
            .collect()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let socket = self.socket();
        let family = if socket.is_ipv4() { "ip4" } else { "ip6" };
        match self {
            Address::Control(s) => write!(f, "/{family}/{}/tcp/{}", s.ip(), s.port()),
            Address::Data(s) => write!(f, "/{family}/{}/udp/{}/quic-v1", s.ip(), s.port()),
        }
    }
}

impl FromStr for Address {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let shown = || text.chars().take(100).collect::<String>();
        let form = || Error::Form(shown());
        let mut parts = text.strip_prefix('/').ok_or_else(form)?.split('/');
        let (family, host) = (
            parts.next().ok_or_else(form)?,
            parts.next().ok_or_else(form)?,
        );
        let ip: IpAddr = match family {
            "ip4" => IpAddr::V4(host.parse().map_err(|_| form())?),
            "ip6" => IpAddr::V6(host.parse().map_err(|_| form())?),
            "dns" | "dns4" | "dns6" | "dnsaddr" => return Err(Error::Name(shown())),
            _ => return Err(form()),
        };
        if ip.is_unspecified() {
            return Err(Error::Unspecified(shown()));
        }
        let (transport, port) = (
            parts.next().ok_or_else(form)?,
            parts.next().ok_or_else(form)?,
        );
        let socket = SocketAddr::new(ip, port.parse().map_err(|_| form())?);
        match (transport, parts.next(), parts.next()) {
            ("tcp", None, None) => Ok(Address::Control(socket)),
            ("udp", Some("quic-v1"), None) => Ok(Address::Data(socket)),
            _ => Err(form()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for text in [
            "/ip4/127.0.0.1/tcp/4001",
            "/ip4/192.0.2.7/udp/4001/quic-v1",
            "/ip6/::1/tcp/0",
            "/ip6/2001:db8::1/udp/9/quic-v1",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn names_and_other_forms_are_refused() {
        assert!(matches!(
            "/dns4/example.org/tcp/1".parse::<Address>(),
            Err(Error::Name(_))
        ));
        assert!(matches!(
            "/ip4/0.0.0.0/tcp/1".parse::<Address>(),
            Err(Error::Unspecified(_))
        ));
        for text in [
            "",
            "/",
            "127.0.0.1:80",
            "/ip4/127.0.0.1",
            "/ip4/127.0.0.1/tcp/70000",
            "/ip4/127.0.0.1/tcp/80/ws",
            "/ip4/127.0.0.1/udp/80",
            "/ip4/127.0.0.1/tcp/80/p2p-circuit",
            "/ip4/::1/tcp/80",
            "/unix/tmp",
        ] {
            assert!(
                matches!(text.parse::<Address>(), Err(Error::Form(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_dialled_is_left_out() {
        let texts = [
            "/ip4/127.0.0.1/tcp/0",
            "/dns/example.org/tcp/1",
            "/ip4/127.0.0.1/tcp/2",
        ];
        let texts: Vec<String> = texts.iter().map(|t| t.to_string()).collect();
        assert_eq!(Address::dialable(&texts).len(), 1);
        let many = vec!["/ip4/127.0.0.1/tcp/2".to_owned(); 100];
        assert_eq!(Address::dialable(&many).len(), MAX_ADDRESSES);
    }
}
