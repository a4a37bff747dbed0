"""Names of runs and folders: clients ask for both by name, so what is stored and what is looked up is made alike."""

from __future__ import annotations

from moondev.lib.errors import Invalid

# Servers and clients resolve these parts of an address away before anybody can look a name up.
RESOLVED = frozenset({"", ".", ".."})


def tidy(name: str) -> str:
    """The name without needless blanks, as it is stored."""
    return " ".join(name.split())


def check_carried(name: str, pointer: str) -> None:
    """Raise Invalid at the pointer for a name that no address carries."""
    if not name.isprintable():
        raise Invalid.field(pointer, "Leave out characters that cannot be printed.")
    if not RESOLVED.isdisjoint(name.split("/")):
        raise Invalid.field(pointer, "Beside a slash stands more than a slash or dots, as in “BTC/USDT”.")
