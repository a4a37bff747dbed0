"""Paths of Windows in plain strings: `"C:\\Users\\me"` is no Python, since `\\U` begins a character."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

from backtests.rbi.scripts.parsing import NOT_PYTHON, tree_of

_UNREADABLE = "(unicode error)"
_BROKEN = (*NOT_PYTHON, tokenize.TokenError)


def with_raw_paths(code: str) -> str:
    """The code with strings that cannot be read as they are made raw; other code comes back as it was."""
    if not _is_unreadable(code):
        return code
    lines = code.split("\n")
    try:
        places = list(_unreadable_strings(code))
    except _BROKEN:
        return code
    for row, column in reversed(places):
        line = lines[row - 1]
        lines[row - 1] = f"{line[:column]}r{line[column:]}"
    return "\n".join(lines)


def _is_unreadable(code: str) -> bool:
    try:
        tree_of(code)
    except SyntaxError as error:
        return _UNREADABLE in (error.msg or "")
    except NOT_PYTHON:
        return False
    return False


def _unreadable_strings(code: str) -> Iterator[tuple[int, int]]:
    """Line (from 1) and column of each, before its prefix."""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.STRING and "\\" in token.string and _fails(token.string):
            yield token.start


def _fails(string: str) -> bool:
    try:
        ast.parse(string, mode="eval")
    except SyntaxError as error:
        # Raw bytes and `u` strings have no such prefix, or need none.
        return _UNREADABLE in (error.msg or "") and string[0].lower() in "'\"f"
    except NOT_PYTHON:
        return False
    return False
