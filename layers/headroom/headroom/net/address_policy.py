"""The address policy against SSRF: connections go to the public internet only.

In development they may go to this machine too. Server-side request forgery is when somebody makes
a service call an address inside its own network, by an address that they write or by DNS.

The tables are those of https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry, written out: `ipaddress` disagrees
between Python versions on what is global (RFC 6890's exceptions came with 3.13), and does not look
into the IPv6 forms that carry an IPv4 address.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_CLOSED_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; 0.0.0.0 leads to this machine
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by a carrier's customers; a metadata service of one cloud
            "127.0.0.0/8",  # this machine
            "168.63.129.16/32",  # Azure's platform, a metadata service on a public address
            "169.254.0.0/16",  # link-local: the metadata services of AWS and most clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays, deprecated
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks between networks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
_OPEN_6 = IPv6Network("2000::/3")
"""All of global unicast: https://www.iana.org/assignments/ipv6-address-space."""
_CLOSED_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: carries an IPv4 address, deprecated
            "3fff::/20",  # documentation
        ),
    )
)
_THIS_4, _THIS_6 = IPv4Network("127.0.0.0/8"), IPv6Address("::1")
_NAT64 = IPv6Network("64:ff9b::/96")
"""An IPv4 address in its last 32 bits (RFC 6052): how networks without IPv4 reach it."""


def is_loopback(host: str) -> bool:
    """Whether the host, as written, is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    address = literal(host)
    return host.lower() == "localhost" if address is None else _loopback(address)


def may_reach(host: str, address: Address, *, loopback: bool) -> bool:
    """Whether a connection to the host, as written, may go to this address of the host.

    `loopback` allows this machine too, where the host names it. Never on AWS: the function's own
    runtime listens there and gives the next event to any caller:
    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
    """
    return loopback and _loopback(address) if is_loopback(host) else is_public(address)


def is_public(address: Address) -> bool:
    """Whether it belongs to the public internet, in whatever form it is written."""
    inner = _carried(address)
    if isinstance(inner, IPv4Address):
        return not any(inner in network for network in _CLOSED_4)
    return inner in _OPEN_6 and not any(inner in network for network in _CLOSED_6)


def literal(host: str) -> Address | None:
    """The host as an address; None when it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _loopback(address: Address) -> bool:
    # Not `is_loopback`: since 3.13 that includes ::ffff:127.0.0.1, which has no honest use.
    return address in _THIS_4 or address == _THIS_6


def _carried(address: Address) -> Address:
    """The IPv4 address inside an IPv6 address, if there is one; otherwise the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
