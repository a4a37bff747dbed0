"""Slack, by an incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from alerts.channels.clip import clip
from alerts.channels.posting import call, check_address, not_taken, too_many
from alerts.channels.shapes import ChannelError, Message, Notice, Sent, Setting, Settings
from alerts.channels.telling import footer_of, rows_of
from moondev.lib.errors import Invalid
from moondev.lib.http import Answer

TITLE = "Slack"
ABOUT = "A message in a Slack channel."
SETTINGS: tuple[Setting, ...] = (
    Setting("url", "Webhook URL", "From your Slack app: Incoming Webhooks, Add New Webhook.", True),
)
MOST_TOGETHER = 10
HOSTS = frozenset({"hooks.slack.com"})
PATH = re.compile(r"/services/T\w+/B\w+/\w{10,}")
MOST_SECTION, MOST_TEXT = 3000, 300
# What Slack answers where a webhook or its channel is no more.
ENDED = frozenset({"no_service", "no_service_id", "no_team", "team_disabled", "channel_not_found",
                   "channel_is_archived", "invalid_token", "no_active_hooks", "action_prohibited"})  # fmt: skip
# Seconds: one message a second is what Slack allows.
WAIT = 1.0


def check(settings: Settings) -> dict[str, str]:
    url = check_address(settings, allow_hosts=HOSTS)
    if not PATH.fullmatch(urlsplit(url).path):
        raise Invalid.field("/settings/url", "Copy the whole webhook URL: https://hooks.slack.com/services/T…/B…/…")
    return {"url": url}


def hint(settings: Settings) -> str:
    _, _, team, hook, *_ = urlsplit(settings["url"]).path.split("/")
    return f"hooks.slack.com/…/{team}/{hook}/…"[:120]


def bucket(settings: Settings) -> str:
    _, _, team, hook, *_ = urlsplit(settings["url"]).path.split("/")
    return f"{team}/{hook}"


def render(notices: Sequence[Notice]) -> Message:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": _section(notice)}} for notice in notices]
    return Message({"text": clip("; ".join(_plain(notice.title) for notice in notices), MOST_TEXT), "blocks": blocks})


def send(settings: Settings, message: Message, delivery_ids: Sequence[str]) -> Sent:
    answer = call("POST", settings["url"], json=message.body, allow_hosts=HOSTS)
    if 200 <= answer.status < 300:
        return Sent(status=answer.status, said="Slack took it.", wait=WAIT)
    raise _refusal(answer)


def _refusal(answer: Answer) -> ChannelError:
    if answer.status == 429:
        return too_many("Slack", answer)
    said = answer.body.decode(errors="replace").strip()
    if said in ENDED:
        return ChannelError(f"Slack says that this webhook is no use any more: {said}.", disables=True,
                            status=answer.status)  # fmt: skip
    return not_taken("Slack", answer, permanent=answer.status == 400)


def _section(notice: Notice) -> str:
    rows = " · ".join(f"{name} {_plain(value)}" for name, value in rows_of(notice))
    ending = f"\n{rows}\n<{notice.url}|Open the alert> · {_plain(footer_of(notice))}"
    beginning = f"*{_plain(clip(notice.title, 200))}*\n"
    return beginning + _clipped(notice.text, MOST_SECTION - len(beginning) - len(ending)) + ending


def _clipped(text: str, most: int) -> str:
    """Cut before it is escaped, so that no escape is cut in two; a character is five at the most."""
    escaped = _plain(text)
    return escaped if len(escaped) <= most else clip(_plain(clip(text, most // 5)), most)


def _plain(text: str) -> str:
    """Without Slack's own marks, so that nobody is mentioned."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
