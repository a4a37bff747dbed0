"""Tokens of links that are mailed: the link holds the token, and we keep its digest only."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token. Plain SHA-256 is enough: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
