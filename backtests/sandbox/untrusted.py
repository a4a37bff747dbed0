"""JSON from the child, read as what it is: written by a stranger."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

from backtests.sandbox.job import JSON

DEEPEST = 32
# In memory an empty list is 20 times as large as its three characters, a short text 10 times.
MOST_CONTAINERS = 200_000
MOST_VALUES = 2_000_000
LONGEST_INTEGER = 19


class Unreadable(ValueError):
    """The bytes are no document that we take. The text is ours and may be shown."""


def read_json(raw: bytes) -> JSON:
    """The document, with finite numbers, bounded depth and no characters that a database refuses."""
    containers = raw.count(b"[") + raw.count(b"{")
    if containers > MOST_CONTAINERS or raw.count(b",") > MOST_VALUES:
        raise Unreadable("The result has too many parts.")
    try:
        document: JSON = json.loads(
            raw.decode(), parse_constant=_refuse, parse_float=_finite, parse_int=_integer, strict=True
        )
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        raise Unreadable("The result is not JSON.") from None
    if containers > DEEPEST:
        _check_depth(document)
    # Only an escape can bring a NUL or half a surrogate pair past the decoders.
    return _cleaned(document) if b"\\u" in raw else document


def read_text(value: JSON, longest: int) -> str:
    """A value that should be text, as text that can be stored, cut to length."""
    return _clean(value)[:longest] if isinstance(value, str) else ""


def _refuse(constant: str) -> float:
    raise Unreadable(f"The result holds {constant}, which is no JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable("The result holds a number that is too large.")
    return number


def _integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise Unreadable("The result holds a number that is too large.")
    return int(text)


def _check_depth(document: JSON) -> None:
    level = [document]
    for _ in range(DEEPEST):
        level = [part for whole in level for part in _inside(whole) if isinstance(part, (list, dict))]
        if not level:
            return
    raise Unreadable("The result is nested too deeply.")


def _inside(whole: JSON) -> Iterable[JSON]:
    return whole.values() if isinstance(whole, dict) else whole if isinstance(whole, list) else ()


def _cleaned(document: JSON) -> JSON:
    """The same document without NUL and lone surrogates. The depth is known to be small."""
    if isinstance(document, str):
        return _clean(document)
    if isinstance(document, list):
        return [_cleaned(part) for part in document]
    if isinstance(document, dict):
        return {_clean(name): _cleaned(part) for name, part in document.items()}
    return document


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
