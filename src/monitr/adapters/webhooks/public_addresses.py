"""Which IP addresses are on the public internet.

Own tables and not ``ipaddress.is_global``: Python 3.11's takes 6to4, NAT64, site-local and IPv4-mapped addresses for
global. Source: the IANA registries of special-purpose addresses (RFC 6890 and its successors).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches the machine itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata service is in it
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's own services, on every virtual machine there, though the range is public
        "169.254.0.0/16",  # link-local; the metadata service of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocols; Oracle's metadata service
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

_ALLOCATED_6 = IPv6Network("2000::/3")
"""All that is in use on the internet. Outside of it are loopback, IPv4-mapped and -compatible addresses, NAT64, unique
local, link-local, site-local and multicast ones."""
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocols: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_ISATAP = (0x00005EFE, 0x02005EFE)
"""The upper half of an interface id whose lower half is an IPv4 address (RFC 5214)."""


def is_public(address: Address) -> bool:
    """An address is public only where it is plainly so: one with another in it (6to4, NAT64, …) is not."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address not in _ALLOCATED_6 or address.scope_id is not None:
        return False
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return not any(address in network for network in _NOT_PUBLIC_6)


def is_loopback(address: Address) -> bool:
    """The machine itself, in its plain forms."""
    return address.is_loopback if isinstance(address, IPv4Address) else address == IPv6Address("::1")
