"""Liquidation: positions closed by force, which push the price they are closed at."""

from __future__ import annotations

from backtests.rbi.blueprints.parts import (
    CLOSE,
    LIQUIDATIONS,
    OPEN,
    RANGE,
    above,
    bars,
    below,
    both,
    factor,
    lately,
    line,
    over,
    times,
    under,
)
from backtests.rbi.blueprints.shapes import Blueprint, Confirm, Plan, Proxy, Rule
from backtests.rbi.spec import Condition, Parameter

USUAL_LIQUIDATIONS = line("sma", of=LIQUIDATIONS, period="usual_bars", ago=1)
CASCADE = above(LIQUIDATIONS, times(USUAL_LIQUIDATIONS, "cascade_times"))
FORCED: dict[str, Parameter] = {
    "usual_bars": bars(100, 20, 1000, "Bars of the usual liquidations"),
    "cascade_times": factor(4, 1.5, 20, "Multiple of the usual liquidations", 0.5),
}
USUAL_RANGE = line("atr", period="range_period", ago=1)
RELATIVE = line("relative_volume", period="volume_bars")
SPIKE = both(above(RANGE, times(USUAL_RANGE, "range_times")), above(RELATIVE, "volume_times"))
SPIKES: dict[str, Parameter] = {
    "range_period": bars(20, 5, 100, "Bars of the usual range"),
    "range_times": factor(1.5, 1, 5, "Multiple of the usual range"),
    "volume_bars": bars(30, 5, 100, "Bars of the usual volume"),
    "volume_times": factor(1.5, 1, 8, "Multiple of the usual volume"),
}
STANDS_IN = (
    "The data set has no liquidations. A bar of over {range_times} average true ranges on over {volume_times} times the"
    " usual volume stands in for a cascade. News and large orders make such bars too, so that not each was one."
)
FALLING, RISING = below(CLOSE, OPEN), above(CLOSE, OPEN)
MEAN = line("ema", period="mean_period")


def _fade(cascade: Condition, numbers: dict[str, Parameter], what: str) -> Plan:
    return Plan(
        parameters={
            **numbers,
            "recent_bars": bars(5, 1, 30, "Bars since the cascade"),
            "mean_period": bars(5, 2, 30, "Average that the close must cross"),
        },
        long=Rule(
            both(lately(both(cascade, FALLING), "recent_bars"), over(CLOSE, MEAN)),
            f"within {{recent_bars}} bars of {what} in a falling bar the close crosses over its average of"
            " {mean_period}",
        ),
        short=Rule(
            both(lately(both(cascade, RISING), "recent_bars"), under(CLOSE, MEAN)),
            f"within {{recent_bars}} bars of {what} in a rising bar the close crosses under its average of"
            " {mean_period}",
        ),
        confirm=_confirm(cascade, numbers, what),
    )


def _ride(cascade: Condition, numbers: dict[str, Parameter], what: str) -> Plan:
    return Plan(
        parameters={**numbers, "mean_period": bars(10, 3, 60, "Average that ends the trade")},
        long=Rule(
            both(cascade, RISING),
            f"{what} comes in a rising bar (shorts are closed by force)",
            under(CLOSE, MEAN),
            "the close falls under its average of {mean_period} bars",
        ),
        short=Rule(
            both(cascade, FALLING),
            f"{what} comes in a falling bar (longs are closed by force)",
            over(CLOSE, MEAN),
            "the close rises over its average of {mean_period} bars",
        ),
        confirm=_confirm(cascade, numbers, what),
    )


def _short_squeeze(cascade: Condition, numbers: dict[str, Parameter], what: str) -> Plan:
    return Plan(
        parameters={
            **numbers,
            "recent_bars": bars(6, 1, 30, "Bars since the forced buying"),
            "breakout_bars": bars(20, 5, 100, "Bars of the high that breaks"),
            "mean_period": bars(10, 3, 60, "Average that ends the trade"),
        },
        long=Rule(
            both(
                lately(both(cascade, RISING), "recent_bars"),
                above(CLOSE, line("donchian", "upper", period="breakout_bars")),
            ),
            f"within {{recent_bars}} bars of {what} in a rising bar the close is over the high of {{breakout_bars}}"
            " bars",
            under(CLOSE, MEAN),
            "the close falls under its average of {mean_period} bars",
        ),
        short=None,
        confirm=Confirm(
            lately(both(cascade, RISING), "signal_bars"),
            lately(both(cascade, FALLING), "signal_bars"),
            f"{what} came in a bar the trade's way within {{signal_bars}} bars",
            tuple(numbers),
        ),
    )


def _confirm(cascade: Condition, numbers: dict[str, Parameter], what: str) -> Confirm:
    return Confirm(
        lately(cascade, "signal_bars"),
        lately(cascade, "signal_bars"),
        f"{what} came within {{signal_bars}} bars",
        tuple(numbers),
    )


REAL = "a bar with {cascade_times} times the usual liquidations"
SPIKED = "a bar of over {range_times} true ranges on {volume_times} times the usual volume"

BLUEPRINTS = (
    Blueprint(
        name="cascade_fade",
        title="Fade of a liquidation cascade",
        family="liquidation",
        thesis=(
            "Forced sellers sell at any price, and each sale forces the next. When the last of them is out, nothing"
            " holds the price down, and it comes back a part of the way within hours."
        ),
        words=(
            "longs wiped",
            "wiped out",
            "get liquidated",
            "blown out",
            "liquidation",
            "liquidations",
            "liquidation cascade",
            "liquidation cascades",
            "cascade",
            "cascades",
            "liquidation reversal",
            "liquidation fade",
            "long liquidations",
            "liquidation spike",
            "liquidation bounce",
            "liquidation hunt",
            "liquidation flush",
            "liqs",
            "liq",
            "rekt",
            "buy liquidations",
            "forced selling",
            "margin calls",
            "long squeeze",
            "liquidation levels",
            "liquidation heatmap",
        ),
        hints=("forced", "leverage", "leveraged", "flush", "margin"),
        loosely=("liquidation levels", "liquidation heatmap", "margin calls"),
        loosely_says="Where liquidations will come is not known: what has come is computed.",
        plan=_fade(CASCADE, FORCED, REAL),
        column="liquidations",
        proxy=Proxy(_fade(SPIKE, SPIKES, SPIKED), STANDS_IN),
        stop_atr=2.5,
        reward=1.5,
        hold=40,
    ),
    Blueprint(
        name="cascade_ride",
        title="Ride of a liquidation cascade",
        family="liquidation",
        thesis=(
            "While positions are closed by force the price is driven one way. The wave is joined at its first large"
            " bar and left when the short average is crossed."
        ),
        words=(
            "liquidation cascade momentum",
            "ride liquidations",
            "ride liquidation cascade",
            "ride cascade",
            "liquidation momentum",
            "liquidation trend",
            "cascade momentum",
            "follow liquidations",
            "join the cascade",
            "liquidation continuation",
        ),
        hints=("ride", "continuation", "follow"),
        plan=_ride(CASCADE, FORCED, REAL),
        column="liquidations",
        proxy=Proxy(_ride(SPIKE, SPIKES, SPIKED), STANDS_IN),
        hold=30,
    ),
    Blueprint(
        name="short_squeeze",
        title="Short squeeze",
        family="liquidation",
        thesis=(
            "Shorts who are wrong must buy, and their buying makes the next ones wrong. A break upwards soon after"
            " forced buying is where the rest of them stand."
        ),
        words=(
            "short squeeze",
            "shorts squeezed",
            "squeeze shorts",
            "short liquidations",
            "short squeezes",
            "shorts liquidated",
            "trapped shorts",
            "gamma squeeze",
        ),
        hints=("squeezed", "shorts"),
        plan=_short_squeeze(CASCADE, FORCED, REAL),
        column="liquidations",
        proxy=Proxy(_short_squeeze(SPIKE, SPIKES, SPIKED), STANDS_IN),
        hold=60,
    ),
)
