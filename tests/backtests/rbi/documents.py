"""Short ways to write specifications in tests."""

from __future__ import annotations

from typing import Any

from backtests.rbi.spec import Specification, read

Document = dict[str, Any]
CLOSE: Document = {"kind": "price", "column": "close"}


def number(name: str) -> Document:
    return {"kind": "number", "parameter": name}


def indicator(name: str, *, output: str = "", ago: int = 0, source: Document | None = None, **args: Any) -> Document:
    return {"kind": "indicator", "name": name, "args": args, "output": output, "ago": ago, "source": source}


def compare(left: Document, sign: str, right: Document) -> Document:
    return {"kind": "compare", "left": left, "sign": sign, "right": right}


def cross(left: Document, way: str, right: Document) -> Document:
    return {"kind": "cross", "left": left, "way": way, "right": right}


def every(*conditions: Document) -> Document:
    return {"kind": "all", "of": list(conditions)}


def some(*conditions: Document) -> Document:
    return {"kind": "any", "of": list(conditions)}


def nothing_but(condition: Document) -> Document:
    return {"kind": "not", "condition": condition}


SMA = indicator("sma", period="period")
BASE: Document = {
    "name": "Above the average",
    "parameters": {
        "period": {"value": 10, "whole": True, "low": 2, "high": 100, "step": 1, "unit": "bars"},
        "equity_percent": {"value": 50, "unit": "percent"},
    },
    "long": {"entry": cross(CLOSE, "over", SMA), "exit": cross(CLOSE, "under", SMA)},
    "sizing": {"kind": "fraction", "amount": "equity_percent"},
}


def document(*, parameters: Document | None = None, **changes: Any) -> Document:
    """The base with changes; parameters are added to its own, None takes a field away."""
    found = {**BASE, **changes, "parameters": {**BASE["parameters"], **(parameters or {})}}
    return {name: value for name, value in found.items() if value is not None}


def specification(*, parameters: Document | None = None, **changes: Any) -> Specification:
    return read(document(parameters=parameters, **changes))
