"""What would go wrong in production, said at the start with a way to mend it.

What is missing stops the settings themselves; these checks look at values that are there and no good. Each has a hint.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from alerts.operators import check_operators_settings
from marketdata.sources import SOURCES
from moondev.lib.addresses import parse_address
from moondev.lib.errors import Invalid

SHORTEST_SECRET = 32
SECRET_KEYS = ("sk_test_", "sk_live_", "rk_test_", "rk_live_")
# Stripe itself gives up on a late payment after two months at most.
MOST_GRACE_DAYS = 60
# What customers and Stripe are sent to; by default this machine.
PUBLIC_URLS = ("PUBLIC_URL", "GATEWAY_PUBLIC_URL", "BILLING_PUBLIC_URL")
SANDBOX_LEVELS = ("seccomp_no_open", "landlock", "setuid", "namespaces")
CONFIGS = Sequence[AppConfig] | None


@register()
def check_market_data(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """A source that there is, and no invented numbers: the simulated one needs DEBUG or an explicit yes."""
    if settings.MARKET_DATA_SOURCE not in SOURCES:
        hint = f"Set MARKET_DATA_SOURCE to one of: {', '.join(sorted(SOURCES))}."
        return [Error(f"MARKET_DATA_SOURCE is {settings.MARKET_DATA_SOURCE!r}.", hint=hint, id="moondev.E013")]
    if settings.MARKET_DATA_SOURCE != "simulated" or settings.ALLOW_SIMULATED:
        return []
    hint = "Set MARKET_DATA_SOURCE to a real source, or ALLOW_SIMULATED=1 to serve simulated numbers, labelled as such."
    return [Error("MARKET_DATA_SOURCE is `simulated` with DEBUG off.", hint=hint, id="moondev.E001")]


@register()
def check_seal_keys(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """A seal key that cannot seal would only be noticed when the first secret is stored."""
    hint = (
        'Make one with: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"; '
        "separate several with commas, the newest first."
    )
    if settings.SEAL_KEYS and all(map(_is_fernet_key, settings.SEAL_KEYS)):
        return []
    return [Error("SEAL_KEYS holds something that is no Fernet key.", hint=hint, id="moondev.E002")]


@register()
def check_trusted_proxies(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """A range that does not parse, or one that holds everybody, would let any client choose its own address."""
    hint = "Name the addresses or CIDR ranges of your own proxies, separated by commas."
    wrong = [text for text in settings.TRUSTED_PROXIES if not _is_narrow(text)]
    return [Error(f"TRUSTED_PROXIES: {text!r} is no use.", hint=hint, id="moondev.E003") for text in wrong]


@register(Tags.security, deploy=True)
def check_secrets(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """Secrets that could be guessed, or that are the same twice."""
    hint = 'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
    return [Error(message, hint=hint, id="moondev.E004") for message in _weak_secrets()]


@register(Tags.security, deploy=True)
def check_debug_only(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """What is made for development has no place in a deployment."""
    found: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts that clients use, separated by commas."
        found.append(Error("ALLOWED_HOSTS lets every host name in.", hint=hint, id="moondev.E005"))
    for name in PUBLIC_URLS:
        if not settings.DEBUG and _is_out_of_reach(getattr(settings, name)):
            hint = f"Set {name} to the https:// address that customers use, with the name of your host."
            found.append(Error(f"{name} is {getattr(settings, name)!r}.", hint=hint, id="moondev.E006"))
    return found


@register()
def check_stripe_key(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """The key decides who takes the money: nobody may sell for the sandbox, or charge real cards while developing."""
    if settings.STRIPE_SANDBOX and not settings.DEBUG:
        hint = "Set STRIPE_SECRET_KEY to the secret key of your Stripe account: dashboard, Developers, API keys."
        message = "STRIPE_SECRET_KEY is the sandbox's with DEBUG off: everybody could buy for nothing."
        return [Error(message, hint=hint, id="moondev.E007")]
    if not settings.STRIPE_SECRET_KEY.startswith(SECRET_KEYS):
        hint = f"It begins with {' or '.join(SECRET_KEYS)}; a publishable key (pk_) cannot sell anything."
        return [Error("STRIPE_SECRET_KEY is no secret key of Stripe's.", hint=hint, id="moondev.E008")]
    if settings.STRIPE_LIVE_MODE and settings.DEBUG:
        hint = "Use a key of Stripe's test mode (sk_test_) to develop, or none: then the sandbox plays Stripe."
        return [
            Warning("STRIPE_SECRET_KEY is live with DEBUG on: real cards are charged.", hint=hint, id="moondev.W001")
        ]
    return []


@register(Tags.security, deploy=True)
def check_stripe_mode(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """A shop that was forgotten in test mode sells for nothing: anybody may know the test cards."""
    if settings.STRIPE_LIVE_MODE or settings.DEBUG:
        return []
    hint = "Set STRIPE_SECRET_KEY to a live key when you open. docs/billing.md has the steps."
    return [Warning("STRIPE_SECRET_KEY is of the test mode: no money is taken.", hint=hint, id="moondev.W002")]


@register()
def check_billing(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """Values that would only be noticed by the first customer who pays, or who comes back from paying."""
    found: list[CheckMessage] = []
    if not settings.STRIPE_WEBHOOK_SECRETS or any(map(_is_no_webhook_secret, settings.STRIPE_WEBHOOK_SECRETS)):
        hint = (
            "Copy it from Stripe: dashboard, Developers, Webhooks, the endpoint, Signing secret. Separate with commas."
        )
        found.append(Error("STRIPE_WEBHOOK_SECRET holds something that is none.", hint=hint, id="moondev.E009"))
    for text in filter(_is_no_origin, settings.BILLING_RETURN_HOSTS):
        hint = "Give scheme and host, with a port where there is one and nothing after it, as https://shop.example.com."
        found.append(Error(f"BILLING_RETURN_HOSTS: {text!r} is no use.", hint=hint, id="moondev.E010"))
    if not 0 <= settings.BILLING_GRACE_DAYS <= MOST_GRACE_DAYS:
        hint = f"Set it to a number of days from 0 to {MOST_GRACE_DAYS}."
        found.append(Error("BILLING_GRACE_DAYS is out of bounds.", hint=hint, id="moondev.E011"))
    return found


@register()
def check_sandbox_level(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """A level that does not exist would only be noticed by the first worker."""
    if settings.SANDBOX_LEVEL in SANDBOX_LEVELS:
        return []
    hint = f"Set it to {', '.join(SANDBOX_LEVELS[:-1])} or {SANDBOX_LEVELS[-1]}."
    return [Error(f"SANDBOX_LEVEL is {settings.SANDBOX_LEVEL!r}.", hint=hint, id="moondev.E012")]


@register()
def check_operators_channel(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """An address to which nothing can be posted would only be noticed when an alert fires."""
    try:
        check_operators_settings()
    except Invalid as error:
        hint = "Copy it from Discord: channel settings, Integrations, Webhooks, Copy Webhook URL. Empty: none."
        # What was refused is a secret, or nearly one.
        message = f"ALERTS_DISCORD_WEBHOOK_URL is no webhook of Discord's. {error.detail}"
        return [Error(message, hint=hint, id="moondev.E014")]
    return []


def _weak_secrets() -> Iterator[str]:
    for version, pepper in settings.KEY_PEPPERS.items():
        if len(pepper) < SHORTEST_SECRET:
            yield f"KEY_PEPPERS: version {version} has fewer than {SHORTEST_SECRET} characters."
        if pepper == settings.SECRET_KEY:
            yield f"KEY_PEPPERS: version {version} is SECRET_KEY as well."
    if settings.OPERATOR_TOKEN and len(settings.OPERATOR_TOKEN) < SHORTEST_SECRET:
        yield f"OPERATOR_TOKEN has fewer than {SHORTEST_SECRET} characters."


def _is_fernet_key(text: str) -> bool:
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


def _is_narrow(text: str) -> bool:
    try:
        return ipaddress.ip_network(text, strict=False).prefixlen > 0
    except ValueError:
        return False


def _is_no_webhook_secret(text: str) -> bool:
    return not text.startswith("whsec_") or text != text.strip()


def _is_no_origin(text: str) -> bool:
    """Whether a text is anything but scheme, host and perhaps port; plain HTTP only where nobody listens in."""
    try:
        parts = urlsplit(text)
        # A port that is no number shows only when it is asked for.
        has_place = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return True
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and (settings.DEBUG or _is_here(parts.hostname)))
    return not (has_place and is_safe and text == f"{parts.scheme}://{parts.netloc}")


def _is_out_of_reach(text: str) -> bool:
    """Whether nobody else can use an address, or others could listen in."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return True
    host = parts.hostname or "localhost"
    address = parse_address(host)
    is_local = host == "localhost" or bool(address and (address.is_loopback or address.is_unspecified))
    return parts.scheme != "https" or is_local


def _is_here(host: str | None) -> bool:
    return host in ("127.0.0.1", "localhost", "::1")
