"""Blocks of code between the fences of markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backtests.rbi.scripts.parsing import parses

_FENCE = re.compile(r"^[ \t>]{0,6}(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n`]*$")
_PYTHON = ("", "python", "python3", "py", "py3", "ipython", "ipython3", "jupyter", "notebook", "code")
_SHELL = re.compile(r"^\s*(?:\$ |pip3? install|python3? \S+\.py|conda |npm |git |cd )", re.MULTILINE)
_STRATEGY = re.compile(r"^\s*class\s+(\w+)\s*\([^)]*Strategy[^)]*\)", re.MULTILINE)
_CODE = re.compile(r"^\s*(?:import |from \S+ import |class |def |@|\w+\s*=|\w[\w.]*\()", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """`line` is the 1-based line of the text at which the code begins. An open block has no fence at its end."""

    code: str
    tag: str
    line: int
    is_open: bool = False

    @property
    def strategies(self) -> list[str]:
        return _STRATEGY.findall(self.code)


def blocks_of(text: str) -> list[Block]:
    """All fenced blocks in order."""
    found: list[Block] = []
    held: list[str] | None = None
    mark = tag = ""
    begins = 0
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if held is None:
            if fence:
                held, mark, tag, begins = [], fence.group(1), fence.group(2).lower(), number + 1
        elif fence and fence.group(1).startswith(mark) and not fence.group(2):
            found.append(Block("\n".join(held), tag, begins))
            held = None
        else:
            held.append(line)
    if held is not None:
        found.append(Block("\n".join(held), tag, begins, is_open=True))
    return found


def python_of(blocks: Sequence[Block]) -> list[Block]:
    """The blocks that are Python, by their tag and their looks."""
    return [
        block
        for block in blocks
        if block.tag in _PYTHON and _CODE.search(block.code) and not (_is_shell(block.code) and not block.strategies)
    ]


def _is_shell(code: str) -> bool:
    lines = [line for line in code.splitlines() if line.strip()]
    return bool(lines) and len(_SHELL.findall(code)) >= len(lines) / 2


def chosen(blocks: Sequence[Block]) -> tuple[list[Block], str]:
    """The blocks that make up one script, and what was done to choose them, "" for a single block.

    Later versions of one strategy replace earlier ones; pieces of one script belong together.
    """
    if len(blocks) < 2:
        return list(blocks), ""
    with_strategy = [block for block in blocks if block.strategies]
    if len(with_strategy) > 1:
        last = _last_version(with_strategy)
        after = [block for block in blocks[list(blocks).index(last) + 1 :] if not block.strategies]
        taken = [last, *after] if after and _parses([last, *after]) and _is_piece(after[0]) else [last]
        return taken, f"The text has {len(with_strategy)} versions of the strategy; the last one was taken."
    if _parses(blocks) or not with_strategy:
        return list(blocks), f"The text has {len(blocks)} blocks of code; they were joined."
    return with_strategy, f"The text has {len(blocks)} blocks of code; the one with the strategy was taken."


def _last_version(blocks: Sequence[Block]) -> Block:
    """The last that can be read; the last when none can."""
    return next((block for block in reversed(blocks) if _parses([block])), blocks[-1])


def _is_piece(block: Block) -> bool:
    return "Backtest" in block.code or ".run(" in block.code


def _parses(blocks: Sequence[Block]) -> bool:
    return parses("\n".join(block.code for block in blocks))
