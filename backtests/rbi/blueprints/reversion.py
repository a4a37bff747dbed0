"""Reversion: what has gone too far comes back."""

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
    factor,
    lately,
    level,
    line,
    minus,
    over,
    plus,
    times,
    under,
)
from backtests.rbi.blueprints.shapes import Blueprint, Confirm, Plan, Rule

RSI = line("rsi", period="rsi_period")
UPPER, MIDDLE, LOWER = (
    line("bollinger", output, period="band_period", width="band_width") for output in ("upper", "middle", "lower")
)
STRETCH = line("zscore", period="mean_period")
QUICK_RSI = line("rsi", period="quick_rsi")
TREND, EXIT_MEAN = line("sma", period="trend_period"), line("sma", period="exit_period")
VWAP, ATR = line("vwap"), line("atr", period="range_period")
K, D = (line("stochastic", output, period="stoch_period", smooth_k="smooth_k", smooth_d="smooth_d") for output in "kd")
EMA = line("ema", period="mean_period")
CHOP = line("choppiness", period="chop_period")
TOP, CENTRE, BOTTOM = (line("donchian", output, period="range_bars") for output in ("upper", "middle", "lower"))
SUPPORT, PIVOT, RESISTANCE = line("pivot", "s1"), line("pivot", "pivot"), line("pivot", "r1")
CCI = line("cci", period="cci_period")
WILLIAMS = line("williams_r", period="williams_period")

BLUEPRINTS = (
    Blueprint(
        name="rsi_reversal",
        title="RSI reversal",
        family="reversion",
        thesis=(
            "After a one-sided run the last sellers have sold. When the RSI leaves its extreme the pressure has eased,"
            " and the price tends back to the middle; strong trends are where it fails."
        ),
        words=(
            "rsi oversold",
            "rsi overbought",
            "oversold bounce",
            "oversold",
            "overbought",
            "rsi reversal",
            "rsi mean reversion",
            "relative strength index",
            "rsi extremes",
            "rsi bounce",
        ),
        hints=("rsi", "reversal", "reversion"),
        plan=Plan(
            parameters={
                "rsi_period": bars(14, 2, 50, "Bars of the RSI"),
                "oversold": level(30, 5, 45, "RSI that is oversold"),
                "overbought": level(70, 55, 95, "RSI that is overbought"),
                "neutral": level(50, 40, 60, "RSI that is neutral"),
            },
            long=Rule(
                over(RSI, "oversold"),
                "the RSI({rsi_period}) comes back over {oversold}",
                over(RSI, "neutral"),
                "it reaches {neutral}",
            ),
            short=Rule(
                under(RSI, "overbought"),
                "the RSI({rsi_period}) falls back under {overbought}",
                under(RSI, "neutral"),
                "it reaches {neutral}",
            ),
            confirm=Confirm(
                lately(below(RSI, "oversold"), "signal_bars"),
                lately(above(RSI, "overbought"), "signal_bars"),
                "the RSI({rsi_period}) was below {oversold} (for shorts above {overbought}) within {signal_bars} bars",
                ("rsi_period", "oversold", "overbought"),
            ),
        ),
        stop_atr=2.5,
        hold=60,
    ),
    Blueprint(
        name="band_reversal",
        title="Bollinger band reversal",
        family="reversion",
        thesis=(
            "Two standard deviations from the mean is where few closes are. A close that comes back inside the band has"
            " failed to go on, and the mean is the natural target."
        ),
        words=(
            "bollinger reversion",
            "bollinger bounce",
            "bollinger band reversal",
            "bollinger band",
            "bollinger bands",
            "lower band",
            "upper band",
            "bollinger",
            "band bounce",
            "outside the bands",
            "bb reversal",
            "bbands",
        ),
        hints=("band", "bands", "bb", "reversion"),
        plan=Plan(
            parameters={
                "band_period": bars(20, 5, 100, "Bars of the bands"),
                "band_width": factor(2, 1, 4, "Width of the bands in standard deviations", 0.25),
            },
            long=Rule(
                over(CLOSE, LOWER),
                "the close comes back over the lower band ({band_period}, {band_width})",
                over(CLOSE, MIDDLE),
                "it reaches the middle band",
            ),
            short=Rule(
                under(CLOSE, UPPER),
                "the close falls back under the upper band ({band_period}, {band_width})",
                under(CLOSE, MIDDLE),
                "it reaches the middle band",
            ),
            confirm=Confirm(
                lately(below(LOW, LOWER), "signal_bars"),
                lately(above(HIGH, UPPER), "signal_bars"),
                "the price was beyond the band ({band_period}, {band_width}) within {signal_bars} bars",
                ("band_period", "band_width"),
            ),
        ),
        stop_atr=2.5,
        hold=60,
    ),
    Blueprint(
        name="mean_reversion",
        title="Return to the mean",
        family="reversion",
        thesis=(
            "The distance from the mean in its own standard deviations tells how unusual a price is. Unusual ones are"
            " faded and the trade ends at the mean; the stop is for the times when the mean moves to the price."
        ),
        words=(
            "mean reversion",
            "mean reverting",
            "mean revert",
            "revert to mean",
            "return to the mean",
            "zscore",
            "z score",
            "z-score",
            "statistical arbitrage",
            "stat arb",
            "standard deviations from mean",
            "fade extremes",
            "fade the move",
            "rubber band",
            "buy low sell high",
        ),
        hints=(
            "mean",
            "reversion",
            "revert",
            "reverting",
            "deviation",
            "fade",
            "contrarian",
            "counter trend",
            "countertrend",
        ),
        loosely=("statistical arbitrage", "stat arb"),
        loosely_says="One market is traded, against its own mean: no second one is held.",
        plan=Plan(
            parameters={
                "mean_period": bars(50, 10, 300, "Bars of the mean"),
                "stretch": factor(2, 1, 4, "Standard deviations that are too far", 0.25),
                "low_stretch": factor(-2, -4, -1, "Standard deviations below that are too far", 0.25),
                "settled": level(0, -1, 1, "Standard deviations that end the trade", 0.25),
            },
            long=Rule(
                under(STRETCH, "low_stretch"),
                "the close falls under {low_stretch} standard deviations from its mean of {mean_period} bars",
                at_least(STRETCH, "settled"),
                "it is back at {settled}",
            ),
            short=Rule(
                over(STRETCH, "stretch"),
                "the close rises over {stretch} standard deviations from its mean of {mean_period} bars",
                under(STRETCH, "settled"),
                "it is back at {settled}",
            ),
            confirm=Confirm(
                lately(below(STRETCH, "low_stretch"), "signal_bars"),
                lately(above(STRETCH, "stretch"), "signal_bars"),
                "the close was {stretch} standard deviations from its mean within {signal_bars} bars",
                ("mean_period", "stretch", "low_stretch"),
            ),
        ),
        stop_atr=3,
        hold=100,
    ),
    Blueprint(
        name="quick_dip",
        title="Quick RSI dip in a trend",
        family="reversion",
        thesis=(
            "An RSI of two or three bars measures days of panic, not trends. Buying them above the long average and"
            " selling the first strength is short-term reversion with the trend behind it."
        ),
        words=(
            "rsi 2",
            "rsi2",
            "rsi(2)",
            "connors",
            "connors rsi",
            "larry connors",
            "short term dip",
            "two period rsi",
            "2 period rsi",
            "quick dip",
        ),
        plan=Plan(
            parameters={
                "quick_rsi": bars(2, 2, 5, "Bars of the RSI"),
                "very_low": level(10, 1, 30, "RSI of a dip"),
                "very_high": level(90, 70, 99, "RSI of a spike"),
                "exit_period": bars(5, 2, 20, "Average that ends the trade"),
                "trend_period": bars(200, 30, 400, "Average that shows the trend"),
            },
            long=Rule(
                both(above(CLOSE, TREND), below(QUICK_RSI, "very_low")),
                "above the average of {trend_period} bars the RSI({quick_rsi}) falls under {very_low}",
                above(CLOSE, EXIT_MEAN),
                "the close is over its average of {exit_period} bars",
            ),
            short=Rule(
                both(below(CLOSE, TREND), above(QUICK_RSI, "very_high")),
                "below the average of {trend_period} bars the RSI({quick_rsi}) rises over {very_high}",
                below(CLOSE, EXIT_MEAN),
                "the close is under its average of {exit_period} bars",
            ),
            confirm=Confirm(
                lately(below(QUICK_RSI, "very_low"), "signal_bars"),
                lately(above(QUICK_RSI, "very_high"), "signal_bars"),
                "the RSI({quick_rsi}) was under {very_low} (for shorts over {very_high}) within {signal_bars} bars",
                ("quick_rsi", "very_low", "very_high"),
            ),
        ),
        stop_atr=3,
        hold=20,
    ),
    Blueprint(
        name="vwap_return",
        title="Return to the VWAP",
        family="reversion",
        thesis=(
            "Large orders are measured against the day's volume-weighted price, so their sellers wait above it and"
            " their buyers below. A price some true ranges away from it is pulled back."
        ),
        words=(
            "vwap reversion",
            "vwap bounce",
            "vwap mean reversion",
            "return to vwap",
            "vwap deviation",
            "stretched from vwap",
            "away from vwap",
            "vwap fade",
            "vwap",
        ),
        hints=("reversion", "intraday"),
        plan=Plan(
            parameters={
                "range_period": bars(14, 5, 50, "Bars of the average true range"),
                "distance": factor(2, 0.5, 6, "True ranges that are too far", 0.25),
            },
            long=Rule(
                under(CLOSE, minus(VWAP, times(ATR, "distance"))),
                "the close falls {distance} average true ranges below the day's VWAP",
                over(CLOSE, VWAP),
                "it is back at the VWAP",
            ),
            short=Rule(
                over(CLOSE, plus(VWAP, times(ATR, "distance"))),
                "the close rises {distance} average true ranges above the day's VWAP",
                under(CLOSE, VWAP),
                "it is back at the VWAP",
            ),
            confirm=Confirm(
                below(CLOSE, VWAP),
                above(CLOSE, VWAP),
                "the close is on the cheap side of the day's VWAP (below for longs, above for shorts)",
                (),
            ),
        ),
        stop_atr=2.5,
        hold=60,
    ),
    Blueprint(
        name="stochastic_turn",
        title="Stochastic turn",
        family="reversion",
        thesis=(
            "The close at the bottom of its range shows that sellers had the last word every time. When the quick line"
            " crosses the slow one down there, they no longer have."
        ),
        words=("stochastic", "stoch", "stochastics", "stochastic cross", "stochastic oversold", "slow stochastic"),
        hints=("oscillator", "k cross d"),
        plan=Plan(
            parameters={
                "stoch_period": bars(14, 5, 60, "Bars of the stochastic"),
                "smooth_k": bars(3, 1, 10, "Smoothing of %K"),
                "smooth_d": bars(3, 1, 10, "Bars of %D"),
                "low_zone": level(20, 5, 40, "Lower zone"),
                "high_zone": level(80, 60, 95, "Upper zone"),
            },
            long=Rule(
                both(over(K, D), below(D, "low_zone")),
                "%K({stoch_period}) crosses over %D below {low_zone}",
                above(K, "high_zone"),
                "%K is over {high_zone}",
            ),
            short=Rule(
                both(under(K, D), above(D, "high_zone")),
                "%K({stoch_period}) crosses under %D above {high_zone}",
                below(K, "low_zone"),
                "%K is under {low_zone}",
            ),
            confirm=Confirm(
                lately(below(K, "low_zone"), "signal_bars"),
                lately(above(K, "high_zone"), "signal_bars"),
                "%K({stoch_period}) was below {low_zone} (for shorts above {high_zone}) within {signal_bars} bars",
                ("stoch_period", "smooth_k", "smooth_d", "low_zone", "high_zone"),
            ),
        ),
        hold=60,
    ),
    Blueprint(
        name="overextension",
        title="Stretch from the average",
        family="reversion",
        thesis=(
            "A price many true ranges from its average has run ahead of everyone who trades by it. The stretch is faded"
            " once the bar closes back towards the average."
        ),
        words=(
            "fade the pump",
            "short the pump",
            "sell the pump",
            "parabolic short",
            "overextended",
            "overextension",
            "over extended",
            "extended from ema",
            "stretched",
            "parabolic move",
            "blow off top",
            "exhaustion move",
            "far from moving average",
            "distance from ema",
            "snap back",
            "dump bounce",
            "drop bounce",
            "crash bounce",
            "fall bounce",
            "goes too far",
            "went too far",
            "moved too far",
            "bounces right after",
        ),
        hints=("extended", "exhausted"),
        plan=Plan(
            parameters={
                "mean_period": bars(20, 5, 100, "Average"),
                "range_period": bars(14, 5, 50, "Bars of the average true range"),
                "distance": factor(2, 1, 8, "True ranges that are too far", 0.25),
            },
            long=Rule(
                over(CLOSE, minus(EMA, times(ATR, "distance"))),
                "the close comes back to within {distance} true ranges below its average of {mean_period} bars",
                over(CLOSE, EMA),
                "it reaches the average",
            ),
            short=Rule(
                under(CLOSE, plus(EMA, times(ATR, "distance"))),
                "the close comes back to within {distance} true ranges above its average of {mean_period} bars",
                under(CLOSE, EMA),
                "it reaches the average",
            ),
            confirm=Confirm(
                lately(below(LOW, minus(EMA, times(ATR, "distance"))), "signal_bars"),
                lately(above(HIGH, plus(EMA, times(ATR, "distance"))), "signal_bars"),
                "the price was {distance} true ranges from its average of {mean_period} bars within {signal_bars} bars",
                ("mean_period", "range_period", "distance"),
            ),
        ),
        stop_atr=2.5,
        hold=60,
    ),
    Blueprint(
        name="range_fade",
        title="Edges of a sideways range",
        family="reversion",
        thesis=(
            "In a market without a direction the edges of the range are where orders wait. Near the bottom is bought"
            " and near the top is sold, only while the choppiness says that there is no trend."
        ),
        words=(
            "range trading",
            "range bound",
            "rangebound",
            "sideways market",
            "sideways",
            "ranging market",
            "trading range",
            "support and resistance",
            "buy support",
            "support resistance",
            "choppy market",
            "choppiness",
            "grid trading",
            "grid",
            "supply and demand",
            "channel trading",
        ),
        hints=("support", "resistance", "range", "ranging", "choppy", "chop", "supply", "demand"),
        loosely=("grid", "grid trading", "supply and demand"),
        loosely_says="One position is held at a time: the edges of the range are traded, no ladder of orders is laid.",
        plan=Plan(
            parameters={
                "range_bars": bars(40, 10, 200, "Bars of the range"),
                "chop_period": bars(14, 7, 60, "Bars of the choppiness"),
                "choppy": level(50, 38, 70, "Choppiness of a sideways market"),
                "edge_period": bars(14, 5, 50, "Bars of the average true range"),
                "edge": factor(0.5, 0.1, 2, "True ranges that are near the edge", 0.1),
            },
            long=Rule(
                both(
                    above(CHOP, "choppy"),
                    below(LOW, plus(BOTTOM, times(line("atr", period="edge_period"), "edge"))),
                    above(CLOSE, BOTTOM),
                ),
                "with a choppiness over {choppy} the price is within {edge} true ranges of the {range_bars}-bar low",
                over(CLOSE, CENTRE),
                "it reaches the middle of the range",
            ),
            short=Rule(
                both(
                    above(CHOP, "choppy"),
                    above(HIGH, minus(TOP, times(line("atr", period="edge_period"), "edge"))),
                    below(CLOSE, TOP),
                ),
                "with a choppiness over {choppy} the price is within {edge} true ranges of the {range_bars}-bar high",
                under(CLOSE, CENTRE),
                "it reaches the middle of the range",
            ),
            confirm=Confirm(
                above(CHOP, "choppy"),
                above(CHOP, "choppy"),
                "the choppiness of {chop_period} bars is above {choppy}, that is the market goes sideways",
                ("chop_period", "choppy"),
            ),
        ),
        hold=80,
    ),
    Blueprint(
        name="pivot_bounce",
        title="Bounce from a pivot",
        family="reversion",
        thesis=(
            "The floor's pivots are computed by everyone in the same way, so orders lie there. A dip under the first"
            " support that closes back above it has found them."
        ),
        words=(
            "pivot",
            "pivots",
            "pivot point",
            "pivot points",
            "floor pivots",
            "daily pivot",
            "s1 bounce",
            "pivot bounce",
        ),
        hints=("s1", "r1", "levels"),
        plan=Plan(
            parameters={},
            long=Rule(
                both(below(LOW, SUPPORT), above(CLOSE, SUPPORT)),
                "the low is under the first support and the close above it",
                over(CLOSE, PIVOT),
                "the close reaches the pivot",
            ),
            short=Rule(
                both(above(HIGH, RESISTANCE), below(CLOSE, RESISTANCE)),
                "the high is over the first resistance and the close below it",
                under(CLOSE, PIVOT),
                "the close reaches the pivot",
            ),
            confirm=Confirm(
                above(CLOSE, PIVOT), below(CLOSE, PIVOT), "the close is on the trade's side of the day's pivot", ()
            ),
        ),
        hold=96,
    ),
    Blueprint(
        name="cci_reversal",
        title="CCI reversal",
        family="reversion",
        thesis=(
            "The CCI measures the distance from the mean in usual distances. Beyond 100 it is unusual, and the way back"
            " inside is traded."
        ),
        words=("cci", "commodity channel index", "cci reversal", "cci oversold"),
        plan=Plan(
            parameters={
                "cci_period": bars(20, 5, 100, "Bars of the CCI"),
                "low_cci": level(-100, -250, -50, "CCI that is low", 10),
                "high_cci": level(100, 50, 250, "CCI that is high", 10),
                "middle_cci": level(0, -50, 50, "CCI that ends the trade", 10),
            },
            long=Rule(
                over(CCI, "low_cci"),
                "the CCI({cci_period}) comes back over {low_cci}",
                over(CCI, "middle_cci"),
                "it reaches {middle_cci}",
            ),
            short=Rule(
                under(CCI, "high_cci"),
                "the CCI({cci_period}) falls back under {high_cci}",
                under(CCI, "middle_cci"),
                "it reaches {middle_cci}",
            ),
            confirm=Confirm(
                lately(below(CCI, "low_cci"), "signal_bars"),
                lately(above(CCI, "high_cci"), "signal_bars"),
                "the CCI({cci_period}) was under {low_cci} (for shorts over {high_cci}) within {signal_bars} bars",
                ("cci_period", "low_cci", "high_cci"),
            ),
        ),
        hold=60,
    ),
    Blueprint(
        name="williams_reversal",
        title="Williams %R reversal",
        family="reversion",
        thesis=(
            "Williams %R tells where the close lies in the range of the last bars. A close that leaves the lowest tenth"
            " again has found buyers there."
        ),
        words=("williams %r", "williams r", "williams percent r", "willr", "wpr"),
        plan=Plan(
            parameters={
                "williams_period": bars(14, 5, 100, "Bars of Williams %R"),
                "low_williams": level(-80, -98, -60, "%R that is low"),
                "high_williams": level(-20, -40, -2, "%R that is high"),
            },
            long=Rule(
                over(WILLIAMS, "low_williams"),
                "Williams %R({williams_period}) comes back over {low_williams}",
                over(WILLIAMS, "high_williams"),
                "it reaches {high_williams}",
            ),
            short=Rule(
                under(WILLIAMS, "high_williams"),
                "Williams %R({williams_period}) falls back under {high_williams}",
                under(WILLIAMS, "low_williams"),
                "it reaches {low_williams}",
            ),
            confirm=Confirm(
                lately(below(WILLIAMS, "low_williams"), "signal_bars"),
                lately(above(WILLIAMS, "high_williams"), "signal_bars"),
                "Williams %R({williams_period}) was under {low_williams} (for shorts over {high_williams}) within"
                " {signal_bars} bars",
                ("williams_period", "low_williams", "high_williams"),
            ),
        ),
        hold=60,
    ),
)
