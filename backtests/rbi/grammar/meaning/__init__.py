"""From the parse of a statement to its meaning: one method for each rule of rules.lark."""

from backtests.rbi.grammar.meaning.operands import FEW_RANGES
from backtests.rbi.grammar.meaning.statements import Statements

__all__ = ["FEW_RANGES", "Statements"]
