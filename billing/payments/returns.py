"""Where a buyer may be sent back to: the hosts in BILLING_RETURN_HOSTS, so that nobody is led astray in our name."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from moondev.lib.errors import Invalid

LONGEST = 2000
# Printable ASCII without what browsers read in ways of their own: spaces, quotes, angle brackets and backslashes.
PLAIN = re.compile(r"[!#-;=?-\[\]-~]+")
PORTS = {"https": 443, "http": 80}
# Stripe puts the session's id in the place of the word in braces.
BOUGHT = "/accounts/bought/"
DONE = "/portal/plans/done/?session_id={CHECKOUT_SESSION_ID}"
PLANS = "/portal/plans/"


def ours(path: str) -> str:
    """A page of our own, which is always allowed."""
    return f"{settings.PUBLIC_URL}{path}"


def check_return_url(pointer: str, url: str) -> str:
    """The URL itself. Raises Invalid at `pointer` unless scheme, host and port are exactly those of an allowed host."""
    hosts = sorted({*settings.BILLING_RETURN_HOSTS, settings.PUBLIC_URL})
    found = _split(url)
    if found is None or _origin(found) not in {_origin(_split(host)) for host in hosts}:
        raise Invalid.field(pointer, f"Use an address that begins with {' or '.join(hosts)}.")
    return url


def _split(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) URL without credentials; None for anything else."""
    if len(url) > LONGEST or not PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in PORTS and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    return parts if is_whole and "@" not in parts.netloc else None


def _origin(parts: SplitResult | None) -> tuple[str, str, int] | None:
    """Scheme, host and port as browsers compare them."""
    return parts and (parts.scheme, str(parts.hostname), parts.port or PORTS[parts.scheme])
