"""Trend: what goes one way tends to go on."""

from __future__ import annotations

from backtests.rbi.blueprints.parts import (
    CLOSE,
    HIGH,
    LOW,
    ZERO,
    above,
    bars,
    below,
    both,
    factor,
    level,
    line,
    over,
    under,
    zero,
)
from backtests.rbi.blueprints.shapes import Blueprint, Confirm, Plan, Rule

FAST, SLOW = line("sma", period="fast"), line("sma", period="slow")
QUICK = line("ema", period="quick")
TREND = line("sma", period="trend_period")
RIBBON = [line("ema", period=name) for name in ("short_ema", "middle_ema", "long_ema")]
WAY = line("supertrend", "way", period="supertrend_period", width="supertrend_width")
ADX, PLUS, MINUS = (line("adx", output, period="adx_period") for output in ("line", "plus", "minus"))
CONVERSION, BASE_LINE, SPAN_A, SPAN_B = (
    line("ichimoku", output, conversion="conversion", base="base_line", span="cloud_span")
    for output in ("conversion", "base", "span_a", "span_b")
)
DOTS = line("sar", step="sar_step", most="sar_most")
HA_OPEN, HA_CLOSE = line("heikin_ashi", "open"), line("heikin_ashi", "close")
UP, DOWN = line("aroon", "up", period="aroon_period"), line("aroon", "down", period="aroon_period")
KAMA = line("kama", period="kama_period")

BLUEPRINTS = (
    Blueprint(
        name="average_cross",
        title="Moving-average cross",
        family="trend",
        thesis=(
            "A quick average over a slow one says that lately people pay more than they used to. Such phases last"
            " longer than they should if prices were a coin toss; many small losses in quiet markets pay for few large"
            " gains."
        ),
        words=(
            "moving average cross",
            "ma crossover",
            "ma cross",
            "golden cross",
            "death cross",
            "sma crossover",
            "ema crossover",
            "ema cross",
            "sma cross",
            "dual moving average",
            "two moving averages",
            "averages cross",
            "fast and slow average",
        ),
        hints=("moving average", "sma", "ema", "crossover", "average", "ma", "wma", "hma"),
        plan=Plan(
            parameters={
                "fast": bars(20, 2, 100, "Fast average"),
                "slow": bars(50, 5, 400, "Slow average"),
            },
            long=Rule(
                over(FAST, SLOW),
                "the average of {fast} bars crosses over that of {slow}",
                under(FAST, SLOW),
                "it crosses back under",
            ),
            short=Rule(
                under(FAST, SLOW),
                "the average of {fast} bars crosses under that of {slow}",
                over(FAST, SLOW),
                "it crosses back over",
            ),
            confirm=Confirm(
                above(FAST, SLOW),
                below(FAST, SLOW),
                "the average of {fast} bars is on the trade's side of that of {slow}",
                ("fast", "slow"),
            ),
        ),
        stop_atr=3,
    ),
    Blueprint(
        name="trend_pullback",
        title="Pullback in a trend",
        family="trend",
        thesis=(
            "In a trend those who missed it wait for a better price. A dip to the short average that turns again"
            " joins the trend at a near stop, instead of buying it where it is dearest."
        ),
        words=(
            "dead cat bounce",
            "pullback",
            "pull back",
            "buy the dip",
            "dip buying",
            "buy dips",
            "dips in uptrend",
            "sell the rally",
            "retracement",
            "fib retracement",
            "fibonacci",
            "retrace",
            "bounce off ema",
            "ema bounce",
            "bounce off moving average",
            "golden zone",
        ),
        hints=("dip", "dips", "uptrend", "downtrend", "bounce"),
        loosely=("fib retracement", "fibonacci", "golden zone"),
        loosely_says="Fibonacci levels are not drawn: the way back to an average within the trend is computed.",
        plan=Plan(
            parameters={
                "quick": bars(20, 5, 100, "Average that the price falls back to"),
                "trend_period": bars(100, 30, 400, "Average that shows the trend"),
            },
            long=Rule(
                both(above(CLOSE, TREND), over(CLOSE, QUICK)),
                "above the average of {trend_period} bars the close comes back over the one of {quick}",
                under(CLOSE, TREND),
                "the close falls under the average of {trend_period}",
            ),
            short=Rule(
                both(below(CLOSE, TREND), under(CLOSE, QUICK)),
                "below the average of {trend_period} bars the close falls back under the one of {quick}",
                over(CLOSE, TREND),
                "the close rises over the average of {trend_period}",
            ),
            confirm=Confirm(
                both(above(CLOSE, TREND), below(LOW, QUICK)),
                both(below(CLOSE, TREND), above(HIGH, QUICK)),
                "the price has come back to the average of {quick} on the trend's side of that of {trend_period}",
                ("quick", "trend_period"),
            ),
        ),
        reward=2.5,
    ),
    Blueprint(
        name="long_average",
        title="Trend of a long average",
        family="trend",
        thesis=(
            "The oldest rule for large moves: be in while the price stands over its average of many days and out"
            " below it. It misses the first and the last part of a move and most of the crashes."
        ),
        words=(
            "trend following",
            "trend follow",
            "follow the trend",
            "ride the trend",
            "price above moving average",
            "above the 200",
            "200 day moving average",
            "200 sma",
            "200 ema",
            "200ma",
            "long term trend",
            "trend rider",
            "ride big moves",
            "ride the move",
            "catch big moves",
            "big trends",
            "ride the wave",
            "ride the waves",
            "let it run",
            "keeps going up",
            "clearly going up",
            "going up stay in",
            "stay in the trend",
            "faber",
        ),
        hints=("trend", "trending", "200", "long term"),
        plan=Plan(
            parameters={"trend_period": bars(200, 30, 500, "Long average")},
            long=Rule(
                over(CLOSE, TREND),
                "the close crosses over its average of {trend_period} bars",
                under(CLOSE, TREND),
                "it crosses back under",
            ),
            short=Rule(
                under(CLOSE, TREND),
                "the close crosses under its average of {trend_period} bars",
                over(CLOSE, TREND),
                "it crosses back over",
            ),
            confirm=Confirm(
                above(CLOSE, TREND),
                below(CLOSE, TREND),
                "the close is on the trade's side of its average of {trend_period} bars",
                ("trend_period",),
            ),
        ),
        stop_atr=4,
    ),
    Blueprint(
        name="supertrend",
        title="Supertrend flip",
        family="trend",
        thesis=(
            "A line of some true ranges behind the price turns only when a move is larger than the usual noise. The"
            " flip is both the way out of one trade and the way into the next."
        ),
        words=("supertrend", "super trend", "supertrend flip", "trend flip", "atr trend"),
        plan=Plan(
            parameters={
                "supertrend_period": bars(10, 5, 50, "Bars of the Supertrend's range"),
                "supertrend_width": factor(3, 1, 8, "Width of the Supertrend", 0.25),
                **zero(),
            },
            long=Rule(
                over(WAY, ZERO),
                "the Supertrend({supertrend_period}, {supertrend_width}) turns up",
                under(WAY, ZERO),
                "it turns down",
            ),
            short=Rule(
                under(WAY, ZERO),
                "the Supertrend({supertrend_period}, {supertrend_width}) turns down",
                over(WAY, ZERO),
                "it turns up",
            ),
            confirm=Confirm(
                above(WAY, ZERO),
                below(WAY, ZERO),
                "the Supertrend({supertrend_period}, {supertrend_width}) points the trade's way",
                ("supertrend_period", "supertrend_width", "zero"),
            ),
        ),
        stop_atr=3,
    ),
    Blueprint(
        name="directional_strength",
        title="Directional strength",
        family="trend",
        thesis=(
            "The directional lines tell which way, the ADX whether there is a way at all. Trades are taken only where"
            " moves have been large and one-sided."
        ),
        words=("adx", "dmi", "directional movement", "directional index", "strong trend", "trend strength", "di cross"),
        hints=("strong", "strength", "di"),
        plan=Plan(
            parameters={
                "adx_period": bars(14, 5, 50, "Bars of the ADX"),
                "strong": level(20, 10, 50, "ADX of a trend"),
            },
            long=Rule(
                both(over(PLUS, MINUS), above(ADX, "strong")),
                "+DI crosses over -DI with the ADX({adx_period}) above {strong}",
                under(PLUS, MINUS),
                "+DI crosses back under -DI",
            ),
            short=Rule(
                both(under(PLUS, MINUS), above(ADX, "strong")),
                "-DI crosses over +DI with the ADX({adx_period}) above {strong}",
                over(PLUS, MINUS),
                "-DI crosses back under +DI",
            ),
            confirm=Confirm(
                above(ADX, "strong"),
                above(ADX, "strong"),
                "the ADX({adx_period}) is above {strong}",
                ("adx_period", "strong"),
            ),
        ),
        stop_atr=2.5,
    ),
    Blueprint(
        name="ichimoku_cloud",
        title="Ichimoku cloud",
        family="trend",
        thesis=(
            "The cloud is where the market stood one and two months ago, drawn ahead. Outside of it old holders are in"
            " profit or in loss together; a cross of the two lines on the right side of it goes with them."
        ),
        words=("ichimoku", "kumo", "cloud breakout", "ichimoku cloud", "tenkan kijun", "tk cross", "tenkan", "kijun"),
        hints=("cloud",),
        plan=Plan(
            parameters={
                "conversion": bars(9, 5, 30, "Conversion line"),
                "base_line": bars(26, 10, 80, "Base line"),
                "cloud_span": bars(52, 20, 160, "Span B of the cloud"),
            },
            long=Rule(
                both(above(CLOSE, SPAN_A), above(CLOSE, SPAN_B), over(CONVERSION, BASE_LINE)),
                "above the cloud the conversion line of {conversion} bars crosses over the base line of {base_line}",
                under(CLOSE, BASE_LINE),
                "the close falls under the base line",
            ),
            short=Rule(
                both(below(CLOSE, SPAN_A), below(CLOSE, SPAN_B), under(CONVERSION, BASE_LINE)),
                "below the cloud the conversion line of {conversion} bars crosses under the base line of {base_line}",
                over(CLOSE, BASE_LINE),
                "the close rises over the base line",
            ),
            confirm=Confirm(
                both(above(CLOSE, SPAN_A), above(CLOSE, SPAN_B)),
                both(below(CLOSE, SPAN_A), below(CLOSE, SPAN_B)),
                "the close is beyond the cloud ({conversion}, {base_line}, {cloud_span}) on the trade's side",
                ("conversion", "base_line", "cloud_span"),
            ),
        ),
        stop_atr=3,
    ),
    Blueprint(
        name="parabolic_stop",
        title="Parabolic stop and reverse",
        family="trend",
        thesis=(
            "Dots follow the price ever faster the longer a move goes on. When the price touches them the move has"
            " stalled, and the other side is taken."
        ),
        words=("parabolic sar", "psar", "sar", "parabolic stop", "stop and reverse", "sar dots"),
        hints=("parabolic",),
        plan=Plan(
            parameters={
                "sar_step": factor(0.02, 0.005, 0.1, "Step of the dots", 0.005),
                "sar_most": factor(0.2, 0.05, 0.5, "Fastest step", 0.05),
            },
            long=Rule(
                over(CLOSE, DOTS), "the close crosses over the dots", under(CLOSE, DOTS), "it crosses back under"
            ),
            short=Rule(
                under(CLOSE, DOTS), "the close crosses under the dots", over(CLOSE, DOTS), "it crosses back over"
            ),
            confirm=Confirm(
                above(CLOSE, DOTS),
                below(CLOSE, DOTS),
                "the close is on the trade's side of the parabolic dots",
                ("sar_step", "sar_most"),
            ),
        ),
        stop_atr=3,
    ),
    Blueprint(
        name="average_ribbon",
        title="Ribbon of averages",
        family="trend",
        thesis=(
            "Three averages in order say that the short, the middle and the long view agree. The trade is taken when"
            " they have just fallen into order and given up when the quick one leaves it."
        ),
        words=(
            "ema ribbon",
            "ma ribbon",
            "ribbon",
            "guppy",
            "gmma",
            "triple moving average",
            "three moving averages",
            "3 ema",
            "triple ema",
            "stacked emas",
            "ema stack",
            "alligator",
            "fanning averages",
        ),
        hints=("stacked", "emas"),
        plan=Plan(
            parameters={
                "short_ema": bars(8, 3, 40, "Short average"),
                "middle_ema": bars(21, 8, 90, "Middle average"),
                "long_ema": bars(55, 20, 250, "Long average"),
            },
            long=Rule(
                both(over(RIBBON[0], RIBBON[1]), above(RIBBON[1], RIBBON[2])),
                "the EMA of {short_ema} crosses over that of {middle_ema}, which is above that of {long_ema}",
                under(RIBBON[0], RIBBON[1]),
                "the short one crosses back under the middle one",
            ),
            short=Rule(
                both(under(RIBBON[0], RIBBON[1]), below(RIBBON[1], RIBBON[2])),
                "the EMA of {short_ema} crosses under that of {middle_ema}, which is below that of {long_ema}",
                over(RIBBON[0], RIBBON[1]),
                "the short one crosses back over the middle one",
            ),
            confirm=Confirm(
                both(above(RIBBON[0], RIBBON[1]), above(RIBBON[1], RIBBON[2])),
                both(below(RIBBON[0], RIBBON[1]), below(RIBBON[1], RIBBON[2])),
                "the averages of {short_ema}, {middle_ema} and {long_ema} bars are in the trade's order",
                ("short_ema", "middle_ema", "long_ema"),
            ),
        ),
        stop_atr=2.5,
    ),
    Blueprint(
        name="heikin_ashi_trend",
        title="Heikin-Ashi turn",
        family="trend",
        thesis=(
            "Averaged candles change colour seldom. A change on the trend's side of a long average is taken, and the"
            " next change ends the trade."
        ),
        words=("heikin ashi", "heiken ashi", "heikinashi", "ha candles", "smoothed candles", "averaged candles"),
        hints=("ha",),
        plan=Plan(
            parameters={"trend_period": bars(100, 20, 400, "Average that shows the trend")},
            long=Rule(
                both(over(HA_CLOSE, HA_OPEN), above(CLOSE, TREND)),
                "the Heikin-Ashi candles turn green above the average of {trend_period} bars",
                under(HA_CLOSE, HA_OPEN),
                "they turn red",
            ),
            short=Rule(
                both(under(HA_CLOSE, HA_OPEN), below(CLOSE, TREND)),
                "the Heikin-Ashi candles turn red below the average of {trend_period} bars",
                over(HA_CLOSE, HA_OPEN),
                "they turn green",
            ),
            confirm=Confirm(
                above(HA_CLOSE, HA_OPEN), below(HA_CLOSE, HA_OPEN), "the Heikin-Ashi candle has the trade's colour", ()
            ),
        ),
    ),
    Blueprint(
        name="aroon_trend",
        title="Fresh highs by Aroon",
        family="trend",
        thesis=(
            "Where the highest high is fresh and the lowest low is old, buyers lead. The cross of the two ages is an"
            " early sign that the lead has changed."
        ),
        words=(
            "higher highs",
            "higher lows",
            "lower highs",
            "lower lows",
            "aroon",
            "aroon cross",
            "aroon oscillator",
            "age of highs",
        ),
        plan=Plan(
            parameters={
                "aroon_period": bars(25, 10, 100, "Bars of Aroon"),
                "fresh": level(70, 50, 95, "Aroon of a fresh extreme", 5),
            },
            long=Rule(
                both(above(UP, "fresh"), over(UP, DOWN)),
                "Aroon up({aroon_period}) crosses over Aroon down and stands above {fresh}",
                under(UP, DOWN),
                "it crosses back under",
            ),
            short=Rule(
                both(above(DOWN, "fresh"), over(DOWN, UP)),
                "Aroon down({aroon_period}) crosses over Aroon up and stands above {fresh}",
                under(DOWN, UP),
                "it crosses back under",
            ),
            confirm=Confirm(
                above(UP, DOWN), above(DOWN, UP), "Aroon({aroon_period}) leads the trade's way", ("aroon_period",)
            ),
        ),
        stop_atr=2.5,
    ),
    Blueprint(
        name="adaptive_average",
        title="Adaptive average",
        family="trend",
        thesis=(
            "An average that slows down in noise and hurries in straight moves is crossed less often for nothing than"
            " one of fixed length."
        ),
        words=("kama", "adaptive moving average", "kaufman", "adaptive average", "efficiency ratio"),
        hints=("adaptive",),
        plan=Plan(
            parameters={"kama_period": bars(20, 5, 100, "Bars of the adaptive average")},
            long=Rule(
                over(CLOSE, KAMA),
                "the close crosses over the adaptive average of {kama_period} bars",
                under(CLOSE, KAMA),
                "it crosses back under",
            ),
            short=Rule(
                under(CLOSE, KAMA),
                "the close crosses under the adaptive average of {kama_period} bars",
                over(CLOSE, KAMA),
                "it crosses back over",
            ),
            confirm=Confirm(
                above(CLOSE, KAMA),
                below(CLOSE, KAMA),
                "the close is on the trade's side of the adaptive average of {kama_period} bars",
                ("kama_period",),
            ),
        ),
        stop_atr=2.5,
    ),
)
