"""The secret that a customer presents: how ours is told from a first-generation one, and what is stored of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.conf import settings

from gateway.models import ApiKey, KeySecret
from moondev.lib import keys

PREFIXES: Mapping[str, str] = {ApiKey.Mode.LIVE: "md_live_", ApiKey.Mode.TEST: "md_test_"}
# What a list shows of a secret: the prefix and the first characters after it, and the last four.
SHOWN = 12


def is_refused_by_form(secret: str) -> bool:
    """Whether a string claims to be a key of ours and cannot be one. Asks nobody; a CRC catches every typing error."""
    return any(secret.startswith(prefix) and not keys.is_well_formed(secret, prefix) for prefix in PREFIXES.values())


def is_legacy(secret: str) -> bool:
    """Whether a string can only be a key of the first generation."""
    return not secret.startswith(tuple(PREFIXES.values()))


def legacy_material(secret: str) -> str:
    """What is peppered of a first-generation key: its SHA-256 in hex, which is all that its keystore held."""
    return hashlib.sha256(secret.encode()).hexdigest()


def material(secret: str) -> str:
    """What is peppered of any presented key."""
    return legacy_material(secret) if is_legacy(secret) else secret


def digests(secret: str) -> list[str]:
    """The digests under which a presented key may be stored, newest pepper first."""
    return list(keys.digests(material(secret), settings.KEY_PEPPERS).values())


def alias(secret: str) -> str:
    """First 16 hex characters of the SHA-256 of a presented key: its name in `?workspace=`. Never stored."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def store(key: ApiKey, secret: str) -> KeySecret:
    """Remember a secret of ours as the key's current one, as a digest under the newest pepper."""
    return _store(key, secret, prefix=secret[:SHOWN], last_four=secret[-4:])


def store_legacy(key: ApiKey, sha256_hex: str) -> KeySecret:
    """Remember a first-generation key, of which only the SHA-256 is known, as the key's current secret."""
    return _store(key, sha256_hex, prefix="md_", last_four="")


def _store(key: ApiKey, text: str, *, prefix: str, last_four: str) -> KeySecret:
    version = max(settings.KEY_PEPPERS)
    return KeySecret.objects.create(
        key=key,
        digest=keys.digest(text, settings.KEY_PEPPERS[version]),
        pepper_version=version,
        prefix=prefix,
        last_four=last_four,
    )
