"""The account that a strategy trades with: cash, costs and rules, as backtesting.py names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from moondev.lib.errors import FieldError, Invalid
from moondev.lib.finite import is_number

# Of a unit: so small that a hundredth of 100 USD buys some of any coin.
MICRO = 1e-6
# Whole units are traded while the dearest of them costs no more than this part of the cash.
WHOLE_UNITS_UP_TO = 0.1


@dataclass(frozen=True)
class Settings:
    """Costs are on unless they are switched off. `commission` and `spread` are fractions of the price, per fill.

    `commission_fixed` is in the quote currency, per fill. `margin` is 1 / leverage. `unit` is the smallest part of the
    asset that can be traded, 1 or less; None leaves it to `unit_for`.
    """

    cash: float = 10_000.0
    commission: float = 0.001
    commission_fixed: float = 0.0
    spread: float = 0.0002
    margin: float = 1.0
    exclusive_orders: bool = True
    trade_on_close: bool = False
    finalize_trades: bool = True
    unit: float | None = None

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @property
    def is_free(self) -> bool:
        """Nothing is charged for a fill, which no venue offers."""
        return not (self.commission or self.commission_fixed or self.spread)

    def unit_for(self, closes: np.ndarray) -> float:
        """1, or a millionth where one whole unit would cost more than a tenth of the cash."""
        if self.unit is not None:
            return self.unit
        return 1.0 if closes.max() <= self.cash * WHOLE_UNITS_UP_TO else MICRO


# Least and most, both allowed.
RANGES = {
    "cash": (1.0, 1e12),
    "commission": (0.0, 0.0999),
    "commission_fixed": (0.0, 1e6),
    "spread": (0.0, 0.5),
    "margin": (0.001, 1.0),
    "unit": (1e-8, 1.0),
}
SWITCHES = ("exclusive_orders", "trade_on_close", "finalize_trades")


def read_settings(document: Mapping[str, Any], *, pointer: str = "/settings") -> Settings:
    """Settings from JSON. Raises Invalid, which names every field that is not acceptable."""
    known = {field.name for field in fields(Settings)}
    errors = [FieldError(f"{pointer}/{name}", f"{name} is not a setting.") for name in sorted(set(document) - known)]
    errors += [
        FieldError(f"{pointer}/{name}", problem)
        for name in sorted(known & set(document))
        if (problem := _problem(name, document[name]))
    ]
    if errors:
        raise Invalid(errors[0].detail, tuple(errors))
    return Settings(**{name: _plain(name, value) for name, value in document.items()})


def _problem(name: str, value: Any) -> str:
    """What is wrong with a value; empty when nothing is."""
    if name in SWITCHES:
        return "" if isinstance(value, bool) else f"{name} is true or false."
    if name == "unit" and value is None:
        return ""
    least, most = RANGES[name]
    if not is_number(value):
        return f"{name} is a number."
    return "" if least <= value <= most else f"{name} is at least {least:g} and at most {most:g}."


def _plain(name: str, value: Any) -> Any:
    return value if value is None or name in SWITCHES else float(value)
