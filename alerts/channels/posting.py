"""What channels that speak HTTP have in common: one request, and failures in one form."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from alerts.channels.shapes import ChannelError, Settings
from moondev.lib import http
from moondev.lib.errors import Invalid
from moondev.lib.http import Answer

# Seconds for one request; well below the lease of a delivery.
ANSWER_SECONDS = 10.0
MOST_BYTES = 64 * 1024
# Seconds to wait when the other side says "too many" and not for how long, and the longest that it may ask for.
SHORT_WAIT, LONGEST_WAIT = 5.0, 3600.0


def call(
    method: str,
    url: str,
    *,
    json: Any = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    allow_hosts: Collection[str] | None = None,
) -> Answer:
    """One request. Raises ChannelError where there is no answer; an answer is the channel's to judge."""
    try:
        return http.send(
            method, url, json=json, body=body, headers=headers,
            timeout=ANSWER_SECONDS, most_bytes=MOST_BYTES, allow_hosts=allow_hosts,
        )  # fmt: skip
    except http.Refused as error:
        raise ChannelError(error.message, disables=True) from error
    except http.Failed as error:
        raise ChannelError(error.message, may_have_arrived=error.may_have_arrived) from error


def check_address(settings: Settings, *, allow_hosts: Collection[str] | None = None) -> str:
    """The setting `url`. Raises Invalid at `/settings/url` for what will never be called."""
    url = str(settings.get("url", "")).strip()
    try:
        http.check_url(url, allow_hosts=allow_hosts)
    except http.Refused as error:
        raise Invalid.field("/settings/url", error.message) from None
    return url


def too_many(name: str, answer: Answer, seconds: object = None, **scope: Any) -> ChannelError:
    """429: wait as long as the body says, else the header, else a little."""
    wait = seconds_of(seconds) or seconds_of(answer.headers.get("retry-after")) or SHORT_WAIT
    said = f"{name} asks us to wait for {wait:g} seconds."
    return ChannelError(said, is_limit=True, retry_after=min(wait, LONGEST_WAIT), status=answer.status, **scope)


def not_taken(name: str, answer: Answer, **marks: Any) -> ChannelError:
    """Any other answer than yes."""
    return ChannelError(f"{name} answered {answer.status}.", status=answer.status, **marks)


def seconds_of(value: object) -> float:
    """A number of seconds as headers and bodies write it; 0 for what is none."""
    try:
        seconds = float(str(value))
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
