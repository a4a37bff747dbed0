"""A webhook of the customer's own, signed as https://www.standardwebhooks.com says.

`webhook-id` is the delivery's id, so a repeat has the id of the first; `webhook-signature` is `v1,` and the base64 of
HMAC-SHA256 over `id.timestamp.body` under the secret's bytes, and once more under the old secret for a day after a new
one was made. An answer of 2xx within ten seconds is a yes; 410 says
that nothing will ever be taken.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from alerts.channels.posting import call, check_address, not_taken, too_many
from alerts.channels.shapes import ChannelError, Message, Notice, Sent, Setting, Settings

TITLE = "Webhook"
ABOUT = "A signed POST to an address of yours, for programs."
SETTINGS: tuple[Setting, ...] = (
    Setting("url", "URL", "Must begin with https:// and be reachable from the internet.", True),
)
# One delivery a message: its id is the webhook's.
MOST_TOGETHER = 1
PREFIX = "whsec_"
SECRET_BYTES = 32
SECRETS = frozenset({"secret", "old_secret", "old_until"})
# Seconds for which the old secret signs beside a new one: time to put the new one in place.
OVERLAP = 24 * 3600


def check(settings: Settings) -> dict[str, str]:
    return {"url": check_address(settings), "secret": new_secret()}


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def rotated(settings: Settings) -> dict[str, str]:
    """The settings with a new secret beside the one that ends."""
    until = str(int(time.time()) + OVERLAP)
    return {"url": settings["url"], "secret": new_secret(), "old_secret": settings["secret"], "old_until": until}


def hint(settings: Settings) -> str:
    # The path may hold a secret of the customer's.
    return f"{urlsplit(settings['url']).netloc}/…"[:120]


def bucket(settings: Settings) -> str:
    return ""


def render(notices: Sequence[Notice]) -> Message:
    (notice,) = notices
    return Message({"type": f"alert.{notice.event}", "timestamp": notice.at.isoformat(), "data": _data(notice)})


def send(settings: Settings, message: Message, delivery_ids: Sequence[str]) -> Sent:
    body = json.dumps(message.body, separators=(",", ":")).encode()
    at = int(time.time())
    headers = {"Content-Type": "application/json", **signed(_secrets_at(settings, at), delivery_ids[0], at, body)}
    answer = call("POST", settings["url"], body=body, headers=headers)
    if 200 <= answer.status < 300:
        return Sent(status=answer.status, said=f"It answered {answer.status}.")
    if answer.status == 410:
        raise ChannelError("It answered 410: gone for good.", disables=True, status=410)
    if answer.status == 429:
        raise too_many("It", answer)
    raise not_taken("It", answer)


def signed(secrets: Sequence[str], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks, a signature for each secret; the timestamp is in epoch seconds."""
    content = f"{webhook_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets),
    }


def _signature(secret: str, content: bytes) -> str:
    digest = hmac.digest(base64.b64decode(secret.removeprefix(PREFIX)), content, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def _secrets_at(settings: Settings, at: int) -> list[str]:
    """The secrets that are good at a moment, the newest first."""
    is_overlap = at < int(settings.get("old_until", 0))
    return [settings["secret"], *([settings["old_secret"]] if is_overlap else [])]


def _data(notice: Notice) -> dict[str, Any]:
    return {
        "delivery_id": notice.delivery_id,
        "may_be_a_repeat": notice.may_repeat,
        "alert_id": notice.alert_id,
        "type": notice.alert_kind,
        "description": notice.description,
        "symbol": notice.symbol or None,
        "window_minutes": notice.window_minutes,
        "threshold": notice.threshold,
        "value": notice.value,
        "text": notice.text,
        "source": notice.source,
        "simulated": notice.is_simulated,
        "facts": dict(notice.facts),
        "url": notice.url,
    }
