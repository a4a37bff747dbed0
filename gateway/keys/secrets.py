"""The strings that callers present: two generations of them, their form and what of them is stored.

Present generation: `md_live_` or `md_test_`, 32 random base62 characters, 6 of CRC-32. First generation: `md_` and 64
hex characters. The first was stored as a plain SHA-256; the pepper goes over that digest, so that it can be taken over
without the key itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.conf import settings

from gateway.models import KeySecret
from moondev.lib import keys

PREFIXES: Mapping[str, str] = {"live": "md_live_", "test": "md_test_"}
LEGACY_PREFIX = "md_"
ALIAS_LENGTH = 16
# Of a secret's random characters four are shown before the dots and four behind them.
SHOWN_LENGTH = len("md_live_") + 4


def new_secret(mode: str) -> str:
    """A fresh secret of a mode, `live` or `test`."""
    return keys.generate(PREFIXES[mode])


def alias_of(secret: str) -> str:
    """The first 16 hex characters of SHA-256 of a presented key. Computed, never stored."""
    return hashlib.sha256(secret.encode()).hexdigest()[:ALIAS_LENGTH]


def is_hopeless(secret: str) -> bool:
    """Whether a string cannot be a key, whatever is stored: judged by its form alone.

    Only strings with a present prefix are checked for form; anything else may be of the first generation.
    """
    prefix = next((prefix for prefix in PREFIXES.values() if secret.startswith(prefix)), None)
    return not secret.isascii() or (prefix is not None and not keys.is_well_formed(secret, prefix))


def digests_of(secret: str) -> dict[int, str]:
    """What would be stored of a presented string, under each version of the pepper, newest first."""
    if secret.startswith(tuple(PREFIXES.values())):
        return keys.digests(secret, settings.KEY_PEPPERS)
    return legacy_digests_of(hashlib.sha256(secret.encode()).hexdigest())


def legacy_digests_of(sha256: str) -> dict[int, str]:
    """What is stored of a first-generation key of which only the SHA-256 (64 hex, lower case) is known."""
    return keys.digests(sha256, settings.KEY_PEPPERS)


def row_of(secret: str) -> KeySecret:
    """An unsaved row for a new secret, under the newest pepper."""
    version, digest = next(iter(digests_of(secret).items()))
    return KeySecret(digest=digest, pepper_version=version, prefix=secret[:SHOWN_LENGTH], last_four=secret[-4:])


def legacy_row_of(sha256: str) -> KeySecret:
    """An unsaved row for a first-generation digest; nothing is known of the key but its `md_`."""
    version, digest = next(iter(legacy_digests_of(sha256).items()))
    return KeySecret(digest=digest, pepper_version=version, prefix=LEGACY_PREFIX)
