"""Secrets that a machine presents: how they are made, checked for form and remembered.

Form: prefix, 32 base62 characters from `secrets` (190 bits), 6 base62 characters of CRC-32 over all before them
(the form that secret scanners recognise, as GitHub's tokens have it). Only an HMAC-SHA256 under the pepper is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Mapping

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
BODY_LENGTH = 32
CHECKSUM_LENGTH = 6


def base62(number: int, length: int) -> str:
    """A non-negative number in base 62, padded with zeros to `length` characters."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits.rjust(length, "0")


def checksum(text: str) -> str:
    """Six base62 characters of the CRC-32 of `text`."""
    return base62(zlib.crc32(text.encode()), CHECKSUM_LENGTH)


def generate(prefix: str) -> str:
    """A new secret: prefix, 32 random characters, checksum."""
    body = prefix + "".join(secrets.choice(ALPHABET) for _ in range(BODY_LENGTH))
    return body + checksum(body)


def is_well_formed(secret: str, prefix: str) -> bool:
    """Whether a string has the form of a secret with this prefix. Asks nobody."""
    if not re.fullmatch(re.escape(prefix) + rf"[0-9A-Za-z]{{{BODY_LENGTH + CHECKSUM_LENGTH}}}", secret):
        return False
    return hmac.compare_digest(checksum(secret[:-CHECKSUM_LENGTH]), secret[-CHECKSUM_LENGTH:])


def digest(secret: str, pepper: str) -> str:
    """HMAC-SHA256 of a secret under a pepper, as 64 hex characters."""
    return hmac.new(pepper.encode(), secret.encode(), hashlib.sha256).hexdigest()


def digests(secret: str, peppers: Mapping[int, str]) -> dict[int, str]:
    """The digest of a secret under each version of the pepper, newest first."""
    return {version: digest(secret, peppers[version]) for version in sorted(peppers, reverse=True)}
