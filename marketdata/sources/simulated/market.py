"""The simulated market: its symbols, and the price and open interest of each at any moment.

Names, prices and how often each symbol is liquidated are shaped like a large venue's; no number is a real one.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from marketdata.sources.simulated.noise import Floats, Ints, uniform

# The large ones by name, with a price in USDT to start from, in the order of their weight.
MAJORS = {
    "ETH": 3200.0, "BTC": 90500.0, "SOL": 132.0, "BNB": 870.0, "XRP": 2.04, "DOGE": 0.141, "ZEC": 392.0, "ADA": 0.43,
    "SUI": 1.58, "AVAX": 13.6, "LTC": 82.5, "LINK": 13.7, "DOT": 2.11, "UNI": 5.6, "ENA": 0.26, "1000PEPE": 0.0047,
    "ASTER": 0.96, "HYPE": 28.4, "NEAR": 1.72, "WLD": 0.62, "APT": 1.75, "TAO": 285.0, "AAVE": 198.0, "TRX": 0.28,
    "1000SHIB": 0.0084, "FIL": 1.44, "ICP": 3.35, "TIA": 0.57, "ARB": 0.21, "OP": 0.31, "SEI": 0.129, "ETC": 13.2,
    "1000BONK": 0.0091, "PENGU": 0.0118, "WIF": 0.39, "INJ": 5.5, "ATOM": 2.3, "HBAR": 0.133, "XLM": 0.244,
    "BCH": 570.0,
}  # fmt: skip
NON_ASCII = ("币安人生", "我踏马来了", "龙虾")
DATED = ("BTC_260327", "ETH_260327", "BTC_260626", "ETH_260626")
WITH_USDC = 40
COINED = 463
CONSONANTS, VOWELS = "BCDFGKLMNPRSTVXZ", "AEIOU"
# Minutes of each swing of a price, and how far it goes (as a logarithm).
SWINGS = ((53_000.0, 0.10), (7_700.0, 0.05), (1_130.0, 0.018), (97.0, 0.006), (11.0, 0.0015))


def _coined(number: int) -> str:
    """A ticker that no one trades."""
    letters = []
    for place in range(4 + number % 2):
        alphabet = VOWELS if place % 2 else CONSONANTS
        letters.append(alphabet[int(uniform(7, number, place) * len(alphabet))])
    return "".join(letters)


class Market:
    """Every symbol with its constants as arrays: `names[i]`, `base[i]` (USDT), `price_decimals[i]` and so on."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        coined = dict.fromkeys(_coined(number) for number in range(3 * COINED))
        plain = [*MAJORS, *NON_ASCII, *[name for name in coined if name not in MAJORS][:COINED]]
        usdc = [f"{name}USDC" for name in list(MAJORS)[:WITH_USDC]]
        self.names = [*plain, *usdc, *DATED]
        # A USDC pair or a dated future follows the price of the coin it is a contract on.
        coins = [*plain, *list(MAJORS)[:WITH_USDC], *(name.split("_")[0] for name in DATED)]
        self.coin: Ints = np.array([plain.index(name) for name in coins])
        # Symbols whose open interest and funding are listed: perpetuals in USDT.
        self.perpetuals = len(plain)
        self.majors = len(MAJORS)

    @cached_property
    def base(self) -> Floats:
        """The price in USDT around which a symbol swings."""
        count = len(self.names)
        coined = 10 ** (uniform(self.seed, 11, np.arange(count)) * 4 - 3)
        coined[: self.majors] = list(MAJORS.values())
        return np.asarray(coined[self.coin])

    @cached_property
    def weight(self) -> Floats:
        """The share of all liquidations that a symbol has, summed up for a search."""
        rank = np.arange(1, len(self.names) + 1, dtype=float)
        shares = rank**-0.75
        shares[-(WITH_USDC + len(DATED)) :] *= 2.0
        return np.asarray(np.cumsum(shares / shares.sum()))

    @cached_property
    def price_decimals(self) -> list[int]:
        """Decimals of a price, so that it has about six digits, as venues have them."""
        return [int(np.clip(5 - np.floor(np.log10(price)), 1, 7)) for price in self.base]

    @cached_property
    def quantity_decimals(self) -> list[int]:
        """Decimals of a quantity: about a tenth of a US dollar at the smallest, as venues' steps are."""
        return [int(np.clip(np.ceil(np.log10(price)) - 1, 0, 3)) for price in self.base]

    @cached_property
    def coins(self) -> Floats:
        """Open interest in coins around which a perpetual swings."""
        usd = 2.5e9 * np.arange(1, self.perpetuals + 1, dtype=float) ** -1.1
        return np.asarray(usd / self.base[: self.perpetuals])

    def pick(self, chance: ArrayLike) -> Ints:
        """The symbols that chances in [0, 1) fall on, by weight."""
        return np.minimum(np.searchsorted(self.weight, chance), len(self.names) - 1)

    def price(self, symbol: ArrayLike, minute: ArrayLike) -> Floats:
        """The price in USDT of symbols at minutes since 1970 (fractions allowed)."""
        symbols = np.asarray(symbol)
        return np.asarray(self.base[symbols] * np.exp(self._swing(self.coin[symbols], np.asarray(minute), 0)))

    def open_interest(self, symbol: ArrayLike, minute: ArrayLike) -> Floats:
        """Open interest in coins of perpetuals at minutes since 1970."""
        symbols = np.asarray(symbol)
        return np.asarray(self.coins[symbols] * np.exp(1.5 * self._swing(symbols, np.asarray(minute), 50)))

    def _swing(self, symbol: Ints, minute: ArrayLike, kind: int) -> Floats:
        total: Floats = np.zeros(())
        for number, (period, width) in enumerate(SWINGS):
            phase = uniform(self.seed, 13 + kind + number, symbol)
            total = total + width * np.sin(2 * np.pi * (np.asarray(minute) / period + phase))
        return total
