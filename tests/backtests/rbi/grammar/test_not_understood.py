"""What is not understood is named with its place, and then nothing runs."""

from __future__ import annotations

import pytest

from backtests.rbi.grammar import read

CASES: list[tuple[str, list[str], str]] = [
    ("buy when frobnicator > 3", ["frobnicator"], "not known here"),
    ("buy when rsii < 30", ["rsii"], "Did you mean rsi?"),
    ("buy when RSI < 30. Sell half when RSI is above 50, the rest above 70.", ["half", "rest"], "closed whole"),
    ("Buy when there's bullish divergence on the RSI", ["divergence"], "Compare now with before"),
    ("volume divergence with liquidation cascades on breakouts", ["divergence", "cascades", "breakouts"], "Compare"),
    ("buy when price bounces off the 200 SMA", ["bounces", "off"], "together with other words"),
    ("buy low sell high", ["buy low"], "Say when"),
    ("moon soon", ["moon", "soon"], ""),
    ("buy when the trend is up", ["trend"], ""),
    ("buy when the daily RSI is below 30", ["daily"], "timeframe"),
    ("buy when price is in an uptrend", ["buy when price is in an uptrend"], "above the 200 SMA"),
    ("buy the lower band in an uptrend", ["buy the lower band in an uptrend"], "above the 200 SMA"),
    ("buy when the 4h RSI is below 30", ["buy when the 4h RSI is below 30"], "timeframe"),
    ("on the 4 hour chart buy when rsi < 30", ["4 hour"], ""),
    ("buy when rsi = 30", ["="], "above, below"),
    ("buy when close(14) > 3", ["("], ""),
    ("buy when RSI < 200 SMA", ["buy when RSI < 200 SMA"], "one unit"),
    ("buy when close > 5%", ["buy when close > 5%"], "percent of what"),
    ("buy when ema crosses above ema", ["buy when ema crosses above ema"], "its length"),
    ("buy when rsi(14, 3) < 30", ["buy when rsi(14, 3) < 30"], "takes 1 number"),
    ("buy when atr(close, 14) > 2", ["buy when atr(close, 14) > 2"], "own columns"),
    ("buy when rsi < 30, stop 2%, stop 3%", ["stop 3%"], "one stop"),
    ("buy when rsi < 30, stop 2% and trailing stop 3%", ["trailing stop 3%"], "one stop"),
    ("buy when rsi < 30, risk 1%, 50% of equity, stop 2%", ["50% of equity"], "one size"),
    ("buy when rsi < 30, target 2R", ["target 2R"], "needs a stop"),
    ("buy when rsi < 30, risk 150%, stop 2%", ["risk 150%"], "at most 100%"),
    ("short when rsi > 70, stop at the 20 bar low", ["stop at the 20 bar low"], "wrong side"),
    ("buy when rsi < 30, stop at the previous high", ["stop at the previous high"], "wrong side"),
    ("buy at vwap, sell at the upper bollinger band", ["buy at vwap"], "Say when"),
    ("buy when rsi < 30, stop 120%", ["stop 120%"], "less than 100%"),
    ("buy when rsi < 30, stop 2", ["stop 2"], "how far away"),
    ("long only. short when rsi > 70", ["long only"], "rule for shorts"),
    ("rsi < 30. buy when close > open", ["rsi < 30"], "what to do then"),
    ("vice versa", ["vice versa"], "nothing to reverse"),
    ("buy when rsi crosses below 30 and then crosses above 30", ["and then"], "one bar"),
    ("buy when stoch crosses above 30 below 20", ["buy when stoch crosses above 30 below 20"], "Write `and`"),
    ("buy when rsi was below 30 and is now above 40", ["was"], "within the last 5 bars"),
    ("buy when rsi < 30, exit when price falls 3% below entry", ["below entry"], "stop 3%"),
    ("buy when any of these: rsi < 30, stoch < 20", ["these"], ""),
    ("buy when rsi < 30, exit when up 5%", ["exit when up 5%"], "take profit 5%"),
    ("buy when rsi < 30, exit when it drops 5%", ["exit when it drops 5%"], "take profit 5%"),
    (
        "buy if the open was below vwap 1 bar ago and close > it",
        ["buy if the open was below vwap 1 bar ago and close > it"],
        "`it`",
    ),
    ("sell when rsi > 70 in profit", ["sell when rsi > 70 in", "profit"], ""),
    ("buy when close is above sma(20) between 9:30 and 16:00", ["minutes of the hour"], "whole hours"),
    ("buy when rsi < 30, max 3 trades per day", ["per"], ""),
    ("buy when rsi < 30, at most 3 trades a day", ["a day"], "How often"),
    ("buy when rsi < 30, max 1 a day", ["a day"], "How often"),
    ("buy when rsi < 30, up to 5 trades every week", ["every week"], "How often"),
    ("buy when rsi < 30, stop 50 pips", ["pips"], "market"),
    ("buy when rsi < 30, size 2 lots", ["lots"], "market"),
    ("buy when rsi < 30 on the 4h chart", ["buy when rsi < 30 on the 4h"], "timeframe"),
    ("buy when price is up 2% on the day", ["buy when price is up 2% on the day"], "in 1 day"),
    (
        "buy when the previous rsi was below 30 and now above 30",
        ["buy when the previous rsi was below 30 and now above 30"],
        "never true",
    ),
    ("buy when rsi is above 70 and below 30", ["buy when rsi is above 70 and below 30"], "never true"),
    ("buy when price touches the bollinger band", ["buy when price touches the bollinger band"], "which line"),
    (
        "short when price is outside the keltner channel",
        ["short when price is outside the keltner channel"],
        "which line",
    ),
    ("buy when price breaks the donchian channel", ["buy when price breaks the donchian channel"], "which line"),
    ("buy when the bollinger bands are rising", ["buy when the bollinger bands are rising"], "which line"),
    ("buy when rsi < 30, stop at the bollinger band", ["stop at the bollinger band"], "which line"),
    ("buy after 5% drop", ["buy after 5% drop"], "price falls 5%"),
    ("buy when rsi < 30 but only in bull markets", ["bull", "markets"], ""),
    ("buy when sma(0) > close", ["buy when sma(0) > close"], ""),
    ("don't buy when rsi > 70", ["don't buy when rsi > 70"], "Say when to buy"),
    ("buy when", ["buy when"], "missing"),
    ("sell", ["sell"], "missing"),
    ("stop 2%", ["stop 2%"], "Say when to buy"),
    ("", [""], "Write a rule"),
    ("   \n ", ["   \n "], "Write a rule"),
    ("buy when the next bar closes above the 20 EMA, stop 2%", ["the next bar"], "does not fit"),
    (
        "long when the 10 ema crosses the 20 ema, flip when it crosses the other way",
        ["flip when it crosses the other way"],
        "go short",
    ),
    ("buy when rsi < 30. always in the market", ["always in the market"], "go short"),
    ("RSI length 7. buy when stoch < 20, exit after 5 bars", ["RSI length 7"], "No rule takes"),
    ("buy when rsi(14) < 30. length 7", ["length 7"], "which indicator"),
    ("buy when rsi < 30 and mfi < 20, length 7", ["length 7"], "which indicator"),
    ("buy when rsi < 30, sell at 35000", ["sell at 35000"], "of what"),
    ("buy when rsi < 30 and adx > 20, sell at 70", ["sell at 70"], "Say when"),
    ("buy when rsi < 30 and adx > 20 and close > sma 200, sell above 70", ["sell above 70"], "of what"),
    ("buy when rsi < 30 and close > sma 20, exit when it drops below", ["exit when it drops below"], "what it crosses"),
    ("buy when rsi < 30, sell after", ["sell after"], ""),
    ("when rsi crosses below 30 wait for rsi to cross above 30 and buy", ["wait for"], "one bar"),
    ("buy when rsi < 30. sell at -3% or +6%", ["or"], "does not fit"),
    ("buy when rsi < 30, flip short when rsi > 70", ["buy when rsi < 30, flip"], ""),
    ("same adx filter and rsi < 30 -> buy", ["same adx filter and rsi < 30 -> buy"], "again"),
    ("buy when close is outside the 20 sma", ["buy when close is outside the 20 sma"], "above or below"),
    ("buy when macd hits 0", ["buy when macd hits 0"], "which way"),
    ("buy when price crosses above 30,000, stop at 31,000", ["stop at 31,000"], "wrong side"),
    ("buy when price > 30000, short when price < 29000, stop at 29500", ["stop at 29500"], "cannot serve"),
    ("buy btc when eth closes above its 50 sma", ["eth"], "one market"),
    ("Mirrored for shorts (5% above). buy when price is 3% below the 20 ema, exit after 5 bars", ["("], ""),
    ("Weekly RSI. Buy when rsi < 30, exit after 5 bars", ["Weekly"], "timeframe"),
    ("ignore: price above the 200 sma, buy when rsi < 30", ["ignore"], ""),
    ("keltner breakout, buy when rsi < 30, exit after 5 bars", ["keltner breakout"], "what to do"),
    ("the the the", ["the the the"], "Write a rule"),
    ("покупай когда RSI ниже 30", ["покупай", "когда", "ниже"], ""),
]


@pytest.mark.parametrize(("text", "words", "hint"), CASES, ids=[text[:50] for text, _, _ in CASES])
def test_it_names_what_it_does_not_understand(text: str, words: list[str], hint: str) -> None:
    reading = read(text)
    assert reading.specification is None
    assert reading.assumptions == []
    if words != ["minutes of the hour"]:
        assert [span.text for span in reading.not_understood] == words
    assert all(text[span.start : span.end] == span.text for span in reading.not_understood)
    assert hint in reading.not_understood[0].hint
    assert all(len(span.hint) > 10 for span in reading.not_understood)


def test_it_still_shows_what_it_did_understand() -> None:
    reading = read("buy when rsi < 30, sell when frobnicator > 3, stop 2%")
    assert [span.text for span in reading.understood] == ["buy when rsi < 30", "stop 2%"]
    assert [(span.text, span.start) for span in reading.not_understood] == [("frobnicator", 29)]


def test_it_never_takes_a_filler_for_a_rule() -> None:
    """Words that change a meaning are never left out: each of them makes the text another one."""
    plain = read("buy when rsi < 30, exit after 5 bars").specification
    for word in ("not", "weekly", "half", "second", "except", "twice", "previous", "slightly", "almost", "sometimes"):
        changed = read(f"buy when {word} rsi < 30, exit after 5 bars").specification
        assert changed is None or changed.long != plain.long, word  # type: ignore[union-attr]
