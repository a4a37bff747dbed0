"""Conditions as Python source, broken over lines where one is too short for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100
INDENT = "    "


@dataclass(frozen=True)
class Joined:
    """Parts with `and` or `or` between them."""

    word: str
    parts: tuple[Source, ...]


@dataclass(frozen=True)
class Over:
    """`any` or `all` of a part over a loop."""

    function: str
    part: Source
    loop: str


@dataclass(frozen=True)
class Denied:
    """`not` before a part."""

    part: Source


Source = str | Joined | Over | Denied


def joined(word: str, parts: Sequence[Source]) -> Source:
    """The parts with a word between them; what is joined by the same word becomes one."""
    flat: list[Source] = []
    for part in parts:
        flat += part.parts if isinstance(part, Joined) and part.word == word else [part]
    return Joined(word, tuple(flat)) if len(flat) > 1 else flat[0]


def in_one(source: Source) -> str:
    """On one line."""
    match source:
        case Joined():
            return f" {source.word} ".join(_wrapped(part) for part in source.parts)
        case Over():
            return f"{source.function}({in_one(source.part)} {source.loop})"
        case Denied():
            return f"not {_wrapped(source.part)}"
    return source


def _wrapped(part: Source) -> str:
    return f"({in_one(part)})" if isinstance(part, Joined | Denied) else in_one(part)


def broken(source: Source, *, before: str = "", indent: str = "") -> list[str]:
    """On as many lines as it takes; `before` stands in front of it on the first."""
    line = f"{indent}{before}{in_one(source)}"
    if len(line) <= WIDTH or isinstance(source, str):
        return [line]
    if isinstance(source, Over):
        inside = _inside(source.part, indent + INDENT)
        return [f"{indent}{before}{source.function}(", *inside, f"{indent}{INDENT}{source.loop}", f"{indent})"]
    opening = "not (" if isinstance(source, Denied) else "("
    inside = _inside(source.part if isinstance(source, Denied) else source, indent + INDENT)
    return [f"{indent}{before}{opening}", *inside, f"{indent})"]


def _inside(source: Source, indent: str) -> list[str]:
    """Between brackets that are there already."""
    return _parts(source, indent) if isinstance(source, Joined) else broken(source, indent=indent)


def _parts(source: Joined, indent: str) -> list[str]:
    lines: list[str] = []
    for place, part in enumerate(source.parts):
        word = f"{source.word} " if place else ""
        wrapped = f"{indent}{word}{_wrapped(part)}"
        if len(wrapped) <= WIDTH or not isinstance(part, Joined):
            lines += [wrapped] if len(wrapped) <= WIDTH else broken(part, before=word, indent=indent)
        else:
            lines += [f"{indent}{word}(", *_parts(part, indent + INDENT), f"{indent})"]
    return lines
