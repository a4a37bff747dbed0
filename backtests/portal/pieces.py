"""What a stage took and made, as pieces that a page can show: words, code or a small table of values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# So much of one value is enough for a page.
LONGEST = 100_000
SHORT = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A named value. `is_block`: shown as it is written, line by line."""

    name: str
    text: str
    is_block: bool


def pieces_of(stored: Mapping[str, Any]) -> list[Piece]:
    """The values that say something, short ones first."""
    found = [_piece(name, value) for name, value in stored.items() if value not in (None, "", [], {})]
    return sorted(found, key=lambda piece: piece.is_block)


def _piece(name: str, value: Any) -> Piece:
    title = name.replace("_", " ").capitalize()
    if isinstance(value, bool):
        return Piece(title, "yes" if value else "no", False)
    if isinstance(value, str | int | float):
        text = str(value)[:LONGEST]
        return Piece(title, text, "\n" in text or len(text) > SHORT)
    text = json.dumps(value, indent=2, ensure_ascii=False)[:LONGEST]
    return Piece(title, text, True)
