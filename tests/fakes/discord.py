"""Discord's webhooks with their documented limits: a bucket for each webhook, and 400 for what is too long."""

from __future__ import annotations

import itertools
import re
import time
from collections import defaultdict, deque
from typing import Any

from tests.fakes.taker import Reply, Request, Taker, reply

TOKEN = "t0ken-" + "x" * 60
PATH = re.compile(r"/api/webhooks/(\d+)/([\w-]+)(?:/messages/(\d+))?(?:\?(?:wait=true&?)?(?:thread_id=(\d+))?)?")


def webhook(number: int = 1) -> str:
    """The URL of a webhook, as Discord gives it to people."""
    return f"https://discord.com/api/webhooks/{10_000_000_000_000_000 + number}/{TOKEN}"


class Discord(Taker):
    """Every webhook exists. `messages` are those that were accepted; `over` counts requests beyond a bucket."""

    def __init__(self, *, bucket: int = 5, window: float = 2.0) -> None:
        super().__init__()
        self.bucket, self.window = bucket, window
        self.messages: dict[str, dict[str, Any]] = {}
        self.accepted: list[tuple[float, dict[str, Any]]] = []
        self.over = 0
        # Whether every message is malformed to it.
        self.refuses = False
        self._ids = itertools.count(1)
        self._used: defaultdict[str, deque[float]] = defaultdict(deque)

    def answer(self, request: Request) -> Reply:
        found = PATH.fullmatch(request.path)
        if found is None or found[2] != TOKEN:
            return reply(404, {"message": "Unknown Webhook", "code": 10015})
        headers = self.count(found[1])
        if headers is None:
            self.over += 1
            wait = round(self._left(found[1]), 3)
            return reply(429, {"message": "You are being rate limited.", "retry_after": wait, "global": False},
                         X_RateLimit_Scope="user", Retry_After=str(int(wait) + 1))  # fmt: skip
        made = self.store(request, found[3])
        made.headers |= headers
        return made

    def count(self, webhook_id: str) -> dict[str, str] | None:
        """Take one from a bucket; None when it is empty. A bucket is full again a window after its first use."""
        used, now = self._used[webhook_id], time.monotonic()
        if used and now - used[0] >= self.window:
            used.clear()
        if len(used) >= self.bucket:
            return None
        used.append(now)
        left = str(self.bucket - len(used))
        after = f"{self._left(webhook_id):.3f}"
        return {"X-RateLimit-Limit": str(self.bucket), "X-RateLimit-Remaining": left, "X-RateLimit-Reset-After": after,
                "X-RateLimit-Bucket": webhook_id}  # fmt: skip

    def empty(self) -> None:
        """As if a window had passed for every bucket."""
        self._used.clear()

    def store(self, request: Request, message_id: str | None) -> Reply:
        wrong = "everything" if self.refuses else fault_of(request.json)
        if wrong:
            return reply(400, {"code": 50035, "message": "Invalid Form Body", "errors": wrong})
        if request.method == "PATCH":
            if message_id not in self.messages:
                return reply(404, {"message": "Unknown Message", "code": 10008})
            self.messages[message_id] |= request.json
            return reply(200, {"id": message_id})
        new = str(next(self._ids))
        self.messages[new] = request.json
        self.accepted.append((request.at, request.json))
        return reply(200, {"id": new}) if "wait=true" in request.path else Reply(204)

    def _left(self, webhook_id: str) -> float:
        return max(self.window - (time.monotonic() - self._used[webhook_id][0]), 0.0)

    def embeds(self) -> list[dict[str, Any]]:
        """Every embed that stands in a message."""
        return [embed for message in self.messages.values() for embed in message["embeds"]]


def fault_of(message: dict[str, Any]) -> str:
    """What Discord would not take of a message; empty when it takes it."""
    embeds = message.get("embeds", [])
    texts = [text for embed in embeds for text in texts_of(embed)]
    limits = {
        "content": len(message.get("content", "")) <= 2000,
        "embeds": len(embeds) <= 10,
        "title": all(len(embed.get("title", "")) <= 256 for embed in embeds),
        "description": all(len(embed.get("description", "")) <= 4096 for embed in embeds),
        "fields": all(len(embed.get("fields", [])) <= 25 for embed in embeds),
        "values": all(0 < len(row["value"]) <= 1024 for embed in embeds for row in embed.get("fields", [])),
        "altogether": sum(map(len, texts)) <= 6000,
        "mentions": message.get("allowed_mentions") == {"parse": []},
    }
    return ", ".join(name for name, is_kept in limits.items() if not is_kept)


def texts_of(embed: dict[str, Any]) -> list[str]:
    rows = [text for row in embed.get("fields", []) for text in (row["name"], row["value"])]
    return [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", ""), *rows]
