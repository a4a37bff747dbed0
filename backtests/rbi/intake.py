"""What people put into the box: one idea a line, links, code, or a whole specification."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

from backtests.rbi import scripts

Kind = Literal["words", "link", "code", "specification"]
# A link alone, in the brackets that mails put around one, or behind a few words and a colon.
LINK = re.compile(r"(?:[\w ,']{0,40}:\s*)?<?(https?://[^\s<>]+)>?", re.IGNORECASE)
MARKED_LINK = re.compile(r"\[[^\]]*\]\((https?://[^)\s]+)\)", re.IGNORECASE)
# What lists begin their lines with.
BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True)
class Entry:
    """One idea as it was given."""

    kind: Kind
    text: str


def read(text: str) -> list[Entry]:
    """Split what was typed or pasted. A text that is code, in fences and prose or bare, is one idea; else a line is.

    Lines that begin with `#` are comments.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if is_specification(text):
        return [Entry("specification", text.strip())]
    # People paste a model's whole answer: what it says around its code is no idea of its own.
    if scripts.kind_of(text) == "code":
        return [Entry("code", text)]
    lines = (BULLET.sub("", line.strip()).strip() for line in text.splitlines())
    return [_entry(line) for line in lines if line and not line.startswith("#")]


def is_specification(text: str) -> bool:
    """Whether a text is a JSON object with a strategy's parameters."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        document = json.loads(text)
    except ValueError:
        return False
    return isinstance(document, dict) and "parameters" in document


def _entry(line: str) -> Entry:
    found = MARKED_LINK.fullmatch(line) or LINK.fullmatch(line)
    return Entry("link", found[1]) if found else Entry("words", line)
