"""Volatility: quiet times and wild ones follow each other."""

from __future__ import annotations

from backtests.rbi.blueprints.parts import (
    CLOSE,
    OPEN,
    RANGE,
    above,
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

BAND_TOP, BAND_MIDDLE, BAND_BOTTOM = (
    line("bollinger", output, period="squeeze_bars", width="band_width") for output in ("upper", "middle", "lower")
)
KELTNER_TOP, KELTNER_BOTTOM = (
    line("keltner", output, period="squeeze_bars", atr_period="squeeze_bars", width="keltner_width")
    for output in ("upper", "lower")
)
SQUEEZED = both(below(BAND_TOP, KELTNER_TOP), above(BAND_BOTTOM, KELTNER_BOTTOM))
ATR = line("atr", period="range_period")
USUAL = line("atr", period="range_period", ago=1)
TOP, MIDDLE, BOTTOM = (
    line("keltner", output, period="channel_period", atr_period="range_period", width="channel_width")
    for output in ("upper", "middle", "lower")
)
RANK = line("percent_rank", of=line("atr_percent", period="range_period"), period="rank_bars")
MEAN = line("ema", period="mean_period")

BLUEPRINTS = (
    Blueprint(
        name="squeeze",
        title="Squeeze",
        family="volatility",
        thesis=(
            "Bollinger bands inside the Keltner channel mean that closes vary less than bars do: the market is wound"
            " up. The first close beyond a band after it tells the side of the release."
        ),
        words=(
            "squeeze",
            "bollinger squeeze",
            "ttm squeeze",
            "volatility squeeze",
            "band squeeze",
            "squeeze momentum",
            "squeeze breakout",
            "calm before the storm",
            "quiet before the storm",
            "storm",
            "barely moves",
            "hardly moves",
            "coiled spring",
            "quiet then explodes",
            "pressure builds",
            "bb squeeze",
            "bollinger inside keltner",
            "bollinger breakout",
            "bollinger band breakout",
            "band breakout",
            "bb breakout",
        ),
        loosely=("bollinger breakout", "bollinger band breakout", "band breakout", "bb breakout"),
        loosely_says="Only a break after a squeeze is taken. For every one state the rule: close above the upper band.",
        hints=("bollinger", "compression", "compressed"),
        plan=Plan(
            parameters={
                "squeeze_bars": bars(20, 10, 60, "Bars of both channels"),
                "band_width": factor(2, 1, 3, "Width of the Bollinger bands", 0.25),
                "keltner_width": factor(1.5, 1, 3, "Width of the Keltner channel", 0.25),
                "release_bars": bars(8, 1, 30, "Bars since the squeeze"),
            },
            long=Rule(
                both(lately(SQUEEZED, "release_bars"), over(CLOSE, BAND_TOP)),
                "within {release_bars} bars of a squeeze of {squeeze_bars} bars the close leaves the upper band",
                under(CLOSE, BAND_MIDDLE),
                "it falls under the middle band",
            ),
            short=Rule(
                both(lately(SQUEEZED, "release_bars"), under(CLOSE, BAND_BOTTOM)),
                "within {release_bars} bars of a squeeze of {squeeze_bars} bars the close leaves the lower band",
                over(CLOSE, BAND_MIDDLE),
                "it rises over the middle band",
            ),
            confirm=Confirm(
                lately(SQUEEZED, "signal_bars"),
                lately(SQUEEZED, "signal_bars"),
                "the Bollinger bands were inside the Keltner channel within {signal_bars} bars",
                ("squeeze_bars", "band_width", "keltner_width"),
            ),
        ),
    ),
    Blueprint(
        name="range_expansion",
        title="Range expansion",
        family="volatility",
        thesis=(
            "A bar far larger than usual is made by someone in a hurry, and orders of that size are not done in one"
            " bar. The next bars tend to go the same way."
        ),
        words=(
            "range expansion",
            "volatility expansion",
            "volatility breakout",
            "atr breakout",
            "atr expansion",
            "big candle",
            "large candle",
            "wide range bar",
            "expansion bar",
            "momentum candle",
            "explosive move",
            "explosive",
            "displacement",
            "impulse",
            "marubozu",
        ),
        hints=("expansion", "atr", "volatility", "volatile", "large", "big move", "high volatility"),
        plan=Plan(
            parameters={
                "range_period": bars(14, 5, 60, "Bars of the average true range"),
                "expansion": factor(1.5, 1, 5, "Body of the bar in true ranges"),
                "mean_period": bars(20, 5, 100, "Average that ends the trade"),
            },
            long=Rule(
                above(minus(CLOSE, OPEN), times(USUAL, "expansion")),
                "a green body is larger than {expansion} average true ranges of {range_period} bars",
                under(CLOSE, MEAN),
                "the close falls under its average of {mean_period} bars",
            ),
            short=Rule(
                above(minus(OPEN, CLOSE), times(USUAL, "expansion")),
                "a red body is larger than {expansion} average true ranges of {range_period} bars",
                over(CLOSE, MEAN),
                "the close rises over its average of {mean_period} bars",
            ),
            confirm=Confirm(
                lately(above(RANGE, times(USUAL, "expansion")), "signal_bars"),
                lately(above(RANGE, times(USUAL, "expansion")), "signal_bars"),
                "a bar's range was over {expansion} average true ranges within {signal_bars} bars",
                ("range_period", "expansion"),
            ),
        ),
        hold=60,
    ),
    Blueprint(
        name="keltner_breakout",
        title="Keltner breakout",
        family="volatility",
        thesis=(
            "A close beyond a channel of true ranges has gone further than noise goes. It is followed until the price"
            " is back at the channel's middle."
        ),
        words=(
            "keltner",
            "keltner channel",
            "keltner breakout",
            "atr channel",
            "atr bands",
            "starc",
            "volatility channel",
        ),
        hints=("channel",),
        plan=Plan(
            parameters={
                "channel_period": bars(20, 5, 100, "Bars of the channel's middle"),
                "range_period": bars(10, 5, 60, "Bars of the average true range"),
                "channel_width": factor(1.5, 0.5, 4, "Width in true ranges", 0.25),
            },
            long=Rule(
                over(CLOSE, TOP),
                "the close crosses over the upper line ({channel_period}, {channel_width})",
                under(CLOSE, MIDDLE),
                "it falls under the middle",
            ),
            short=Rule(
                under(CLOSE, BOTTOM),
                "the close crosses under the lower line ({channel_period}, {channel_width})",
                over(CLOSE, MIDDLE),
                "it rises over the middle",
            ),
            confirm=Confirm(
                above(CLOSE, MIDDLE),
                below(CLOSE, MIDDLE),
                "the close is on the trade's side of the Keltner channel's middle",
                ("channel_period", "range_period", "channel_width"),
            ),
        ),
    ),
    Blueprint(
        name="calm_trend",
        title="Trend in calm markets",
        family="volatility",
        thesis=(
            "Trends that climb quietly last longer than those that jump, since nobody is shaken out of them. The"
            " average is followed only while the true range is low for its own history."
        ),
        words=(
            "low vol regime",
            "vol regime",
            "low volatility",
            "calm market",
            "quiet market",
            "low vol",
            "volatility filter",
            "volatility regime",
            "regime filter",
            "regime",
            "low atr",
            "quiet trend",
        ),
        hints=("calm", "quiet", "volatility"),
        plan=Plan(
            parameters={
                "mean_period": bars(30, 5, 200, "Average that is followed"),
                "range_period": bars(14, 5, 60, "Bars of the average true range"),
                "rank_bars": bars(100, 30, 500, "Bars to compare it with"),
                "calm": level(50, 10, 80, "Percent of true ranges that were lower", 5),
            },
            long=Rule(
                both(over(CLOSE, MEAN), below(RANK, "calm")),
                "the close crosses over its average of {mean_period} bars with a true range in the lower {calm} %",
                under(CLOSE, MEAN),
                "it crosses back under",
            ),
            short=Rule(
                both(under(CLOSE, MEAN), below(RANK, "calm")),
                "the close crosses under its average of {mean_period} bars with a true range in the lower {calm} %",
                over(CLOSE, MEAN),
                "it crosses back over",
            ),
            confirm=Confirm(
                below(RANK, "calm"),
                below(RANK, "calm"),
                "the true range is in the lower {calm} % of the last {rank_bars} bars",
                ("range_period", "rank_bars", "calm"),
            ),
        ),
        stop_atr=3,
    ),
    Blueprint(
        name="panic_fade",
        title="Fade of a panic",
        family="volatility",
        thesis=(
            "Volatility returns to its usual height sooner than it rose. A price far below its average while the true"
            " range is near its highest is a panic, and is bought for the recovery."
        ),
        words=(
            "big red candle",
            "panic",
            "crash",
            "crash buying",
            "buy the crash",
            "flash crash",
            "volatility spike",
            "vix spike",
            "fear",
            "buy fear",
            "buy the blood",
            "blood in the streets",
            "extreme fear",
            "volatility mean reversion",
            "dump",
            "buy the dump",
            "crash recovery",
        ),
        hints=("spike", "plunge", "sell off", "selloff", "greed", "euphoria", "euphoric"),
        loosely=("vix spike", "extreme fear", "fear"),
        loosely_says="No index of fear is read: the true range near its highest stands in for it.",
        plan=Plan(
            parameters={
                "mean_period": bars(20, 5, 100, "Average"),
                "range_period": bars(7, 3, 60, "Bars of the average true range"),
                "rank_bars": bars(100, 30, 500, "Bars to compare it with"),
                "wild": level(80, 50, 99, "Percent of true ranges that were lower", 5),
                "distance": factor(1.5, 0.5, 5, "True ranges from the average", 0.25),
            },
            long=Rule(
                both(above(RANK, "wild"), over(CLOSE, minus(MEAN, times(ATR, "distance")))),
                "with a true range in the top of its history (over {wild} %) the close comes back to within"
                " {distance} true ranges below its average of {mean_period} bars",
                over(CLOSE, MEAN),
                "it is back at the average",
            ),
            short=Rule(
                both(above(RANK, "wild"), under(CLOSE, plus(MEAN, times(ATR, "distance")))),
                "with a true range in the top of its history (over {wild} %) the close comes back to within"
                " {distance} true ranges above its average of {mean_period} bars",
                under(CLOSE, MEAN),
                "it is back at the average",
            ),
            confirm=Confirm(
                above(RANK, "wild"),
                above(RANK, "wild"),
                "the true range is higher than in {wild} % of the last {rank_bars} bars",
                ("range_period", "rank_bars", "wild"),
            ),
        ),
        stop_atr=3,
        hold=60,
    ),
    Blueprint(
        name="chandelier",
        title="Chandelier trend",
        family="volatility",
        thesis=(
            "The stop hangs some true ranges from the best price like a chandelier from the ceiling. A new extreme"
            " opens the trade, the stop alone closes it, so that gains run."
        ),
        words=(
            "chandelier",
            "chandelier exit",
            "trailing stop",
            "atr trailing stop",
            "volatility stop",
            "let winners run",
            "trailing atr",
            "vstop",
        ),
        hints=("trailing", "trail"),
        plan=Plan(
            parameters={"chandelier_bars": bars(22, 5, 100, "Bars of the extreme")},
            long=Rule(
                over(CLOSE, line("highest", period="chandelier_bars", ago=1)),
                "the close crosses over the highest high of {chandelier_bars} bars",
            ),
            short=Rule(
                under(CLOSE, line("lowest", period="chandelier_bars", ago=1)),
                "the close crosses under the lowest low of {chandelier_bars} bars",
            ),
        ),
        stop_atr=3,
        trailing=True,
    ),
)
