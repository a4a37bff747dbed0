"""Whose address a request came from, when proxies that we run stand in between.

A proxy appends the address of its own peer to X-Forwarded-For, so only the right end of the header is ours;
everything to the left of the first hop that we do not run was written by the client and proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Not private by the letter, and still nobody's place on the internet: protocol assignments, 6to4 relays, and the
# address at which Azure answers its own machines.
ODD_V4 = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
# The only part of IPv6 that is routed on the internet, and the prefix under which NAT64 carries v4.
ROUTED_V6, NAT64 = map(ip_network, ("2000::/3", "64:ff9b::/96"))
# One customer's line is usually a whole /64, so counting single IPv6 addresses would count nothing.
IPV6_LINE = 64


def client_address(remote_addr: str, forwarded_for: str, trusted: Iterable[str]) -> str:
    """The right-most hop that is not a proxy of ours, in canonical text; the peer itself unless it is one.

    `remote_addr` is the socket's peer, `forwarded_for` the X-Forwarded-For header (may be empty), `trusted` are
    addresses and CIDR networks, v4 or v6. A hop that cannot be read ends the walk at the last one that could.
    Returns "" when the peer has no address (a unix socket).
    """
    peer = parse_address(remote_addr)
    if peer is None:
        return ""
    networks = parse_networks(tuple(trusted))
    for text in reversed(forwarded_for.split(",")):
        if not is_within(peer, networks):
            break
        hop = parse_address(text)
        if hop is None:
            break
        peer = hop
    return str(peer)


def parse_address(text: str) -> Address | None:
    """An address as proxies write it: v4, v6, either with a port, v6 in brackets or with a zone; else None.

    A v4 address inside v6 (`::ffff:192.0.2.1`, what a dual-stack socket reports) comes back as v4, so that one rule
    fits both.
    """
    try:
        address = ip_address(_bare(text.strip()))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


@lru_cache(maxsize=1024)
def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and CIDR networks as networks; host bits may be set. Raises ValueError that names the bad text.

    `texts` must be hashable (a tuple): the same allow-list is asked on every request.
    """
    return tuple(ip_network(text.strip(), strict=False) for text in texts)


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks; versions never match one another."""
    return any(address in network for network in networks)


def is_public(address: Address) -> bool:
    """Whether an address is somebody's place on the internet: not private, link-local, multicast, reserved or ours.

    A v4 address inside v6 (mapped, 6to4, NAT64) counts as what it carries.
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not is_within(address, ODD_V4)
    carried = address.ipv4_mapped or address.sixtofour
    if address in NAT64:
        carried = IPv4Address(int(address) & 0xFFFFFFFF)
    if carried is not None:
        return is_public(carried)
    return address in ROUTED_V6 and address.is_global


def line_of(address: str) -> str:
    """What a limit per address counts: the v4 address itself, the /64 of a v6 address, any other text as it is."""
    parsed = parse_address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_LINE), strict=False))
    return str(parsed) if parsed else address


def _bare(text: str) -> str:
    """The address without its port, and without the brackets that a v6 address with a port needs."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        return text.partition(":")[0]
    return text
