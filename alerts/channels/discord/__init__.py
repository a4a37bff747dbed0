"""Discord, by an incoming webhook: every alert is one embed, and its end is written into that embed.

Limits and errors as documented at https://discord.com/developers/docs/resources/webhook and .../topics/rate-limits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlencode, urlsplit

from alerts.channels.discord.answers import HOSTS, judge
from alerts.channels.discord.embeds import MOST_EMBEDS, render, render_end
from alerts.channels.posting import call, check_address
from alerts.channels.shapes import Message, Sent, Setting, Settings
from moondev.lib.errors import Invalid

__all__ = [
    "ABOUT",
    "MOST_TOGETHER",
    "SETTINGS",
    "TITLE",
    "bucket",
    "check",
    "edit",
    "hint",
    "render",
    "render_end",
    "send",
]

TITLE = "Discord"
ABOUT = "A message in a Discord channel. When the alert ends, the same message says so."
SETTINGS: tuple[Setting, ...] = (
    Setting("url", "Webhook URL", "In Discord: channel settings, Integrations, Webhooks, Copy Webhook URL.", True),
)
MOST_TOGETHER = MOST_EMBEDS
PATH = re.compile(r"/api/(?:v\d{1,2}/)?webhooks/(\d{5,25})/([\w-]{20,100})/?")
THREAD = re.compile(r"\d{5,25}")
HOST = "discord.com"
# The test clients give their own host to the same webhooks.
TEST_CLIENTS = re.compile(r"^https://(?:ptb|canary)\.(?=discord\.com/)", re.IGNORECASE)


def check(settings: Settings) -> dict[str, str]:
    url = TEST_CLIENTS.sub("https://", str(settings.get("url", "")).strip())
    url = check_address({"url": url}, allow_hosts=HOSTS)
    parts = urlsplit(url)
    found = PATH.fullmatch(parts.path)
    if found is None:
        raise Invalid.field(
            "/settings/url", "Copy the whole webhook URL: https://discord.com/api/webhooks/<id>/<token>"
        )
    # Both hosts are the same place.
    return {"url": f"https://{HOST}/api/webhooks/{found[1]}/{found[2]}"} | _thread_in(parts.query)


def hint(settings: Settings) -> str:
    thread = f" thread {settings['thread_id']}" if "thread_id" in settings else ""
    return f"{HOST}/…/{_id_in(settings)}/…{thread}"


def bucket(settings: Settings) -> str:
    # Threads of a webhook share its limit.
    return _id_in(settings)


def send(settings: Settings, message: Message, delivery_ids: Sequence[str]) -> Sent:
    # With `wait` Discord answers after it has stored the message, and with the message's id.
    return judge(call("POST", _address(settings, wait="true"), json=message.body, allow_hosts=HOSTS))


def edit(settings: Settings, message_id: str, message: Message) -> Sent:
    address = _address(settings, f"/messages/{message_id}")
    return judge(call("PATCH", address, json=message.body, allow_hosts=HOSTS))


def _address(settings: Settings, path: str = "", **asked: str) -> str:
    """Where to send a request. A message in a thread is posted and changed by naming the thread."""
    asked |= {"thread_id": settings["thread_id"]} if "thread_id" in settings else {}
    return settings["url"] + path + (f"?{urlencode(asked)}" if asked else "")


def _id_in(settings: Settings) -> str:
    return urlsplit(settings["url"]).path.split("/")[3]


def _thread_in(query: str) -> dict[str, str]:
    """The thread of a channel to which a URL leads. What else people append changes nothing for us."""
    threads = parse_qs(query, keep_blank_values=True).get("thread_id", [])
    if threads and not (len(threads) == 1 and THREAD.fullmatch(threads[0])):
        raise Invalid.field("/settings/url", "The thread_id is no id of a thread: Discord, Copy Thread ID.")
    return {"thread_id": threads[0]} if threads else {}
