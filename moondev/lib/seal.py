"""Secrets that we must be able to read again (webhook URLs, provider tokens), encrypted at rest.

MultiFernet over a list of keys: the first one seals, all of them open, so a key is rolled by putting a new one in
front.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unsealable(ValueError):
    """The sealed text was made with a key that is no longer in SEAL_KEYS, or was changed."""


def seal(plain: str, keys: Sequence[str]) -> str:
    """Encrypt a text with the first key."""
    return _box(keys).encrypt(plain.encode()).decode()


def unseal(sealed: str, keys: Sequence[str]) -> str:
    """Decrypt a text that any of the keys sealed."""
    try:
        return _box(keys).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unsealable("no key of SEAL_KEYS opens this secret") from error


def reseal(sealed: str, keys: Sequence[str]) -> str:
    """The same secret under the first key."""
    return _box(keys).rotate(sealed.encode()).decode()


def _box(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
