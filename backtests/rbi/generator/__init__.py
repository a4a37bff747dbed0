"""Turns a specification into a backtesting.py module that people can read, keep and run without us."""

from backtests.rbi.generator.module import generate

__all__ = ["generate"]
