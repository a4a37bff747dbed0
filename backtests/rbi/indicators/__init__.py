"""Every indicator that a specification can name, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from backtests.rbi.indicators import averages, levels, momentum, oscillators, patterns, trend, volatility, volume
from backtests.rbi.indicators.shapes import Argument, Definition, Output, code_of

__all__ = ["REGISTRY", "Argument", "Definition", "Output", "code_of"]

REGISTRY: Mapping[str, Definition] = {
    definition.name: definition
    for family in (averages, momentum, oscillators, volatility, trend, volume, levels, patterns)
    for definition in family.DEFINITIONS
}
