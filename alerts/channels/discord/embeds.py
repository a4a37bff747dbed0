"""Alerts as embeds, within the documented limits.

content 2,000; at most 10 embeds; title 256, description 4,096, field name 256 and value 1,024, footer 2,048; and 6,000
over all embeds of a message. Nobody is ever mentioned, whatever a template says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alerts.channels.clip import clip, size
from alerts.channels.shapes import Message, Notice
from alerts.channels.telling import footer_of, rows_of
from alerts.models import Event

MOST_EMBEDS, MOST_ALTOGETHER = 10, 6000
CONTENT, TITLE, DESCRIPTION, NAME, VALUE, FOOTER = 300, 200, 4096, 60, 60, 200
COLOURS = {
    Event.Kind.FIRED: 0xDC2626,
    Event.Kind.RESOLVED: 0x16A34A,
    Event.Kind.NO_DATA: 0xD97706,
    Event.Kind.TEST: 0x4F46E5,
}
Embed = Mapping[str, Any]


def render(notices: Sequence[Notice]) -> Message:
    share = MOST_ALTOGETHER // len(notices)
    embeds = tuple(embed_of(notice, share) for notice in notices)
    # What a phone shows of the message before it is opened.
    content = clip("; ".join(notice.title for notice in notices), CONTENT)
    return Message(_body(embeds) | {"content": content}, embeds)


def render_end(shown: Sequence[Embed], ends: Mapping[int, Notice]) -> Message:
    kept = sum(length_of(embed) for place, embed in enumerate(shown) if place not in ends)
    share = (MOST_ALTOGETHER - kept) // len(ends)
    embeds = tuple(embed_of(ends[place], share) if place in ends else embed for place, embed in enumerate(shown))
    return Message(_body(embeds), embeds)


def embed_of(notice: Notice, share: int) -> dict[str, Any]:
    """One alert, in at most `share` characters."""
    embed: dict[str, Any] = {
        "title": clip(notice.title, TITLE),
        "url": notice.url,
        "color": COLOURS[Event.Kind(notice.event)],
        "timestamp": notice.at.isoformat(),
        "fields": [
            {"name": clip(name, NAME), "value": clip(value, VALUE), "inline": True} for name, value in rows_of(notice)
        ],
        "footer": {"text": clip(footer_of(notice), FOOTER)},
    }
    embed["description"] = clip(notice.text, min(DESCRIPTION, share - length_of(embed)))
    return embed


def length_of(embed: Embed) -> int:
    """What counts towards the 6,000: title, description, the fields' names and values, and the footer."""
    return sum(map(size, _texts(embed)))


def _texts(embed: Embed) -> Iterator[str]:
    yield from (embed["title"], embed.get("description", ""), embed["footer"]["text"])
    for row in embed["fields"]:
        yield from (row["name"], row["value"])


def _body(embeds: Sequence[Embed]) -> dict[str, Any]:
    return {"embeds": list(embeds), "allowed_mentions": {"parse": []}}
