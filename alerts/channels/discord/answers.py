"""What Discord's answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.channels.posting import LONGEST_WAIT, not_taken, seconds_of, too_many
from alerts.channels.shapes import ChannelError, Sent
from moondev.lib.http import Answer

NAME = "Discord"
HOSTS = frozenset({"discord.com", "discordapp.com"})
NO_WEBHOOK = "Discord says that this webhook no longer exists."
# By Discord's code: nothing will ever be taken at this place.
ENDED: Mapping[object, str] = {
    10003: "Discord says that the thread or channel of this webhook no longer exists.",
    10015: NO_WEBHOOK,
    50027: NO_WEBHOOK,
    220001: "This webhook posts into a forum: add ?thread_id= and the id of one of its posts to the URL.",
}
# The message cannot be changed, now or ever; another one may be posted, which also opens an archived thread again.
UNCHANGEABLE: Mapping[object, str] = {
    10008: "The message was deleted in Discord.",
    30046: "Discord lets nobody change so many messages that are older than an hour.",
    50083: "The message stands in an archived thread.",
}


def judge(answer: Answer) -> Sent:
    """The message that Discord took. Raises ChannelError."""
    said = answer.json()
    body: dict[str, Any] = said if isinstance(said, dict) else {}
    if 200 <= answer.status < 300:
        return Sent(str(body.get("id", "")), answer.status, f"{NAME} took it.", _wait(answer))
    raise _refusal(answer, body)


def _refusal(answer: Answer, body: dict[str, Any]) -> ChannelError:
    """HTML comes from the edge and not from Discord itself: of a 403 or 404 in it nothing can be concluded."""
    code = body.get("code")
    # A refusal is taken from the webhook's bucket like any other answer.
    marks: dict[str, Any] = {"status": answer.status, "wait": _wait(answer)}
    # Some of these are 429, and to wait would hold up all that is new.
    if code in UNCHANGEABLE:
        return ChannelError(UNCHANGEABLE[code], permanent=True, gone=True, **marks)
    if answer.status == 429:
        return _too_many(answer, body)
    if code in ENDED:
        return ChannelError(ENDED[code], disables=True, **marks)
    is_ours = answer.status == 400 or (400 < answer.status < 500 and bool(body))
    return not_taken(NAME, answer, permanent=is_ours, wait=marks["wait"])


def _too_many(answer: Answer, body: dict[str, Any]) -> ChannelError:
    """Global, and the edge's own limit (which is no JSON), hold for everything that we send to Discord."""
    headers = answer.headers
    is_global = body.get("global") is True or "x-ratelimit-global" in headers
    is_everything = is_global or headers.get("x-ratelimit-scope") == "global" or not body
    return too_many(NAME, answer, body.get("retry_after"), scope="channel" if is_everything else "place")


def _wait(answer: Answer) -> float:
    """Seconds until this webhook takes another message: its bucket is empty, or it is not."""
    if answer.headers.get("x-ratelimit-remaining") != "0":
        return 0.0
    return min(seconds_of(answer.headers.get("x-ratelimit-reset-after")), LONGEST_WAIT)
