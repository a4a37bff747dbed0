"""Whose signature under a report of leaked keys counts: the public keys that LEAK_REPORT_KEYS_URL names.

The list has the form of GitHub's secret scanning partner programme:
`{"public_keys": [{"key_identifier": "…", "key": "-----BEGIN PUBLIC KEY-----…", "is_current": true}]}`, keys on P-256.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from moondev.lib import http
from moondev.lib.errors import Forbidden, Unavailable

KEEP_SECONDS = 3600.0
# A report with an unknown key id makes us look for new keys, but nobody can make us ask more often than this.
REFRESH_SECONDS = 60.0
ANSWER_SECONDS = 8.0
MOST_BYTES = 256 * 1024

log = structlog.get_logger("gateway.keys.leaks")
PublicKeys = Mapping[str, ec.EllipticCurvePublicKey]


class Keyring:
    """The keys of one list, read when first needed and kept for an hour."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._keys: PublicKeys = {}
        self._read_at = float("-inf")
        self._asked_at = float("-inf")

    def verify(self, *, identifier: str, signature: str, body: bytes) -> None:
        """Check an ECDSA signature (base64 of DER, SHA-256) over the raw body.

        Raises Forbidden, and Unavailable when the list has never been read.
        """
        key = self._key(identifier)
        if key is None:
            raise Forbidden("The report is signed with a key that is not in the list of keys.")
        try:
            key.verify(base64.b64decode(signature, validate=True), body, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, binascii.Error, ValueError):
            raise Forbidden("The signature does not fit the report.") from None

    def _key(self, identifier: str) -> ec.EllipticCurvePublicKey | None:
        """The key of an id; an unknown id makes the list be read again, once."""
        with self._lock:
            now = time.monotonic()
            wanted = identifier not in self._keys or now - self._read_at > KEEP_SECONDS
            if wanted and now - self._asked_at > REFRESH_SECONDS:
                self._asked_at = now
                self._refresh(now)
            if self._read_at == float("-inf"):
                raise Unavailable("The keys that sign such reports cannot be read at this moment.")
            return self._keys.get(identifier)

    def _refresh(self, now: float) -> None:
        """Read the list. One that cannot be read or understood leaves the keys as they are."""
        try:
            self._keys = parse(fetch(self._source))
        except (http.HttpError, OSError, ValueError, TypeError, KeyError) as error:
            log.warning("list of leak reporters' keys not read", error=type(error).__name__)
        else:
            self._read_at = now


def fetch(source: str) -> bytes:
    """The list's bytes from an https URL or a file. Raises HttpError, OSError, ValueError (too long, no such list)."""
    if source.startswith(("http://", "https://")):
        return _download(source)
    text = Path(source.removeprefix("file://")).read_bytes()
    if len(text) > MOST_BYTES:
        raise ValueError("the list is too long")
    return text


def _download(url: str) -> bytes:
    answer = http.send("GET", url, timeout=ANSWER_SECONDS, most_bytes=MOST_BYTES)
    if answer.status != 200 or answer.is_cut:
        raise ValueError("the answer is no list, or too long a one")
    return answer.body


def parse(text: bytes) -> PublicKeys:
    """The keys on P-256 by their ids; one of another kind beside them does not count.

    Raises ValueError, TypeError, KeyError for anything but the programme's form, and for a list without a usable key.
    """
    document: Any = json.loads(text)
    read = {str(item["key_identifier"]): _public_key(item["key"]) for item in document["public_keys"]}
    usable = {identifier: key for identifier, key in read.items() if key is not None}
    if not usable:
        raise ValueError("no key on P-256")
    return usable


def _public_key(text: str) -> ec.EllipticCurvePublicKey | None:
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None
