"""What would go wrong in production, said at the start with a way to mend it.

What is missing stops the settings themselves; these checks look at values that are there and no good. Each has a hint.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SHORTEST_SECRET = 32
CONFIGS = Sequence[AppConfig] | None


@register()
def check_market_data(app_configs: CONFIGS, **kwargs: Any) -> list[CheckMessage]:
    """No invented numbers: the simulated source needs DEBUG or an explicit yes."""
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
    if settings.PUBLIC_URL.startswith("http://") and not settings.DEBUG and settings.SECURE_SSL_REDIRECT:
        hint = "Set PUBLIC_URL and GATEWAY_PUBLIC_URL to the https:// addresses that customers use."
        found.append(Error(f"PUBLIC_URL is {settings.PUBLIC_URL}.", hint=hint, id="moondev.E006"))
    return found


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
