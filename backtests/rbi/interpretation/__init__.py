"""From matched blueprints to one strategy: which leads, which filter it, and which of its numbers the text states."""

from backtests.rbi.interpretation.shapes import Assumption, Draft, Piece, Unknown

__all__ = ["Assumption", "Draft", "Piece", "Unknown"]
