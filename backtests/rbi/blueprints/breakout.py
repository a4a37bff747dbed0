"""Breakout: a price that leaves where it has been goes on."""

from __future__ import annotations

from backtests.rbi.blueprints.parts import (
    CLOSE,
    HIGH,
    LOW,
    above,
    bars,
    below,
    both,
    factor,
    lately,
    level,
    line,
    over,
    under,
)
from backtests.rbi.blueprints.shapes import Blueprint, Confirm, Plan, Rule
from backtests.rbi.spec import During

TOP, BOTTOM = (line("donchian", output, period="breakout_bars") for output in ("upper", "lower"))
EXIT_TOP, EXIT_BOTTOM = (line("donchian", output, period="exit_bars") for output in ("upper", "lower"))
RELATIVE = line("relative_volume", period="volume_bars")
WIDTH = line("bollinger", "bandwidth", period="band_period", width="band_width")
NARROW = line("percent_rank", of=WIDTH, period="rank_bars")
DAY_HIGH, DAY_LOW = line("previous_day", "high"), line("previous_day", "low")
MEAN = line("ema", period="mean_period")
DAYTIME = During(first=7, last=16)

BLUEPRINTS = (
    Blueprint(
        name="channel_breakout",
        title="Channel breakout",
        family="breakout",
        thesis=(
            "A close beyond the highest high of many bars leaves nobody in the range with a loss on that side. The"
            " turtles lived from it: enter the break, leave at the break of a shorter channel."
        ),
        words=(
            "breakout",
            "break out",
            "breakouts",
            "channel breakout",
            "donchian",
            "donchian breakout",
            "turtle",
            "turtle trading",
            "turtles",
            "new high",
            "new highs",
            "20 day high",
            "52 week high",
            "all time high",
            "ath",
            "break resistance",
            "breaks resistance",
            "resistance break",
            "break of structure",
            "bos",
            "price channel",
        ),
        hints=("break", "breaks", "breaking", "highs", "structure", "breakdown"),
        plan=Plan(
            parameters={
                "breakout_bars": bars(20, 5, 200, "Bars of the channel"),
                "exit_bars": bars(10, 3, 100, "Bars of the exit channel"),
            },
            long=Rule(
                above(CLOSE, TOP),
                "the close is over the highest high of the {breakout_bars} bars before",
                below(CLOSE, EXIT_BOTTOM),
                "the close is under the lowest low of {exit_bars} bars",
            ),
            short=Rule(
                below(CLOSE, BOTTOM),
                "the close is under the lowest low of the {breakout_bars} bars before",
                above(CLOSE, EXIT_TOP),
                "the close is over the highest high of {exit_bars} bars",
            ),
            confirm=Confirm(
                lately(above(CLOSE, TOP), "signal_bars"),
                lately(below(CLOSE, BOTTOM), "signal_bars"),
                "a {breakout_bars}-bar channel was broken the trade's way within {signal_bars} bars",
                ("breakout_bars",),
            ),
        ),
        stop_atr=2,
    ),
    Blueprint(
        name="volume_breakout",
        title="Breakout with volume",
        family="breakout",
        thesis=(
            "Most breaks fail for want of followers. One on a multiple of the usual volume has them: positions were"
            " opened there that will be defended."
        ),
        words=(
            "volume breakout",
            "breakout with volume",
            "high volume breakout",
            "breakout volume confirmation",
            "breakout on high volume",
            "volume confirmed breakout",
            "breakout on volume",
        ),
        plan=Plan(
            parameters={
                "breakout_bars": bars(20, 5, 200, "Bars of the channel"),
                "volume_bars": bars(20, 5, 100, "Bars of the usual volume"),
                "volume_times": factor(1.5, 1, 5, "Multiple of the usual volume"),
                "exit_bars": bars(10, 3, 100, "Bars of the exit channel"),
            },
            long=Rule(
                both(above(CLOSE, TOP), above(RELATIVE, "volume_times")),
                "the close is over the high of {breakout_bars} bars on {volume_times} times the usual volume",
                below(CLOSE, EXIT_BOTTOM),
                "the close is under the lowest low of {exit_bars} bars",
            ),
            short=Rule(
                both(below(CLOSE, BOTTOM), above(RELATIVE, "volume_times")),
                "the close is under the low of {breakout_bars} bars on {volume_times} times the usual volume",
                above(CLOSE, EXIT_TOP),
                "the close is over the highest high of {exit_bars} bars",
            ),
        ),
    ),
    Blueprint(
        name="consolidation_breakout",
        title="Breakout from a narrow range",
        family="breakout",
        thesis=(
            "Quiet markets do not stay quiet. When the bands have been narrow for their own history and the price"
            " leaves the range, the move is fresh and the stop is near."
        ),
        words=(
            "consolidation",
            "consolidation breakout",
            "range breakout",
            "tight range",
            "narrow range",
            "nr7",
            "nr4",
            "accumulation range",
            "triangle",
            "ascending triangle",
            "wedge",
            "pennant",
            "flag",
            "bull flag",
            "bear flag",
            "rectangle",
            "box breakout",
            "darvas",
            "darvas box",
            "coil",
            "coiling",
            "low volatility breakout",
            "volatility contraction",
            "vcp",
            "base breakout",
            "cup and handle",
            "stuck in a box",
            "stuck in a range",
            "stuck",
            "pops out",
            "pop out of range",
            "out of the box",
            "range escape",
            "goes nowhere",
            "going nowhere",
        ),
        hints=("contraction", "tight", "narrow", "compression", "box"),
        loosely=(
            "triangle",
            "ascending triangle",
            "wedge",
            "pennant",
            "flag",
            "bull flag",
            "bear flag",
            "rectangle",
            "cup and handle",
            "vcp",
            "darvas",
            "darvas box",
        ),
        loosely_says="Drawn shapes are not recognised: the narrow range and its break that they share are computed.",
        plan=Plan(
            parameters={
                "band_period": bars(20, 5, 100, "Bars of the bands"),
                "band_width": factor(2, 1, 4, "Width of the bands", 0.25),
                "rank_bars": bars(100, 30, 500, "Bars to compare the width with"),
                "narrow": level(25, 5, 60, "Percent of widths that were narrower", 5),
                "quiet_bars": bars(10, 1, 60, "Bars since it was narrow"),
                "breakout_bars": bars(20, 5, 100, "Bars of the range"),
            },
            long=Rule(
                both(lately(below(NARROW, "narrow"), "quiet_bars"), over(CLOSE, TOP)),
                "within {quiet_bars} bars of a band width in the lowest {narrow} % the close leaves the"
                " {breakout_bars}-bar range upwards",
            ),
            short=Rule(
                both(lately(below(NARROW, "narrow"), "quiet_bars"), under(CLOSE, BOTTOM)),
                "within {quiet_bars} bars of a band width in the lowest {narrow} % the close leaves the"
                " {breakout_bars}-bar range downwards",
            ),
            confirm=Confirm(
                lately(below(NARROW, "narrow"), "signal_bars"),
                lately(below(NARROW, "narrow"), "signal_bars"),
                "the bands were in the lowest {narrow} % of their width within {signal_bars} bars",
                ("band_period", "band_width", "rank_bars", "narrow"),
            ),
        ),
        reward=3,
        hold=100,
    ),
    Blueprint(
        name="previous_day_breakout",
        title="Break of the day before",
        family="breakout",
        thesis=(
            "Yesterday's high and low are watched by all who trade by the day, and stops lie just beyond. Their break"
            " sets those orders off."
        ),
        words=(
            "previous day high",
            "previous day low",
            "yesterday high",
            "yesterdays high",
            "prior day high",
            "pdh",
            "pdl",
            "daily high break",
            "day high breakout",
            "yesterday low",
        ),
        hints=("yesterday", "previous day", "prior day"),
        plan=Plan(
            parameters={},
            long=Rule(
                over(CLOSE, DAY_HIGH),
                "the close crosses over yesterday's high",
                under(CLOSE, DAY_LOW),
                "it falls under yesterday's low",
            ),
            short=Rule(
                under(CLOSE, DAY_LOW),
                "the close crosses under yesterday's low",
                over(CLOSE, DAY_HIGH),
                "it rises over yesterday's high",
            ),
            confirm=Confirm(above(CLOSE, DAY_HIGH), below(CLOSE, DAY_LOW), "the close is beyond yesterday's range", ()),
        ),
        reward=2,
        hold=96,
    ),
    Blueprint(
        name="session_breakout",
        title="Breakout at the open of a session",
        family="breakout",
        thesis=(
            "The night's range is made by few. When London or New York opens the day's orders arrive, and the side on"
            " which the range breaks in those hours is often the day's."
        ),
        words=(
            "london breakout",
            "london open",
            "new york open",
            "ny open",
            "session breakout",
            "opening range",
            "opening range breakout",
            "orb",
            "asian range",
            "asia range breakout",
            "session open",
            "market open",
            "us open",
            "kill zone",
            "killzone",
        ),
        hints=("london", "session", "new york", "asia", "asian", "ny"),
        plan=Plan(
            parameters={
                "breakout_bars": bars(24, 4, 100, "Bars of the range before"),
                "exit_bars": bars(12, 3, 60, "Bars of the exit channel"),
            },
            long=Rule(
                both(above(CLOSE, TOP), DAYTIME),
                "between 7 and 17 o'clock UTC the close is over the high of the {breakout_bars} bars before",
                below(CLOSE, EXIT_BOTTOM),
                "the close is under the lowest low of {exit_bars} bars",
            ),
            short=Rule(
                both(below(CLOSE, BOTTOM), DAYTIME),
                "between 7 and 17 o'clock UTC the close is under the low of the {breakout_bars} bars before",
                above(CLOSE, EXIT_TOP),
                "the close is over the highest high of {exit_bars} bars",
            ),
            confirm=Confirm(DAYTIME, DAYTIME, "the bar lies between 7 and 17 o'clock UTC (London and New York)", ()),
        ),
        hold=48,
    ),
    Blueprint(
        name="failed_breakout",
        title="Failed breakout",
        family="breakout",
        thesis=(
            "Stops lie beyond the last extreme. When they have been taken and the close is back inside, those who"
            " bought the break are trapped and their exits carry the price the other way."
        ),
        words=(
            "failed breakout",
            "fake breakout",
            "fakeout",
            "fake out",
            "false breakout",
            "false break",
            "liquidity sweep",
            "liquidity grab",
            "sweep of lows",
            "sweep the lows",
            "sweep",
            "stop hunt",
            "stop run",
            "turtle soup",
            "bull trap",
            "bear trap",
            "trap",
            "spring",
            "wyckoff spring",
            "wyckoff",
            "smart money concepts",
            "smc",
            "ict",
            "deviation",
            "swing failure",
            "sfp",
        ),
        hints=("liquidity", "smart money", "trapped", "failed", "fake", "hunt"),
        loosely=("smart money concepts", "smc", "ict", "wyckoff", "wyckoff spring"),
        loosely_says="Of that school one thing is computed: an extreme that is taken out and given back.",
        plan=Plan(
            parameters={"breakout_bars": bars(20, 5, 200, "Bars of the extreme")},
            long=Rule(
                both(below(LOW, BOTTOM), above(CLOSE, BOTTOM)),
                "the low takes out the lowest low of {breakout_bars} bars and the close is back above it",
                above(CLOSE, TOP),
                "the close is over the other side of the range",
            ),
            short=Rule(
                both(above(HIGH, TOP), below(CLOSE, TOP)),
                "the high takes out the highest high of {breakout_bars} bars and the close is back below it",
                below(CLOSE, BOTTOM),
                "the close is under the other side of the range",
            ),
            confirm=Confirm(
                lately(both(below(LOW, BOTTOM), above(CLOSE, BOTTOM)), "signal_bars"),
                lately(both(above(HIGH, TOP), below(CLOSE, TOP)), "signal_bars"),
                "the other side's {breakout_bars}-bar extreme was swept and given back within {signal_bars} bars",
                ("breakout_bars",),
            ),
        ),
        stop_atr=1.5,
        reward=2,
        hold=60,
    ),
    Blueprint(
        name="breakout_retest",
        title="Break and retest",
        family="breakout",
        thesis=(
            "After a break the old resistance is where late buyers wait and early ones add. A return to the short"
            " average soon after the break is bought when the close turns up again."
        ),
        words=(
            "retest",
            "break and retest",
            "breakout retest",
            "breakout pullback",
            "pullback after breakout",
            "throwback",
            "resistance becomes support",
            "sr flip",
            "s/r flip",
            "support resistance flip",
        ),
        hints=("flip",),
        plan=Plan(
            parameters={
                "breakout_bars": bars(20, 5, 200, "Bars of the channel"),
                "fresh_bars": bars(15, 3, 60, "Bars since the break"),
                "mean_period": bars(8, 3, 50, "Average that is tested"),
            },
            long=Rule(
                both(lately(above(CLOSE, TOP), "fresh_bars"), over(CLOSE, MEAN)),
                "within {fresh_bars} bars of a break of the {breakout_bars}-bar high the close comes back over its"
                " average of {mean_period}",
            ),
            short=Rule(
                both(lately(below(CLOSE, BOTTOM), "fresh_bars"), under(CLOSE, MEAN)),
                "within {fresh_bars} bars of a break of the {breakout_bars}-bar low the close falls back under its"
                " average of {mean_period}",
            ),
            confirm=Confirm(
                below(LOW, MEAN),
                above(HIGH, MEAN),
                "the price has come back to its average of {mean_period} bars",
                ("mean_period",),
            ),
        ),
        stop_atr=1.5,
        reward=2,
        hold=60,
    ),
)
