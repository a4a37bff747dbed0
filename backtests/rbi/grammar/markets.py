"""Which market a word names."""

from __future__ import annotations

import re

# How the markets begin that people name; other words for what is traded (coins, shares) name none.
MARKETS = {
    "bitcoin": "BTC", "btc": "BTC", "ethereum": "ETH", "ether": "ETH", "eth": "ETH", "solana": "SOL", "sol": "SOL",
    "xrp": "XRP", "doge": "DOGE", "ada": "ADA", "ltc": "LTC", "bnb": "BNB", "goog": "GOOG", "spy": "SPY",
    "gold": "GOLD", "eur": "EUR",
}  # fmt: skip


def market_of(words: str) -> str:
    """The market in the words of a token, `2 BTC` or `ETH/USD`; empty when there is none."""
    for word in re.findall(r"[a-z]+", words.lower()):
        found = next((MARKETS[name] for name in MARKETS if word.startswith(name)), "")
        if found:
            return found
    return ""
