"""How strongly a child is held: the levels, from nothing to everything."""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """Weakest first. The lower-case names are the values of SANDBOX_LEVEL; docs/sandbox.md says what each one holds."""

    # Limits alone hold nobody: no job is ever run at this level.
    NONE = 0
    SECCOMP_NO_OPEN = 1
    LANDLOCK = 2
    SETUID = 3
    NAMESPACES = 4

    @property
    def label(self) -> str:
        """The value of SANDBOX_LEVEL and of a stored result."""
        return self.name.lower()

    @classmethod
    def named(cls, label: str) -> Level:
        """The isolating level of this label; KeyError for any other."""
        return ISOLATING[label]


# Strongest first, since that is the order in which they are tried.
ISOLATING: dict[str, Level] = {level.label: level for level in sorted(Level, reverse=True) if level is not Level.NONE}


class NoProgram(RuntimeError):
    """A job asked for a program that is not there or does not import. The text is for our log."""


class BoundaryMissing(RuntimeError):
    """The machine cannot hold a child as strongly as is asked. The text is one line and says what is missing."""
