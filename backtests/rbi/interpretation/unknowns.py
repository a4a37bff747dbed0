"""Words that became nothing, each with what may help."""

from __future__ import annotations

from collections.abc import Collection

from backtests.rbi.interpretation.shapes import Unknown
from backtests.rbi.matching.lexicon import neutral, vocabulary
from backtests.rbi.matching.neutral import COINS
from backtests.rbi.matching.tokens import Token, stem, tokenise

PLAIN = "No strategy of the library knows this word, so it changes nothing."
IDLE = "Other strategies of the library know this word; beside the rest of the text it changes nothing."
NUMBER = "Nothing here takes this number. Say what it is: a stop, a target, the bars of an indicator."
# Things that people ask for and that no data set or blueprint has.
ABSENT = {
    "Data sets have no news and no moods, so this changes nothing.": (
        "sentiment news twitter tweet tweets reddit social headline headlines trump elon cpi fomc fed earnings"
    ),
    "Models that learn are not made from words. Paste a script instead.": (
        "ai ml machine learning neural network networks lstm gpt llm deep reinforcement regression xgboost predict"
        " prediction predictions forecast"
    ),
    "A strategy trades one market at a time, so this changes nothing.": (
        "pairs pair arbitrage correlation correlated cointegration hedge hedging neutral spreads portfolio"
        " basket rebalance rotation"
    ),
    "Two people would draw this differently, so it cannot be computed. Say it with prices and averages.": (
        "elliott wave waves gann harmonic harmonics gartley astrology lunar butterfly trendline trendlines head"
        " shoulders"
    ),
    "Data sets have bars and no order book, so this changes nothing.": (
        "orderbook orderbooks book depth bid ask spoofing tape footprint"
    ),
    "A position is opened once and not added to, so this changes nothing.": (
        "martingale dca averaging pyramiding pyramid scale scaling ladder doubling hft"
    ),
    "Options are not traded here, so this changes nothing.": "options option calls puts theta vega gamma iv straddle",
    "Data sets have nothing of the chain, so this changes nothing.": (
        "onchain chain wallet wallets nft nfts exchange inflows outflows mvrv hashrate halving staking tvl"
    ),
}
HINTS = {stem(word): hint for hint, words in ABSENT.items() for word in words.split()}


def unknown_words(text: str, taken: Collection[Token], spans: list[tuple[int, int]]) -> list[Unknown]:
    """Words that no phrase, no number and no small word accounts for."""
    starts = {token.start for token in taken}
    found = []
    for token in tokenise(text):
        inside = any(start <= token.start < end for start, end in spans)
        if token.start in starts or inside or _is_known(token):
            continue
        hint = NUMBER if token.is_number else HINTS.get(token.stem, PLAIN)
        found.append(Unknown(text[token.start : token.end], token.start, token.end, hint))
    return found


def idle_words(text: str, taken: Collection[Token], spans: list[tuple[int, int]]) -> list[Unknown]:
    """Words that belong to phrases of the library, none of which the text says whole: `a tight stop`."""
    starts = {token.start for token in taken}
    return [
        Unknown(text[token.start : token.end], token.start, token.end, IDLE)
        for token in tokenise(text)
        if token.start not in starts
        and not any(start <= token.start < end for start, end in spans)
        and token.stem in vocabulary()
        and not (token.is_number or token.stem in HINTS or token.text in neutral() or token.stem in neutral())
    ]


def _is_known(token: Token) -> bool:
    if token.stem in HINTS:
        return False
    if token.is_number:
        return False
    known = token.text in neutral() or token.stem in neutral() or token.stem in vocabulary()
    return known or token.text == "%" or token.text in COINS


def symbols_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(COINS[token.text] for token in tokenise(text) if token.text in COINS))
