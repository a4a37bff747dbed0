"""Takes secrets out of whatever is about to be written down."""

from __future__ import annotations

import re
from typing import Any

REMOVED = "[removed]"

# Each pattern keeps its first group, so that a line still says what kind of secret stood there.
PATTERNS = (
    re.compile(r"(?i)\b((?:bearer|basic|token)\s+)[^\s\"',;]{8,}"),
    # Our keys, of both generations, and Stripe's, whole or cut off.
    re.compile(r"(?i)(md_(?:live|test)_)[0-9a-z]+"),
    re.compile(r"(?i)(md_)[0-9a-f]{16,}"),
    re.compile(r"(?i)((?:sk|rk|pk|ek)_(?:org_)?(?:live|test)_|whsec_)[0-9a-z+/=]+"),
    # Whoever has one of these may confirm a buyer's payment, or act on Stripe's page of a customer.
    re.compile(r"(?i)((?:pi|seti|cs|cuss|src)_[0-9a-z_]{4,}?_secret_)[0-9a-z%]+"),
    re.compile(r"(?i)(/p/session/)[^\s\"'?#]+"),
    # Whoever has one of these may post to a customer's Discord or Slack channel, or as their Telegram bot.
    re.compile(r"(?i)(/webhooks/\d+/)[\w-]+"),
    re.compile(r"(?i)(hooks\.slack\.com/services/)[\w/]+"),
    re.compile(r"(/bot\d+:)[\w-]+"),
    # name=value, "name": "value" and header lines.
    re.compile(
        r"(?i)((?:authorization|x-api-key|cookie|api_?key|password\d?|secret|sessionid|csrftoken)"
        r"[\"']?\s*[:=]\s*[\"']?)(?![\[\s])(?!(?:bearer|basic|token)\s)[^\s\"'&,;]+"
    ),
    # The password of a database's or broker's address.
    re.compile(r"(\w+://[^\s:/@]*:)[^\s@/]+(?=@)"),
)
# None of the patterns fits a text without one of these, and most lines have none of them.
HINTS = ("bearer ", "basic ", "token ", "md_", "_live_", "_test_", "whsec_", "://", "authorization", "key", "cookie",
         "password", "secret", "session", "csrf", "/webhooks/", "slack.com/", "/bot")  # fmt: skip
NAMES = frozenset(
    {"authorization", "cookie", "set-cookie", "x-api-key", "api_key", "password", "secret", "token", "client_secret"}
)


def redact_text(text: str) -> str:
    """The text with every secret in it replaced."""
    small = text.lower()
    if not any(hint in small for hint in HINTS):
        return text
    for pattern in PATTERNS:
        text = pattern.sub(rf"\g<1>{REMOVED}", text)
    return text


def redact(value: Any) -> Any:
    """The value with secrets replaced in every text of it, and whole values under a secret's name.

    What JSON has no form for comes back as redacted text, since the writer of the line would turn it into text anyway.
    """
    if isinstance(value, str):
        return redact_text(value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, dict):
        return {name: REMOVED if str(name).lower() in NAMES else redact(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redact(inner) for inner in value]
    return redact_text(str(value))
