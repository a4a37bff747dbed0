"""Whether a text is an idea in words, code, or a link to either."""

from __future__ import annotations

import re
from typing import Literal

from backtests.rbi.scripts import notebook
from backtests.rbi.scripts.parsing import parses

Kind = Literal["idea", "code", "link"]

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# Words beside a link that still leave it a link: "try this: https://...".
_MOST_WORDS_BY_A_LINK = 6
# What nobody writes in a sentence.
_SURE = re.compile(
    r"^\s*(?:import \w[\w.]*(?: as \w+)?|from [\w.]+ import .+|class \w+\s*(?:\(.*\))?\s*:|(?:async )?def \w+\s*\(.*"
    r"|@\w+.*|if __name__ == .+|```\s*(?:python|py)\w*)\s*(?:#.*)?$",
    re.MULTILINE,
)
_LIKELY = re.compile(
    r"^\s*(?:[A-Za-z_][\w.\[\]'\", ]*=\s*\S.*|[\w.]+\(.*\)|return\b.*|self\.\w+.*"
    r"|(?:if|for|while|elif|else|try)\b.*:)\s*$"
)
# A line is looked at no further.
_LONGEST_LINE = 300


def kind_of(text: str) -> Kind:
    """Links first: a page about code is still a link."""
    stripped = text.strip()
    links = _LINK.findall(stripped)
    if (
        links
        and not notebook.code_of(stripped)
        and not _SURE.search(stripped)
        and len(_LINK.sub(" ", stripped).split()) <= _MOST_WORDS_BY_A_LINK
    ):
        return "link"
    return "code" if is_code(stripped) else "idea"


def is_code(text: str) -> bool:
    """Two lines that only code has, one and a parse, or mostly lines that look like code; or a notebook."""
    if notebook.code_of(text):
        return True
    sure = len(_SURE.findall(text))
    if sure >= 2 or (sure and (parses(text) or "```" in text)):
        return True
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    likely = sum(1 for line in lines if _LIKELY.match(line[:_LONGEST_LINE]))
    return len(lines) >= 3 and likely + sure > len(lines) * 0.6
