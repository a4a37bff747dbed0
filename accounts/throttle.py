"""How often one may knock at the door: counted per address, and per account and address together.

Nothing is counted per account alone where a stranger could do the counting: whoever floods a victim's account shuts out
only their own address. The one exception is codes of the second factor, which only who has the password can enter.
Letters are counted by the mailbox that they go to as well; whoever is flooded with them holds links that work.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django_ratelimit.core import get_usage

from moondev.lib.addresses import client_address, line_of


def address_of(request: HttpRequest) -> str:
    """The client's address, through our own proxies only; "" when the peer has none."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.TRUSTED_PROXIES)


def _line(request: HttpRequest) -> str:
    return line_of(address_of(request))


def _typed(name: str) -> Callable[[HttpRequest], str]:
    """The account that a form names, whether it exists or not."""
    return lambda request: request.POST.get(name, "").strip().casefold()


def _person(request: HttpRequest) -> str:
    """Who is signed in, or has given the right password and owes the second factor."""
    if request.user.is_authenticated:
        return str(request.user.pk)
    pending = request.session.get("account_login") or {}
    return str(pending.get("user_pk") or "")


@dataclass(frozen=True)
class Door:
    """The limits of one form, as django-ratelimit writes them (`10/5m`); `account` names whom a request is about."""

    per_address: str
    account: Callable[[HttpRequest], str] | None = None
    per_account_and_address: str = ""
    per_account: str = ""

    def counters(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Every (rate, value) that a request counts against."""
        line = _line(request)
        found = [(self.per_address, f"address {line}")]
        account = self.account(request) if self.account else ""
        if account and self.per_account_and_address:
            found.append((self.per_account_and_address, f"account {account} address {line}"))
        if account and self.per_account:
            found.append((self.per_account, f"account {account}"))
        return found


CODE = Door("60/10m", _person, "10/10m", per_account="60/h")
DOORS: dict[str, Door] = {
    "account_login": Door("60/10m", _typed("login"), "10/10m"),
    "account_signup": Door("20/h", _typed("email"), "5/h"),
    "account_reset_password": Door("20/h", _typed("email"), "5/h"),
    "account_reset_password_from_key": Door("60/10m"),
    "account_reauthenticate": Door("60/10m", _person, "10/10m"),
    "account_change_password": Door("60/10m", _person, "10/10m"),
    "account_email": Door("60/h", _person, "10/h"),
    "mfa_authenticate": CODE,
    "mfa_reauthenticate": CODE,
    "mfa_activate_totp": Door("60/10m", _person, "10/10m"),
    "mfa_login_webauthn": Door("60/10m"),
    "accounts:invitation": Door("60/10m", _person, "20/10m"),
    "claims:claim": Door("60/10m", _person, "20/10m"),
}

# How many letters of a kind that anybody can ask for one mailbox gets, whoever asks for them from wherever.
LETTERS = ("3/10m", "20/d")


def count_attempt(request: HttpRequest, door: str) -> int:
    """Count one attempt. Returns 0, or the seconds to wait when it is one too many. Raises RedisError without Redis."""
    waits = [_count(request, door, rate, value) for rate, value in DOORS[door].counters(request)]
    return max(waits)


def may_write(request: HttpRequest, kind: str, address: str) -> bool:
    """Count a letter that anybody can have sent to anybody, by its kind: a flood of one never keeps another away.

    False when the mailbox has had enough of them; the links in those are still good. Raises RedisError without Redis.
    """
    mailbox = mailbox_of(address)
    return not any(_count(request, f"letter {kind}", rate, mailbox) for rate in LETTERS)


def mailbox_of(address: str) -> str:
    """Where letters to an address arrive: most servers deliver `joe+anything` to joe."""
    name, _, host = address.strip().casefold().rpartition("@")
    return f"{name.partition('+')[0]}@{host}"


def refuse(request: HttpRequest, seconds: int) -> HttpResponse:
    """The 429 page: says when to come back."""
    context = {"minutes": math.ceil(seconds / 60)}
    page = render_to_string("accounts/too_many.html", context, request)
    return HttpResponse(page, status=429, headers={"Retry-After": str(seconds)})


def _count(request: HttpRequest, door: str, rate: str, value: str) -> int:
    usage = get_usage(request, group=door, key=lambda group, asked: value, rate=rate, increment=True)
    return max(1, usage["time_left"]) if usage and usage["should_limit"] else 0
