"""What the generated class calls things, and text of customers on its way into source code."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from backtests.rbi.spec import Specification

TAKEN = frozenset({"Strategy", "Backtest", "None", "True", "False", ""})


def class_name(specification: Specification) -> str:
    """The strategy's name as Python writes classes."""
    words = re.findall(r"[A-Za-z0-9]+", specification.name)
    name = "".join(word[0].upper() + word[1:] for word in words)[:60]
    if name[:1].isdigit():
        name = f"Idea{name}"
    return f"{name}Idea" if name in TAKEN else name


def plain(text: str) -> str:
    """Text without anything that could end a comment or a docstring."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.replace("\\", "/").replace('"', "'").split())


def wrapped(texts: Iterable[str], *, indent: str = "", width: int = 100) -> list[str]:
    """Sentences as lines; those that go on are indented."""
    lines = []
    for text in texts:
        lines += textwrap.wrap(plain(text), width, initial_indent=indent, subsequent_indent=indent + "  ") or [""]
    return lines


class Names:
    """Hands out names that nothing else in the class has."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    def take(self, *wanted: str) -> str:
        """The first wanted name that is free, or the last one with a number."""
        for name in wanted:
            if name not in self._taken:
                self._taken.add(name)
                return name
        number = 2
        while f"{wanted[-1]}_{number}" in self._taken:
            number += 1
        return self.take(f"{wanted[-1]}_{number}")
