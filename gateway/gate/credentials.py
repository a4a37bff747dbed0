"""Where a request may carry a key: two headers, never the query string."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moondev.lib.errors import AppError

# Keys are 46 characters long, first-generation ones 67. What is much longer is no key and is not even hashed.
MAX_LENGTH = 200
SCHEME = "bearer "


def presented(meta: Mapping[str, Any]) -> str | None:
    """The key that the headers carry, or None. An empty header is no header.

    Raises AppError (400) when the two headers carry different keys, or one that is too long to be a key.
    """
    header: str = meta.get("HTTP_X_API_KEY", "").strip()
    bearer = _bearer(meta.get("HTTP_AUTHORIZATION", ""))
    if header and bearer and header != bearer:
        raise AppError("X-API-Key and Authorization carry different keys. Send the key in one of the two headers.")
    secret = header or bearer
    if len(secret) > MAX_LENGTH:
        raise AppError(f"An API key has at most {MAX_LENGTH} characters; this one is longer.")
    return secret or None


def _bearer(authorization: str) -> str:
    """The token of `Authorization: Bearer …`; other schemes carry no key."""
    return authorization[len(SCHEME) :].strip() if authorization[: len(SCHEME)].lower() == SCHEME else ""
