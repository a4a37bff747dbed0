"""Patterns: what a few candles, a gap or the clock say."""

from __future__ import annotations

from backtests.rbi.blueprints.parts import (
    CLOSE,
    HIGH,
    LOW,
    above,
    at_least,
    bars,
    below,
    both,
    either,
    factor,
    lately,
    level,
    line,
    no,
    over,
    says_yes,
    times,
    under,
)
from backtests.rbi.blueprints.shapes import Blueprint, Confirm, Plan, Rule
from backtests.rbi.spec import During, Price, Signal

TREND = line("ema", period="trend_period")
MEAN = line("ema", period="mean_period")
BULL_ENGULFING, BEAR_ENGULFING = says_yes("engulfing", "bullish"), says_yes("engulfing", "bearish")
BULL_TAIL = either(says_yes("hammer", "hammer"), says_yes("pin_bar", "bullish"))
BEAR_TAIL = either(says_yes("hammer", "star"), says_yes("pin_bar", "bearish"))
# The bar before this one lay inside its own predecessor.
AFTER_INSIDE = Signal(indicator=line("inside_bar", "inside", ago=1))
AFTER_DOJI = Signal(indicator=line("doji", ago=1))
PRIOR_HIGH, PRIOR_LOW = Price(column="high", ago=1), Price(column="low", ago=1)
MORNING, EVENING = says_yes("star", "morning"), says_yes("star", "evening")
SOLDIERS, CROWS = says_yes("three", "soldiers"), says_yes("three", "crows")
GAP_UP, GAP_DOWN = says_yes("fair_value_gap", "bullish"), says_yes("fair_value_gap", "bearish")
JUMP_UP, JUMP_DOWN = says_yes("gap", "up"), says_yes("gap", "down")
LOWER, HIGHER = line("streak", "lower"), line("streak", "higher")
LOWEST, HIGHEST = line("lowest", period="swing_bars"), line("highest", period="swing_bars")
OLD_LOWEST = line("lowest", of=line("lowest", period="swing_bars", ago=10), period="apart_bars")
OLD_HIGHEST = line("highest", of=line("highest", period="swing_bars", ago=10), period="apart_bars")
WORKDAYS = During(first=13, last=20, weekdays=(0, 1, 2, 3, 4))
MONDAY = During(weekdays=(0, 1))

BLUEPRINTS = (
    Blueprint(
        name="engulfing",
        title="Engulfing candle",
        family="pattern",
        thesis=(
            "A body that covers the one before it undid in one bar what the other side had done. Against a short trend"
            " it marks the change of hands."
        ),
        words=(
            "engulfing",
            "bullish engulfing",
            "bearish engulfing",
            "engulfing candle",
            "outside bar",
            "candlestick",
            "candlestick pattern",
            "candle pattern",
            "candle patterns",
            "reversal candle",
        ),
        hints=("candle", "candles", "pattern", "patterns", "reversal"),
        plan=Plan(
            parameters={"mean_period": bars(20, 5, 100, "Average of the short trend")},
            long=Rule(
                both(BULL_ENGULFING, below(LOW, MEAN)),
                "a green body engulfs a red one below the average of {mean_period} bars",
            ),
            short=Rule(
                both(BEAR_ENGULFING, above(HIGH, MEAN)),
                "a red body engulfs a green one above the average of {mean_period} bars",
            ),
            confirm=Confirm(
                lately(BULL_ENGULFING, "signal_bars"),
                lately(BEAR_ENGULFING, "signal_bars"),
                "an engulfing candle of the trade's colour came within {signal_bars} bars",
                (),
            ),
        ),
        reward=2,
        hold=40,
    ),
    Blueprint(
        name="rejection_candle",
        title="Rejection candle",
        family="pattern",
        thesis=(
            "A long shadow shows prices that were tried and refused. Hammers and pin bars below the average, shooting"
            " stars above it, are entered with the stop behind the shadow."
        ),
        words=(
            "pin bar",
            "pinbar",
            "hammer",
            "hammer candle",
            "shooting star",
            "wick rejection",
            "long wick",
            "rejection",
            "rejection candle",
            "wick",
            "wicks",
            "tail",
            "dragonfly",
            "hanging man",
        ),
        hints=("shadow", "candle", "candles", "pattern"),
        plan=Plan(
            parameters={"mean_period": bars(20, 5, 100, "Average of the short trend")},
            long=Rule(
                both(BULL_TAIL, below(LOW, MEAN)),
                "a hammer or a bullish pin bar stands below the average of {mean_period} bars",
            ),
            short=Rule(
                both(BEAR_TAIL, above(HIGH, MEAN)),
                "a shooting star or a bearish pin bar stands above the average of {mean_period} bars",
            ),
            confirm=Confirm(
                lately(BULL_TAIL, "signal_bars"),
                lately(BEAR_TAIL, "signal_bars"),
                "a rejection candle of the trade's side came within {signal_bars} bars",
                (),
            ),
        ),
        stop_atr=1.5,
        reward=2,
        hold=40,
    ),
    Blueprint(
        name="inside_bar",
        title="Inside bar",
        family="pattern",
        thesis=(
            "A bar within the one before it is a pause. The side on which the next bar leaves it is taken if it agrees"
            " with the trend."
        ),
        words=("inside bar", "inside day", "inside candle", "inside bar breakout", "harami", "mother bar"),
        hints=("inside", "candle", "pattern"),
        plan=Plan(
            parameters={
                "trend_period": bars(50, 10, 300, "Average that shows the trend"),
            },
            long=Rule(
                both(AFTER_INSIDE, above(CLOSE, PRIOR_HIGH), above(CLOSE, TREND)),
                "after an inside bar the close is over its high, above the average of {trend_period} bars",
                under(CLOSE, TREND),
                "the close falls under the average",
            ),
            short=Rule(
                both(AFTER_INSIDE, below(CLOSE, PRIOR_LOW), below(CLOSE, TREND)),
                "after an inside bar the close is under its low, below the average of {trend_period} bars",
                over(CLOSE, TREND),
                "the close rises over the average",
            ),
            confirm=Confirm(
                lately(says_yes("inside_bar", "inside"), "signal_bars"),
                lately(says_yes("inside_bar", "inside"), "signal_bars"),
                "an inside bar came within {signal_bars} bars",
                (),
            ),
        ),
        stop_atr=1.5,
        reward=2.5,
        hold=60,
    ),
    Blueprint(
        name="star_reversal",
        title="Morning and evening star",
        family="pattern",
        thesis=(
            "A large body, a small one and a large one back: a push, a halt and an answer. Three bars say more than"
            " one, so that it is rarer and is held longer."
        ),
        words=(
            "morning star",
            "evening star",
            "star pattern",
            "three candle reversal",
            "three bar reversal",
            "abandoned baby",
        ),
        hints=("star", "candle", "pattern"),
        plan=Plan(
            parameters={"mean_period": bars(20, 5, 100, "Average of the short trend")},
            long=Rule(
                both(MORNING, below(LOW, MEAN)),
                "a morning star is complete below the average of {mean_period} bars",
            ),
            short=Rule(
                both(EVENING, above(HIGH, MEAN)),
                "an evening star is complete above the average of {mean_period} bars",
            ),
            confirm=Confirm(
                lately(MORNING, "signal_bars"),
                lately(EVENING, "signal_bars"),
                "a star of the trade's side was completed within {signal_bars} bars",
                (),
            ),
        ),
        reward=2,
        hold=60,
    ),
    Blueprint(
        name="three_soldiers",
        title="Three soldiers and crows",
        family="pattern",
        thesis=(
            "Three bodies in a row, each opening within the one before, are steady buying and no spike. The way they"
            " march is followed."
        ),
        words=("three white soldiers", "three black crows", "three soldiers", "three crows", "soldiers", "crows"),
        hints=("candle", "pattern", "three"),
        plan=Plan(
            parameters={"mean_period": bars(20, 5, 100, "Average that ends the trade")},
            long=Rule(
                SOLDIERS,
                "three white soldiers are complete",
                under(CLOSE, MEAN),
                "the close falls under the average of {mean_period} bars",
            ),
            short=Rule(
                CROWS,
                "three black crows are complete",
                over(CLOSE, MEAN),
                "the close rises over the average of {mean_period} bars",
            ),
            confirm=Confirm(
                lately(SOLDIERS, "signal_bars"),
                lately(CROWS, "signal_bars"),
                "three soldiers (for shorts crows) came within {signal_bars} bars",
                (),
            ),
        ),
        stop_atr=2.5,
        hold=60,
    ),
    Blueprint(
        name="value_gap",
        title="Fair value gap",
        family="pattern",
        thesis=(
            "A move so quick that it left prices untraded shows a side in a hurry. A return towards that gap within"
            " the trend is bought when the close turns the trend's way again."
        ),
        words=(
            "fair value gap",
            "fvg",
            "fair value gaps",
            "imbalance",
            "inefficiency",
            "order block",
            "order blocks",
            "ob",
            "breaker block",
            "price imbalance",
        ),
        hints=("smart money", "smc", "ict", "gap", "institutional"),
        loosely=("order block", "order blocks", "ob", "breaker block"),
        loosely_says="The gap that a quick move leaves is computed; the candle before it is not marked as a block.",
        plan=Plan(
            parameters={
                "gap_bars": bars(12, 2, 60, "Bars since the gap"),
                "mean_period": bars(8, 3, 40, "Average that the close must cross"),
                "trend_period": bars(50, 10, 300, "Average that shows the trend"),
            },
            long=Rule(
                both(lately(GAP_UP, "gap_bars"), above(CLOSE, TREND), over(CLOSE, MEAN)),
                "within {gap_bars} bars of a bullish gap the close comes back over its average of {mean_period}, above"
                " that of {trend_period}",
            ),
            short=Rule(
                both(lately(GAP_DOWN, "gap_bars"), below(CLOSE, TREND), under(CLOSE, MEAN)),
                "within {gap_bars} bars of a bearish gap the close falls back under its average of {mean_period}, below"
                " that of {trend_period}",
            ),
            confirm=Confirm(
                lately(GAP_UP, "signal_bars"),
                lately(GAP_DOWN, "signal_bars"),
                "a fair value gap on the trade's side was left within {signal_bars} bars",
                (),
            ),
        ),
        stop_atr=1.5,
        reward=2,
        hold=40,
    ),
    Blueprint(
        name="gap_fade",
        title="Gap fill",
        family="pattern",
        thesis=(
            "A bar that opens beyond the whole bar before it has jumped without trading. Most such gaps are closed, and"
            " the way back is traded. Coins trade all day and seldom gap; on daily stocks it is common."
        ),
        words=(
            "gap fill",
            "gap fade",
            "fade the gap",
            "gap",
            "gap up",
            "gap down",
            "gap and go",
            "cme gap",
            "opening gap",
            "gaps",
        ),
        plan=Plan(
            parameters={"mean_period": bars(5, 2, 30, "Average that ends the trade")},
            long=Rule(
                JUMP_DOWN,
                "a bar opens below the whole bar before it",
                over(CLOSE, MEAN),
                "the close is back over its average of {mean_period} bars",
            ),
            short=Rule(
                JUMP_UP,
                "a bar opens above the whole bar before it",
                under(CLOSE, MEAN),
                "the close is back under its average of {mean_period} bars",
            ),
            confirm=Confirm(
                lately(JUMP_UP, "signal_bars"),
                lately(JUMP_DOWN, "signal_bars"),
                "a gap the trade's way came within {signal_bars} bars",
                (),
            ),
        ),
        hold=20,
    ),
    Blueprint(
        name="losing_streak",
        title="Reversal after a streak",
        family="pattern",
        thesis=(
            "After several closes one way the next one more often goes the other. Short streaks are noise, long ones"
            " are rare; three to five bars are where it pays to look."
        ),
        words=(
            "red days",
            "consecutive red",
            "red candles in a row",
            "consecutive",
            "consecutive candles",
            "in a row",
            "losing streak",
            "winning streak",
            "streak",
            "down days",
            "three red days",
            "green candles in a row",
            "lower closes",
        ),
        hints=("red", "green", "row", "days"),
        plan=Plan(
            parameters={
                "streak_bars": level(4, 2, 10, "Closes in a row"),
                "mean_period": bars(5, 2, 30, "Average that ends the trade"),
            },
            long=Rule(
                at_least(LOWER, "streak_bars"),
                "{streak_bars} closes in a row were lower",
                over(CLOSE, MEAN),
                "the close is back over its average of {mean_period} bars",
            ),
            short=Rule(
                at_least(HIGHER, "streak_bars"),
                "{streak_bars} closes in a row were higher",
                under(CLOSE, MEAN),
                "the close is back under its average of {mean_period} bars",
            ),
            confirm=Confirm(
                lately(at_least(LOWER, "streak_bars"), "signal_bars"),
                lately(at_least(HIGHER, "streak_bars"), "signal_bars"),
                "{streak_bars} closes in a row went against the trade within {signal_bars} bars",
                ("streak_bars",),
            ),
        ),
        hold=20,
    ),
    Blueprint(
        name="double_bottom",
        title="Double bottom and top",
        family="pattern",
        thesis=(
            "A low that holds a second time shows that the buyers of the first are still there. The lowest lows of two"
            " stretches are compared; that they look like a W is not required, which is coarser than an eye."
        ),
        words=(
            "double bottom",
            "double top",
            "w bottom",
            "m top",
            "double bottoms",
            "triple bottom",
            "chart pattern",
            "chart patterns",
        ),
        hints=("bottom", "top", "pattern", "patterns"),
        loosely=("chart pattern", "chart patterns", "triple bottom"),
        loosely_says="Of drawn patterns only a low or high that holds twice is computed.",
        plan=Plan(
            parameters={
                "swing_bars": bars(10, 4, 40, "Bars of the second low"),
                "apart_bars": bars(30, 10, 120, "Bars in which the first low lies"),
                "higher": factor(1.01, 1, 1.1, "Most that the lows differ, as a factor", 0.005),
                "lower": factor(0.99, 0.9, 1, "Most that the highs differ, as a factor", 0.005),
                "mean_period": bars(10, 3, 60, "Average that the close must cross"),
            },
            long=Rule(
                both(
                    at_least(LOWEST, OLD_LOWEST),
                    below(LOWEST, times(OLD_LOWEST, "higher")),
                    over(CLOSE, MEAN),
                ),
                "the low of {swing_bars} bars holds that of the {apart_bars} bars before, at most {higher} times as"
                " high, and the close crosses over its average of {mean_period}",
            ),
            short=Rule(
                both(
                    at_least(OLD_HIGHEST, HIGHEST),
                    above(HIGHEST, times(OLD_HIGHEST, "lower")),
                    under(CLOSE, MEAN),
                ),
                "the high of {swing_bars} bars stays under that of the {apart_bars} bars before, at least {lower} times"
                " as high, and the close crosses under its average of {mean_period}",
            ),
            confirm=Confirm(
                at_least(LOWEST, OLD_LOWEST),
                at_least(OLD_HIGHEST, HIGHEST),
                "the low of {swing_bars} bars (for shorts the high) held that of the {apart_bars} bars before",
                ("swing_bars", "apart_bars"),
            ),
        ),
        reward=2,
        hold=60,
    ),
    Blueprint(
        name="session_hold",
        title="Hours of the day",
        family="pattern",
        thesis=(
            "Who trades changes with the clock. The position is held in the hours when New York is open, on working"
            " days, in the direction of the short trend, and closed outside of them."
        ),
        words=(
            "time of day",
            "seasonality",
            "seasonal",
            "us session",
            "new york session",
            "hour of day",
            "overnight",
            "intraday seasonality",
            "trading hours",
            "day of week",
            "weekday",
            "during us hours",
            "session",
        ),
        hints=("hours", "hour", "session", "london", "new york", "time"),
        plan=Plan(
            parameters={"trend_period": bars(50, 10, 300, "Average that shows the trend")},
            long=Rule(
                both(WORKDAYS, above(CLOSE, TREND)),
                "from 13 to 21 o'clock UTC on working days the close is over its average of {trend_period} bars",
                no(WORKDAYS),
                "the hours are over",
            ),
            short=Rule(
                both(WORKDAYS, below(CLOSE, TREND)),
                "from 13 to 21 o'clock UTC on working days the close is under its average of {trend_period} bars",
                no(WORKDAYS),
                "the hours are over",
            ),
            confirm=Confirm(WORKDAYS, WORKDAYS, "the bar lies between 13 and 21 o'clock UTC on a working day", ()),
        ),
        stop_atr=3,
    ),
    Blueprint(
        name="weekday_hold",
        title="Start of the week",
        family="pattern",
        thesis=(
            "Coins trade through the weekend with few orders; on Monday the desks return. The first two days are held"
            " in the direction of the trend, and the rest of the week is left out."
        ),
        words=(
            "monday",
            "mondays",
            "monday effect",
            "weekend",
            "weekend effect",
            "start of the week",
            "weekly open",
            "sunday",
        ),
        hints=("week", "friday", "tuesday", "weekdays"),
        plan=Plan(
            parameters={"trend_period": bars(50, 10, 300, "Average that shows the trend")},
            long=Rule(
                both(MONDAY, above(CLOSE, TREND)),
                "on Monday or Tuesday (UTC) the close is over its average of {trend_period} bars",
                no(MONDAY),
                "the two days are over",
            ),
            short=Rule(
                both(MONDAY, below(CLOSE, TREND)),
                "on Monday or Tuesday (UTC) the close is under its average of {trend_period} bars",
                no(MONDAY),
                "the two days are over",
            ),
            confirm=Confirm(MONDAY, MONDAY, "it is Monday or Tuesday (UTC)", ()),
        ),
        stop_atr=3,
    ),
    Blueprint(
        name="doji_break",
        title="Break of a doji",
        family="pattern",
        thesis=(
            "A bar that ends where it began is a draw. The side on which the next close leaves it has won, and is"
            " followed for a while."
        ),
        words=("doji", "doji reversal", "doji candle", "indecision candle", "spinning top"),
        hints=("indecision", "candle", "pattern"),
        plan=Plan(
            parameters={"mean_period": bars(20, 5, 100, "Average that ends the trade")},
            long=Rule(
                both(AFTER_DOJI, above(CLOSE, PRIOR_HIGH)),
                "after a doji the close is over its high",
                under(CLOSE, MEAN),
                "the close falls under the average of {mean_period} bars",
            ),
            short=Rule(
                both(AFTER_DOJI, below(CLOSE, PRIOR_LOW)),
                "after a doji the close is under its low",
                over(CLOSE, MEAN),
                "the close rises over the average of {mean_period} bars",
            ),
            confirm=Confirm(
                lately(says_yes("doji"), "signal_bars"),
                lately(says_yes("doji"), "signal_bars"),
                "a doji came within {signal_bars} bars",
                (),
            ),
        ),
        stop_atr=1.5,
        reward=2,
        hold=40,
    ),
)
