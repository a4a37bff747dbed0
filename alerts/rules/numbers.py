"""Numbers that people have typed, as they have typed them."""

from __future__ import annotations

from decimal import Decimal

from alerts.rules.shapes import Rule


def digits(value: float, *, thousands: str = "") -> str:
    """A number without an exponent or a needless end: 1000000, 0.00025."""
    text = f"{Decimal(repr(value)):{thousands}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def threshold_said(rule: Rule, value: float) -> str:
    """A threshold with its unit. It is not rounded, as measured values are: 0.125 % is not 0.12 %."""
    return rule.say(value, digits(value, thousands=","))
