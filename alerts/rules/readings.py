"""What the kinds that compare two readings say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def change_words(facts: Mapping[str, Any]) -> str:
    """`-3.50 %, from 27,000 to 26,055`."""
    return f"{facts['change']:+,.2f} %, from {facts['before']:,.10g} to {facts['now']:,.10g}"
