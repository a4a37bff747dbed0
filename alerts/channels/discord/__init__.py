"""Discord, by an incoming webhook: every alert is one embed, and its end is written into that embed.

Limits and errors as documented at https://discord.com/developers/docs/resources/webhook and .../topics/rate-limits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from alerts.channels.discord.answers import HOSTS, judge
from alerts.channels.discord.embeds import MOST_EMBEDS, render, render_end
from alerts.channels.posting import call, check_address
from alerts.channels.shapes import Message, Sent, Setting, Settings
from moondev.lib.errors import Invalid

__all__ = ["ABOUT", "MOST_TOGETHER", "SETTINGS", "TITLE", "check", "edit", "hint", "render", "render_end", "send"]

TITLE = "Discord"
ABOUT = "A message in a Discord channel. When the alert ends, the same message says so."
SETTINGS: tuple[Setting, ...] = (
    Setting("url", "Webhook URL", "In Discord: channel settings, Integrations, Webhooks, Copy Webhook URL.", True),
)
MOST_TOGETHER = MOST_EMBEDS
PATH = re.compile(r"/api/(?:v\d{1,2}/)?webhooks/(\d{5,25})/([\w-]{20,100})/?")
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
    return {"url": f"https://{parts.hostname}/api/webhooks/{found[1]}/{found[2]}"}


def hint(settings: Settings) -> str:
    parts = urlsplit(settings["url"])
    return f"{parts.hostname}/…/{parts.path.split('/')[3]}/…"


def send(settings: Settings, message: Message, delivery_ids: Sequence[str]) -> Sent:
    # With `wait` Discord answers after it has stored the message, and with the message's id.
    return judge(call("POST", f"{settings['url']}?wait=true", json=message.body, allow_hosts=HOSTS))


def edit(settings: Settings, message_id: str, message: Message) -> Sent:
    return judge(call("PATCH", f"{settings['url']}/messages/{message_id}", json=message.body, allow_hosts=HOSTS))
