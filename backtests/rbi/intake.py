"""What people put into the box: one idea a line, links, code, or a whole specification."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["words", "link", "code", "specification"]
FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n`]*\n(.*?)(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
STRATEGY = re.compile(r"^[ \t]*class\s+\w+\s*\(", re.MULTILINE)
IMPORT = re.compile(r"^[ \t]*(?:import\s+[\w.]+|from\s+[\w.]+\s+import\s)", re.MULTILINE)
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
MARKED_LINK = re.compile(r"\[[^\]]*\]\((https?://[^)\s]+)\)", re.IGNORECASE)
# What lists begin their lines with.
BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True)
class Entry:
    """One idea as it was given."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Intake:
    """The ideas of a text, and the lines that were left out: comments, and prose around code."""

    entries: list[Entry]
    skipped: list[str]


def read(text: str) -> Intake:
    """Split what was typed or pasted. Code in fences, or a text that is code, is one idea; else a line is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if is_specification(text):
        return Intake([Entry("specification", text.strip())], [])
    blocks = [block for block in FENCE.findall(text) if is_code(block)]
    if blocks:
        # People paste a model's whole answer: what it says around its code is no idea of its own.
        around = [line.strip() for line in FENCE.sub("", text).splitlines() if line.strip()]
        return Intake([Entry("code", block) for block in blocks], around)
    if is_code(text):
        return Intake([Entry("code", text)], [])
    return _lines(text)


def is_code(text: str) -> bool:
    """Whether a text is Python rather than words: it has a class with a base, or imports and more."""
    return bool(STRATEGY.search(text) or len(IMPORT.findall(text)) > 1)


def is_specification(text: str) -> bool:
    """Whether a text is a JSON object with a strategy's parameters."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        document = json.loads(text)
    except ValueError:
        return False
    return isinstance(document, dict) and "parameters" in document


def _lines(text: str) -> Intake:
    entries, skipped = [], []
    for line in map(str.strip, text.splitlines()):
        if line.startswith("#"):
            skipped.append(line)
        elif words := BULLET.sub("", line).strip():
            entries.append(_entry(words))
    return Intake(entries, skipped)


def _entry(line: str) -> Entry:
    marked = MARKED_LINK.fullmatch(line)
    if marked or LINK.fullmatch(line):
        return Entry("link", marked[1] if marked else line)
    return Entry("words", line)
