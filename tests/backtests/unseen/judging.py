"""Whether a drafted strategy says what its text says, by what somebody else wrote down as its meaning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from backtests.rbi import drafter
from backtests.rbi.blueprints import LIBRARY
from backtests.rbi.spec import Specification

FOLDER = Path(__file__).parent
PHRASINGS: list[dict[str, Any]] = json.loads((FOLDER / "phrasings.json").read_text())
SCRIPTS: list[dict[str, Any]] = json.loads((FOLDER / "scripts.json").read_text())
# What people call an indicator, and what the registry may call it.
NAMES: Mapping[str, tuple[str, ...]] = {
    "bollinger": ("bollinger", "percent_b", "bandwidth"),
    "donchian": ("donchian", "highest", "lowest"),
    "stochastic": ("stochastic", "stoch"),
    "volume": ("volume", "relative_volume"),
    "williams": ("williams", "willr"),
    "adx": ("adx", "dmi"),
    "psar": ("psar", "sar"),
    "hammer": ("hammer", "candle"),
    "engulfing": ("engulfing", "candle"),
}


def mistakes(phrasing: Mapping[str, Any]) -> list[str]:
    """What is missing or wrong in what the drafter makes of a phrasing; empty: it is right."""
    draft = drafter.draft(phrasing["text"])
    if draft.specification is None:
        return [f"nothing was made of it: {[unknown.text for unknown in draft.not_understood]} {draft.answer}"]
    if phrasing["kind"] == "vague":
        return _vague(draft, phrasing["expect"]["family"])
    if draft.path != "stated rules":
        return [f"it was taken for vague: {draft.blueprint}"]
    return list(_stated(draft.specification, phrasing["expect"]))


def _vague(draft: drafter.Draft, wanted: str | list[str]) -> list[str]:
    blueprint = next(one for one in LIBRARY.values() if draft.blueprint in (one.name, one.title))
    family = blueprint.family
    families = [wanted] if isinstance(wanted, str) else wanted
    return [] if family in families else [f"it became {draft.blueprint} of {family}, not of {families}"]


def _stated(found: Specification, wanted: Mapping[str, Any]) -> Iterator[str]:
    text = found.model_dump_json()
    yield from (f"{name} is missing" for name in wanted["indicators"] if not _names(text, name))
    numbers = {abs(parameter.value) for parameter in found.parameters.values()}
    for number in map(abs, wanted["numbers"]):
        if not {number, number / 100} & numbers and f":{number}" not in text:
            yield f"{number} is missing"
    given = {
        "long": found.long is not None,
        "short": found.short is not None,
        "stop": found.stop.kind if found.stop else None,
        "trailing": bool(found.stop and found.stop.trailing),
        "target": found.target.kind if found.target else None,
        "hold": found.hold is not None,
        # Without a word about it some size has to be assumed.
        "sizing": found.sizing.kind if wanted["sizing"] else None,
    }
    yield from (f"{name} is {value}, not {wanted[name]}" for name, value in given.items() if value != wanted[name])


def _names(text: str, indicator: str) -> bool:
    return any(f'"{known}' in text for known in NAMES.get(indicator, (indicator,)))
