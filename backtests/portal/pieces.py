"""What a stage took and made, as pieces that a page can show: a line, a list, or text as it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# So much of one value is enough for a page.
LONGEST = 100_000
MOST_ITEMS = 200
SHORT = 200
MOST_IN_A_ROW = 30
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Piece:
    """A named value: `text` for a line or a block, `items` for a list."""

    name: str
    text: str = ""
    items: tuple[str, ...] = ()
    is_block: bool = False


def pieces_of(stored: Mapping[str, Any]) -> list[Piece]:
    """The values that say something, lines first."""
    found = list(_pieces(stored, ""))
    return sorted(found, key=lambda piece: (piece.is_block, bool(piece.items)))


def _pieces(stored: Mapping[str, Any], above: str) -> Iterator[Piece]:
    for name, value in stored.items():
        title = f"{above}{name.replace('_', ' ')}"
        title = title[:1].upper() + title[1:]
        if value in EMPTY:
            continue
        if isinstance(value, Mapping) and not above:
            yield from _pieces(value, f"{title}: ")
        else:
            yield _piece(title, value)


def _piece(title: str, value: Any) -> Piece:
    if isinstance(value, bool):
        return Piece(title, "yes" if value else "no")
    if isinstance(value, str | int | float):
        text = str(value)[:LONGEST]
        return Piece(title, text, is_block="\n" in text or len(text) > SHORT)
    if isinstance(value, list) and _is_row(value):
        return Piece(title, ", ".join(f"{number:g}" for number in value))
    if isinstance(value, list):
        return Piece(title, items=tuple(_line(item)[:LONGEST] for item in value[:MOST_ITEMS]))
    return Piece(title, json.dumps(value, indent=2, ensure_ascii=False)[:LONGEST], is_block=True)


def _is_row(value: list[Any]) -> bool:
    """Few numbers, such as those that a search tries of a parameter, stand in one line."""
    return len(value) <= MOST_IN_A_ROW and all(type(item) in (int, float) for item in value)


def _line(item: Any) -> str:
    """An item of a list in one line: a note is its text, words and what they became are joined by an arrow."""
    if not isinstance(item, Mapping):
        return str(item)
    if "words" in item and "became" in item:
        return f"{item['words']} → {item['became']}"
    if "text" in item:
        return str(item["text"])
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in item.items() if value not in EMPTY)
