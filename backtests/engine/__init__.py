"""Runs one strategy on one data set in the sandbox, believes none of it, and says what came of it.

`running.run`, `grid.grid` and `lookahead.lookahead` take a Sandbox and a Request. They know no model: who calls them
stores what they give. Nothing is imported here, because settings are read where backtesting.py is not needed.
"""
