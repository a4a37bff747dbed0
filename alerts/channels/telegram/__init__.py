"""Telegram, by a bot of the customer's: https://core.telegram.org/bots/api#sendmessage"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from alerts.channels.posting import call, not_taken, too_many
from alerts.channels.shapes import ChannelError, Message, Notice, Sent, Setting, Settings
from alerts.channels.telling import block_of
from moondev.lib.errors import FieldError, Invalid
from moondev.lib.http import Answer

TITLE = "Telegram"
ABOUT = "A message from your own bot, to you or to a group."
SETTINGS: tuple[Setting, ...] = (
    Setting("token", "Bot token", "From @BotFather, as 123456:ABC…", True),
    Setting("chat_id", "Chat", "A number (negative for groups) or @channelname; write to the bot first."),
)
HOSTS = frozenset({"api.telegram.org"})
TOKEN, CHAT = re.compile(r"\d{5,20}:[\w-]{30,100}"), re.compile(r"-?\d{1,20}|@\w{4,40}")
MOST_TEXT, MOST_TOGETHER = 4096, 8
# Seconds: one message a second to a person, twenty a minute to a group.
WAIT, GROUPS_WAIT = 1.0, 3.0
# Unauthorized, forbidden (blocked, or thrown out of the group), and what an unknown token gets.
ENDED = frozenset({401, 403, 404})


def check(settings: Settings) -> dict[str, str]:
    token, chat = (str(settings.get(name, "")).strip() for name in ("token", "chat_id"))
    errors = []
    if not TOKEN.fullmatch(token):
        errors.append(FieldError("/settings/token", "Copy the whole token that @BotFather gave: 123456:ABC…"))
    if not CHAT.fullmatch(chat):
        errors.append(FieldError("/settings/chat_id", "This is a number, negative for groups, or @channelname."))
    if errors:
        raise Invalid(errors[0].detail, tuple(errors))
    return {"token": token, "chat_id": chat}


def hint(settings: Settings) -> str:
    return f"bot {settings['token'].partition(':')[0]} to {settings['chat_id']}"


def bucket(settings: Settings) -> str:
    return f"{settings['token'].partition(':')[0]} to {settings['chat_id'].lower()}"


def render(notices: Sequence[Notice]) -> Message:
    # Two line breaks between two notices.
    share = MOST_TEXT // len(notices) - 2
    return Message({"text": "\n\n".join(block_of(notice, share) for notice in notices)})


def send(settings: Settings, message: Message, delivery_ids: Sequence[str]) -> Sent:
    # No parse mode: the text is shown as it is, whatever signs a template has.
    body = {"chat_id": settings["chat_id"], "link_preview_options": {"is_disabled": True}, **message.body}
    url = f"https://api.telegram.org/bot{settings['token']}/sendMessage"
    answer = call("POST", url, json=body, allow_hosts=HOSTS)
    said = answer.json()
    given: dict[str, Any] = said if isinstance(said, dict) else {}
    if answer.status == 200 and given.get("ok") is True:
        is_group = settings["chat_id"].startswith(("-", "@"))
        message_id = str(given.get("result", {}).get("message_id", ""))
        return Sent(message_id, 200, "Telegram took it.", GROUPS_WAIT if is_group else WAIT)
    raise _refusal(answer, given)


def _refusal(answer: Answer, given: dict[str, Any]) -> ChannelError:
    if answer.status == 429:
        return too_many("Telegram", answer, given.get("parameters", {}).get("retry_after"))
    described = str(given.get("description", ""))
    if given and (answer.status in ENDED or "chat not found" in described or "migrate" in str(given.get("parameters"))):
        return ChannelError("Telegram does not let this bot write to this chat.", disables=True, status=answer.status)
    return not_taken("Telegram", answer, permanent=answer.status == 400)
