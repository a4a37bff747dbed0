"""Whether text is Python, by Python's own parser."""

from __future__ import annotations

import ast

# What the parser raises for text that is none, or too deep for it.
NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


def parses(code: str) -> bool:
    try:
        ast.parse(code)
    except NOT_PYTHON:
        return False
    return True
