"""Reads trading rules that people state in English."""

from backtests.rbi.grammar.reading import Assumption, Reading, Span, read

__all__ = ["Assumption", "Reading", "Span", "read"]
