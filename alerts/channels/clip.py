"""Texts within a channel's limits."""

from __future__ import annotations


def size(text: str) -> int:
    """The length as Discord and Telegram count it: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def clip(text: str, most: int) -> str:
    """The text, cut with an ellipsis where it is longer than `most`."""
    if size(text) <= most:
        return text
    # Half of a pair at the cut is dropped.
    kept = text.encode("utf-16-le")[: 2 * max(most - 1, 0)].decode("utf-16-le", errors="ignore")
    return kept.rstrip() + "…" if most > 0 else ""
