"""What copying and pasting does to code, undone. Nothing is touched in code that can be read as it is."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable

from backtests.rbi.scripts.parsing import parses, tree_of
from backtests.rbi.scripts.paths import with_raw_paths
from backtests.rbi.scripts.prose import without_idle_words, without_prose

_DOUBLE = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"'})
_SINGLE = str.maketrans({"‘": "'", "’": "'", "‚": "'", "′": "'"})
_SIGNS = str.maketrans({"–": "-", "—": "-", "−": "-", "×": "*", "÷": "/", "：": ":", "（": "(", "）": ")", "，": ","})
_COMPARED = (("≥", ">="), ("≤", "<="), ("≠", "!="))
_MAGIC = re.compile(r"^(\s*)((?:!|%%?(?=[a-z]{2}))\S.*|(?:\$ )?(?:pip3?|conda) install .*|\$ .*)$")
_PROMPT = re.compile(r"^(?:>>> ?|\.\.\. ?|In \[\d*\]: ?)")


def clean(text: str) -> str:
    """One kind of line end, no byte-order mark, no invisible characters, no blanks that are not blanks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    text = re.sub("[\u200b\u200c\u200d\u2060\ufeff]", "", text) if not parses(text) else text
    return re.sub("[\u00a0\u2002\u2003\u2009\u202f\u3000]", " ", text) if not parses(text) else text


def mended(code: str) -> tuple[str, list[str]]:
    """The code as it can be read, and what was done for it. Code beyond these means is given back as it came."""
    notes: list[str] = []
    for mend, note in _MENDS:
        if parses(code):
            break
        tried = mend(code)
        if tried != code:
            code = tried
            notes.append(note)
    idle = without_idle_words(code)
    if idle != code:
        notes.append(_PROSE)
    return idle, list(dict.fromkeys(notes))


def _without_magic(code: str) -> str:
    return "\n".join(_MAGIC.sub(r"\1pass  # \2", line) for line in code.split("\n"))


def _without_prompts(code: str) -> str:
    lines = code.split("\n")
    if sum(1 for line in lines if _PROMPT.match(line)) < 2:
        return code
    return "\n".join(_PROMPT.sub("", line) for line in lines)


def _dedented(code: str) -> str:
    return textwrap.dedent(code)


def _untabbed(code: str) -> str:
    """Tabs mixed with blanks, as four or eight of them."""
    if "\t" not in code:
        return code
    return next((tried for tried in (code.expandtabs(4), code.expandtabs(8)) if _indents(tried)), code)


def _indents(code: str) -> bool:
    try:
        tree_of(code)
    except IndentationError:
        return False
    except (SyntaxError, ValueError):
        return True
    return True


def _straight(code: str) -> str:
    """Typographic quotes, the double ones alone where that is enough: an apostrophe may stand in a text."""
    doubles = code.translate(_DOUBLE)
    return doubles if parses(doubles) else doubles.translate(_SINGLE)


def _signs(code: str) -> str:
    code = code.translate(_SIGNS)
    for sign, written in _COMPARED:
        code = code.replace(sign, written)
    return code


def _unescaped(code: str) -> str:
    return html.unescape(code) if re.search(r"&(?:lt|gt|amp|quot|#39|nbsp);", code) else code


def _unwrapped(code: str) -> str:
    """A whole script in one line with `\\n` for its line ends, as out of JSON."""
    if code.strip().count("\n") > 2 or code.count("\\n") < 5:
        return code
    return code.strip().strip('"').replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t")


_PROSE = "Words around the code were left out."
_PATHS = "Strings with backslashes that are no Python, such as a path of Windows, were made raw."
Mend = Callable[[str], str]
_MENDS: tuple[tuple[Mend, str], ...] = (
    (_unwrapped, "Line ends written as \\n were made line ends."),
    (_without_magic, "Commands of a notebook or a shell were left out."),
    (_without_prompts, "The prompts of an interpreter were left out."),
    (_dedented, "The code was moved to the left margin."),
    (_untabbed, "Tabs were replaced with blanks."),
    (with_raw_paths, _PATHS),
    (_unescaped, "Characters written as HTML (&lt;) were made themselves."),
    (without_prose, _PROSE),
    (_straight, "Typographic quotes were made straight."),
    (_signs, "Typographic signs (−, ≥) were made those of code."),
    (without_prose, _PROSE),
    # Once more, for strings that could be told apart only after these.
    (with_raw_paths, _PATHS),
)
