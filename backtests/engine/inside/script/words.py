"""Lists of names, written as text so that they can be read."""

from __future__ import annotations


def words(*lines: str) -> tuple[str, ...]:
    """The words of lines."""
    return tuple(word for line in lines for word in line.split())


def pairs(*lines: str) -> dict[str, str]:
    """`old:new` words of lines, as a table."""
    return dict(word.split(":") for word in words(*lines))
