"""What is taken for stated rules, which no blueprint replaces, and what for a vague idea."""

from __future__ import annotations

import pytest

from backtests.rbi.blueprints import LIBRARY
from backtests.rbi.drafter import draft

# Each says exactly what to do and holds something that no rule can say.
NOT_WHOLE = (
    "buy the dip: close 5% below 20 day high, sell at +3%",
    "grid: buy every 2% drop, sell every 2% rise",
    "turtle: 55 day breakout, 20 day exit, 2N stop",
    "buy when the frobnicator is above 30, sell when it is below 20",
    "go long when rsi < 30 unless mercury is in retrograde, stop 2%",
    "long if price bounces off the 200 ema and rsi under 40",
    "short when the 4h rsi is above 75, cover at 50",
    "yolo in when rsi is under 20 and price is 3% below vwap and the moon is out, bail at 5% profit",
    "rsi dips to 25 -> grab some, rsi at 60 -> dump it",
    "enter at 30250 if the news are good, stop at 29800, take profit at 31500",
    "buy 0.5 btc when eth/btc ratio is under 0.05",
    "if the candle closes above the previous high buy half, if it closes under the previous low sell",
    "long above the 20 ema, short below it, flat on fridays when spreads exceed 3 ticks",
    "once rsi(14) has been under 30 twice this week i buy",
    "Entry: close > vwap. Exit: close < vwap. Add to the position every 2%.",
    "price crosses over the 50 sma = long half, crosses the 100 = long the rest",
    "buy the breakout when volume is at least 2.5x the average and the wick is small",
    "get long on a bullish engulfing at support if adx > 25",
    "buy when fear and greed is below 20, sell when it is above 80",
    "scale in every 2% down to 10% with rsi below 30 then sell everything at breakeven",
    "buy RSI under 30 with confidence, sell RSI over 70 with joy",
    "take the long after 3 red candles, close it at the first green one past the 20 ema of my dog",
    "long liquidations > $10m then buy the bounce",
    "short the 3rd touch of the upper band",
    "sell the third red candle",
    "buy on the first green candle after 3 red candles",
    "trade the trend with the 13 hull of doom and rsi 14 over 33 and 44 stochastic blues",
    "rsi under 30, price above the 200 sma, whenever the funding is calm, buy",
    "macd crosses its signal, adx over 20 and twitter is bullish: long",
    "buy if the last candle was green",
    "buy when rsi < 30 every day",
    "buy when the last two closes were lower",
    "buy at the 20 day low of my dog, sell at the 20 day high",
)
# Words that any idea may have; alone they name no way to trade.
NO_IDEA = ("trade every day", "buy every other day", "sell every other week", "make me money every hour", "candles")
# Ideas with numbers of their own, which are settings and no rules.
VAGUE = (
    ("breakout strategy with 2% stop and 6% target", "channel_breakout"),
    ("mean reversion on 15m ETH, risk 1% per trade", "mean_reversion"),
    ("volume spike of 3x on the 1h chart", "volume_surge"),
    ("turtle trading with 55 day breakout", "channel_breakout"),
    ("buy the dip, stop loss 5%", "trend_pullback"),
    ("golden cross 50/200 on the daily", "average_cross"),
    ("supertrend 10 3 trend following", "supertrend"),
    ("buy breakouts and hold for 24 hours", "channel_breakout"),
    ("momentum over 90 days, long only", "rate_of_change"),
    ("scalp reversals on the 5m with a 1:2 risk reward", "rsi_reversal"),
    ("fade funding extremes, trailing stop 4 atr", "funding_extreme"),
    ("RSI 7 oversold bounce in an uptrend", "rsi_reversal"),
    ("bollinger squeeze 20 2 on BTC", "squeeze"),
    ("follow the trend with $500 per trade", "long_average"),
    ("buy dips in an uptrend on 4h, exit after 10 bars", "trend_pullback"),
    ("top 3 candle patterns that work on bitcoin", "engulfing"),
    ("i want to make 10% a month with breakouts", "channel_breakout"),
    ("buy when two averages cross", "average_cross"),
    ("Two averages cross: buy then.", "average_cross"),
    ("short the pump, 3% stop", "overextension"),
)
# What people say of a market, in their own words.
OPPOSITES = (
    ("bollinger band breakout", "squeeze"),
    ("bollinger breakout on 1h btc", "squeeze"),
    ("bollinger band bounce", "band_reversal"),
    ("fade breakouts", "failed_breakout"),
    ("fade the opening range breakout", "failed_breakout"),
    ("breakout fade with volume", "failed_breakout"),
)
TALK = (
    ("I just want to catch big trends and let it run", "trend"),
    ("whenever it drops like crazy there is a bounce, drop bounce, lets trade it", "reversion"),
    ("price is stuck in a range and then it pops out", "breakout"),
    ("everybody is long and paying to be long, so short it", "funding"),
    ("calm before the storm type of thing", "volatility"),
    ("winners win, buy the top gainers", "momentum"),
)


@pytest.mark.parametrize("text", NOT_WHOLE)
def test_it_never_replaces_rules_that_are_stated(text: str) -> None:
    found = draft(text)
    assert (found.path, found.specification, found.blueprint) == ("stated rules", None, "")
    assert found.not_understood
    assert "nothing is run" in found.answer


@pytest.mark.parametrize("text", NO_IDEA)
def test_it_makes_no_strategy_of_words_that_name_none(text: str) -> None:
    found = draft(text)
    assert (found.path, found.specification) == ("nothing", None)


@pytest.mark.parametrize(("text", "blueprint"), VAGUE)
def test_it_takes_an_idea_with_a_number_for_an_idea(text: str, blueprint: str) -> None:
    found = draft(text)
    assert (found.path, found.blueprint) == ("blueprint", blueprint)


@pytest.mark.parametrize(("text", "blueprint"), OPPOSITES)
def test_it_takes_no_idea_for_its_opposite(text: str, blueprint: str) -> None:
    assert draft(text).blueprint == blueprint


@pytest.mark.parametrize(("text", "family"), TALK)
def test_it_knows_how_people_talk_of_markets(text: str, family: str) -> None:
    found = draft(text)
    assert found.path == "blueprint"
    assert LIBRARY[found.blueprint].family == family
