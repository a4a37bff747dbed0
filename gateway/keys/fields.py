"""What a key's fields may hold. A refusal names every field that is wrong, not only the first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_network
from typing import Any

from django.utils import timezone

from billing.principal import SCOPES
from gateway.models import ApiKey
from gateway.models.key import HIGHEST_RATE
from moondev.lib.addresses import Network
from moondev.lib.errors import FieldError, Invalid

NAME_LENGTH = 80
MOST_ADDRESSES = 50
LONGEST_LIFE = timedelta(days=3653)
# The part of IPv6 in which IPv4 addresses are written as ::ffff:192.0.2.1.
MAPPED = IPv6Network("::ffff:0:0/96")


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values in the form in which they are stored. Raises Invalid with one error for each field that is wrong."""
    found: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in given.items():
        try:
            found[name] = CHECKS[name](value)
        except ValueError as error:
            errors.append(FieldError(f"/{name}", str(error)))
    if errors:
        raise Invalid(" ".join(error.detail for error in errors), tuple(errors))
    return found


def name_of(value: str) -> str:
    """The name without blanks around it, on one line."""
    name = " ".join(str(value).split())
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise ValueError(f"Give the key a name of 1 to {NAME_LENGTH} characters.")
    return name


def scopes_of(value: Iterable[str]) -> list[str]:
    """The scopes without doubles, in the product's order."""
    wanted = {value} if isinstance(value, str) else set(value)
    if not wanted or not wanted <= set(SCOPES):
        raise ValueError(f"Choose at least one scope; there are {', '.join(SCOPES)}.")
    return [scope for scope in SCOPES if scope in wanted]


def mode_of(value: str) -> str:
    if value not in ApiKey.Mode.values:
        raise ValueError("The mode is live or test.")
    return str(value)


def future_of(value: datetime | None) -> datetime | None:
    """A moment that lies ahead, or None for never."""
    if value is None:
        return None
    now = timezone.now()
    if timezone.is_naive(value) or not now < value <= now + LONGEST_LIFE:
        raise ValueError("Choose a moment in the future, at most ten years away, with its time zone.")
    return value


def addresses_of(value: Iterable[str]) -> list[str]:
    """The allow-list as the shortest networks that say the same: sorted, without doubles, IPv4 never inside IPv6."""
    texts = [value] if isinstance(value, str) else list(value)
    if len(texts) > MOST_ADDRESSES:
        raise ValueError(f"The allow-list takes at most {MOST_ADDRESSES} entries; this one has {len(texts)}.")
    networks = {network_of(text) for text in texts}
    return [_short(network) for network in sorted(networks, key=lambda n: (n.version, n.network_address, n.prefixlen))]


def network_of(text: str) -> Network:
    """An address or CIDR range as a network. Host bits may be set. Raises ValueError that says what is wrong."""
    try:
        network = ip_network(text.strip(), strict=False)
    except (ValueError, AttributeError):
        raise ValueError(f"{str(text)[:60]!r} is neither an IPv4 or IPv6 address nor a CIDR range.") from None
    if isinstance(network, IPv6Network):
        if network.network_address.scope_id is not None:
            raise ValueError(f"{str(text)[:60]!r} names a zone; an allow-list takes addresses without one.")
        if network.subnet_of(MAPPED):
            return ip_network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - MAPPED.prefixlen))
    return network


def rate_of(value: int | None) -> int | None:
    """Requests a minute, or None for the plan's."""
    if value is not None and (isinstance(value, bool) or not 1 <= value <= HIGHEST_RATE):
        raise ValueError(f"The rate is 1 to {HIGHEST_RATE:,} requests a minute.")
    return value


CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": name_of,
    "scopes": scopes_of,
    "mode": mode_of,
    "expires_at": future_of,
    "allowed_addresses": addresses_of,
    "is_service_key": bool,
    "limit": rate_of,
    "until": future_of,
}


def _short(network: Network) -> str:
    """A single address without its `/32` or `/128`."""
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)
