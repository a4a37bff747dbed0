"""A script out of what was pasted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backtests.rbi.scripts import notebook
from backtests.rbi.scripts.cutting import CutOff, cut_off
from backtests.rbi.scripts.fences import blocks_of, chosen, python_of
from backtests.rbi.scripts.mending import clean, mended

# What models think before they answer.
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Script:
    """`code` is ready to run, unless `cut_off` says that it ends too early.

    A script that is cut off after its strategy is given without its unfinished end and `is_usable`. `notes` are what
    was changed, in plain words. `line` is where the code begins in the text, 1-based: add `line - 1` to a line of it.
    """

    code: str
    notes: tuple[str, ...] = ()
    cut_off: CutOff | None = None
    line: int = 1

    @property
    def is_usable(self) -> bool:
        return self.cut_off is None or bool(self.cut_off.whole)


def read(text: str) -> Script:
    """Fences and prose off, quotes straight, and the end looked at."""
    cells = notebook.code_of(text)
    if cells is not None:
        code, notes = mended(clean(cells))
        return _ended(code.strip("\n") + "\n", ["The code was taken out of the cells of a notebook.", *notes], 1)
    text = clean(text)
    thought = _THOUGHTS.sub(lambda found: "\n" * found.group().count("\n"), text)
    text = thought if thought.strip() else text
    blocks = python_of(blocks_of(text))
    taken, note = chosen(blocks)
    notes = [note] if note else []
    if taken:
        notes.insert(0, "The code was taken out of its markdown fence.")
    code, line = ("\n".join(block.code for block in taken), taken[0].line) if taken else (text, 1)
    code, more = mended(code)
    return _ended(code.strip("\n") + "\n", [*notes, *more], line + _blank_lines(code))


def _blank_lines(code: str) -> int:
    return len(code) - len(code.lstrip("\n"))


def _ended(code: str, notes: list[str], line: int) -> Script:
    cut = cut_off(code)
    if cut is None:
        return Script(code, tuple(notes), None, line)
    if not cut.whole:
        return Script(code, tuple(notes), cut, line)
    notes.append(f"The script is cut off in line {cut.line}, after its strategy; the unfinished end was left out.")
    return Script(cut.whole, tuple(notes), cut, line)
