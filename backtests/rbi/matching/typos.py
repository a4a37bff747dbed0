"""The word that was meant when one is mistyped."""

from __future__ import annotations

from collections.abc import Collection

SHORTEST = 5
LONG = 8


def nearest(word: str, vocabulary: Collection[str]) -> str:
    """The one known word that is one slip away (two for long words); empty when there is none or more than one."""
    if len(word) < SHORTEST or not word.isalpha():
        return ""
    for slips in range(1, 3 if len(word) >= LONG else 2):
        found = {known for known in vocabulary if _is_like(known, word) and distance(word, known, slips) <= slips}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def _is_like(known: str, word: str) -> bool:
    """People mistype the middle of words, seldom their first letter."""
    return len(known) >= SHORTEST - 1 and abs(len(known) - len(word)) <= 2 and known[0] == word[0]


def distance(one: str, other: str, most: int) -> int:
    """Letters added, left out, replaced or exchanged with their neighbour (optimal string alignment)."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    older: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        older, last = last, row
    return last[-1]
