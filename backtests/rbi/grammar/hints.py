"""What to say about words that nothing is known of."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from backtests.rbi.grammar.vocabulary import vocabulary

GENERAL = "This word is not known here. Say the rule with an indicator or a price, a comparison and a number."
# By what people type: why it is not read, and what to write instead.
KNOWN: Mapping[str, str] = {
    "divergence": "Compare now with before: close is below the close 10 bars ago and RSI is above the RSI 10 bars ago.",
    "breakeven": "A stop cannot move to the entry price. Use a trailing stop.",
    "partial": "A position is closed whole. Give one exit.",
    "scale": "A position is opened and closed whole.",
    "pyramid": "One position is open at a time.",
    "martingale": "Sizes do not depend on former trades. Use risk 1% or 50% of equity.",
    "dca": "One position is open at a time. Give one rule to buy.",
    "grid": "One position is open at a time. Give one rule to buy and one to sell.",
    "average down": "One position is open at a time.",
    "trendline": "Lines drawn by hand are not known. Use a moving average or the 20-bar high.",
    "support": "Say which: the 20-bar low, yesterday's low or S1.",
    "resistance": "Say which: the 20-bar high, yesterday's high or R1.",
    "fibonacci": "Fibonacci levels are not known. Use the 20-bar high and low.",
    "daily": "Rules run on the bars of the data set. Choose its timeframe there, or say 20-day SMA.",
    "hourly": "Rules run on the bars of the data set. Choose its timeframe there, or say 20-hour SMA.",
    "weekly": "Rules run on the bars of the data set. Choose its timeframe there, or say 10-week SMA.",
    "monthly": "Rules run on the bars of the data set. Choose its timeframe there.",
    "timeframe": "Rules run on the bars of the data set. Choose its timeframe there.",
    "month": "Say it in days or weeks.",
    "months": "Say it in days or weeks.",
    "year": "Say it in days or weeks.",
    "news": "Only prices, volume and indicators are known.",
    "sentiment": "Only prices, volume and indicators are known.",
    "liquidity": "Only prices, volume and indicators are known. Say: sweeps yesterday's low and closes above it.",
    "cascade": "Say what is seen: volume is 2 times its average and close is below the 20-bar low.",
    "per": "How often it trades in a time is not counted. Leave it out: one position is open at a time.",
    "pip": "What a pip is depends on the market. Say stop 0.5% or stop 2 ATR.",
    "lot": "What a lot is depends on the market. Say a number of units, 1000 USD or 50% of equity.",
    "limit": "Orders are filled at the next open. Leave the limit out.",
    "half": "A position is opened and closed whole. For a size say 50% of equity.",
    "minutes of the hour": "Only whole hours are known, as in: between 9:00 and 17:00.",
    "and then": "Rules look at one bar. Say: RSI crossed below 30 within the last 10 bars and RSI crosses above 30.",
    "was": "Say when it was so: 3 bars ago, or within the last 5 bars.",
    "entry price": "Rules do not know it. Say stop 3%, take profit 5% or trailing stop 3%.",
    "=": "Say above, below, at least or at most.",
}


def hint_for(word: str) -> str:
    """Why a word is not understood and what to write instead."""
    known = KNOWN.get(word) or KNOWN.get(word.removesuffix("s"))
    if known:
        return known
    near = get_close_matches(word, vocabulary(), n=1, cutoff=0.75) if 2 < len(word) < 30 else []
    if near and near[0] == word:
        return "It means something only together with other words, as in: upper Bollinger band."
    return f"Did you mean {near[0]}?" if near else GENERAL
