"""Whether text is Python, by Python's own parser."""

from __future__ import annotations

import ast

# What the parser raises for text that is none, or too deep for it.
NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
# No script is like this, and on such text the parser's time grows with the square of its length.
LONGEST = 300_000
LONGEST_LINE = 4_000
MOST_CONTINUED = 200


def tree_of(code: str) -> ast.Module:
    """The syntax tree. Raises one of NOT_PYTHON."""
    lines = code.split("\n")
    is_script = len(code) <= LONGEST and max(map(len, lines)) <= LONGEST_LINE
    if not is_script or sum(line.endswith("\\") for line in lines) > MOST_CONTINUED:
        raise SyntaxError("This is too long to be a script.")
    return ast.parse(code)


def parses(code: str) -> bool:
    try:
        tree_of(code)
    except NOT_PYTHON:
        return False
    return True
