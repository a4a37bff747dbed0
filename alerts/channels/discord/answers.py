"""What Discord's answers mean."""

from __future__ import annotations

from typing import Any

from alerts.channels.posting import LONGEST_WAIT, not_taken, seconds_of, too_many
from alerts.channels.shapes import ChannelError, Sent
from moondev.lib.http import Answer

NAME = "Discord"
HOSTS = frozenset({"discord.com", "discordapp.com"})
UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, INVALID_TOKEN = 10008, 10015, 50027


def judge(answer: Answer) -> Sent:
    """The message that Discord took. Raises ChannelError."""
    said = answer.json()
    body: dict[str, Any] = said if isinstance(said, dict) else {}
    if 200 <= answer.status < 300:
        return Sent(str(body.get("id", "")), answer.status, f"{NAME} took it.", _wait(answer))
    raise _refusal(answer, body)


def _refusal(answer: Answer, body: dict[str, Any]) -> ChannelError:
    """HTML comes from the edge and not from Discord itself: of a 403 or 404 in it nothing can be concluded."""
    if answer.status == 429:
        return _too_many(answer, body)
    # A refusal is taken from the webhook's bucket like any other answer.
    wait = _wait(answer)
    marks: dict[str, Any] = {"status": answer.status, "wait": wait}
    if (answer.status, body.get("code")) in {(404, UNKNOWN_WEBHOOK), (401, INVALID_TOKEN)}:
        return ChannelError("Discord says that this webhook no longer exists.", disables=True, **marks)
    if body.get("code") == UNKNOWN_MESSAGE:
        return ChannelError("The message was deleted in Discord.", permanent=True, gone=True, **marks)
    is_ours = answer.status == 400 or (400 < answer.status < 500 and bool(body))
    return not_taken(NAME, answer, permanent=is_ours, wait=wait)


def _too_many(answer: Answer, body: dict[str, Any]) -> ChannelError:
    """Global, and the edge's own limit, hold for everything that we send to Discord."""
    headers = answer.headers
    is_global = body.get("global") is True or "x-ratelimit-global" in headers
    is_everything = is_global or headers.get("x-ratelimit-scope") == "global" or "retry_after" not in body
    return too_many(NAME, answer, body.get("retry_after"), scope="channel" if is_everything else "place")


def _wait(answer: Answer) -> float:
    """Seconds until this webhook takes another message: its bucket is empty, or it is not."""
    if answer.headers.get("x-ratelimit-remaining") != "0":
        return 0.0
    return min(seconds_of(answer.headers.get("x-ratelimit-reset-after")), LONGEST_WAIT)
