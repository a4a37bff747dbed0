"""Other programs for backtests, by the package that their scripts import."""

from __future__ import annotations

OTHERS = {
    "backtrader": "Backtrader",
    "vectorbt": "vectorbt",
    "vectorbtpro": "vectorbt",
    "zipline": "Zipline",
    "bt": "bt",
    "pyalgotrade": "PyAlgoTrade",
    "freqtrade": "Freqtrade",
    "jesse": "Jesse",
    "nautilus_trader": "NautilusTrader",
    "lean": "QuantConnect",
    "AlgorithmImports": "QuantConnect",
    "fastquant": "fastquant",
}
