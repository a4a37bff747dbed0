"""Open interest: how many positions stand, and whether a move opens new ones or closes old ones."""

from __future__ import annotations

from backtests.rbi.blueprints.parts import (
    CLOSE,
    OPEN_INTEREST,
    above,
    bars,
    below,
    both,
    lately,
    level,
    line,
    over,
    under,
)
from backtests.rbi.blueprints.shapes import Blueprint, Confirm, Plan, Proxy, Rule
from backtests.rbi.spec import Operand

INTEREST_CHANGE = line("roc", of=OPEN_INTEREST, period="change_bars")
VOLUME_CHANGE = line("roc", of=line("volume_average", period="average_bars"), period="change_bars")
PRICE_CHANGE = line("roc", period="change_bars")
TOP, BOTTOM = (line("donchian", output, period="breakout_bars") for output in ("upper", "lower"))
MEAN = line("ema", period="mean_period")
CHANGE = {"change_bars": bars(24, 4, 200, "Bars of the change")}
AVERAGE = {"average_bars": bars(24, 4, 100, "Bars of the average volume that stands in")}
STANDS_IN = (
    "The data set has no open interest. The change of the average volume of {average_bars} bars stands in: volume"
    " counts trades that open and those that close alike, so that this is a weaker statement."
)


def _build_up(change: Operand, what: str, rise: float) -> Plan:
    return Plan(
        parameters={
            **CHANGE,
            "build_up": level(rise, 0, 100, "Rise of open interest in percent", 0.5),
            "breakout_bars": bars(20, 5, 200, "Bars of the channel"),
            "mean_period": bars(20, 5, 100, "Average that ends the trade"),
        },
        long=Rule(
            both(above(change, "build_up"), above(CLOSE, TOP)),
            f"{what} rose over {{build_up}} % in {{change_bars}} bars and the close is over the high of"
            " {breakout_bars} bars",
            under(CLOSE, MEAN),
            "the close falls under its average of {mean_period} bars",
        ),
        short=Rule(
            both(above(change, "build_up"), below(CLOSE, BOTTOM)),
            f"{what} rose over {{build_up}} % in {{change_bars}} bars and the close is under the low of"
            " {breakout_bars} bars",
            over(CLOSE, MEAN),
            "the close rises over its average of {mean_period} bars",
        ),
        confirm=Confirm(
            above(change, "build_up"),
            above(change, "build_up"),
            f"{what} rose over {{build_up}} % in {{change_bars}} bars",
            ("change_bars", "build_up"),
        ),
    )


def _divergence(change: Operand, what: str) -> Plan:
    return Plan(
        parameters={
            **CHANGE,
            "even": level(0, 0, 0, "No change"),
            "recent_bars": bars(6, 1, 60, "Bars since the divergence"),
            "mean_period": bars(10, 3, 60, "Average that the close must cross"),
        },
        long=Rule(
            both(lately(both(below(PRICE_CHANGE, "even"), below(change, "even")), "recent_bars"), over(CLOSE, MEAN)),
            f"within {{recent_bars}} bars of a price and {what} below those of {{change_bars}} bars before (longs"
            " gave up, no shorts came) the close crosses over its average of {mean_period}",
        ),
        short=Rule(
            both(lately(both(above(PRICE_CHANGE, "even"), below(change, "even")), "recent_bars"), under(CLOSE, MEAN)),
            f"within {{recent_bars}} bars of a price above and {what} below those of {{change_bars}} bars before"
            " (shorts bought back, no longs came) the close crosses under its average of {mean_period}",
        ),
        confirm=Confirm(
            lately(both(below(PRICE_CHANGE, "even"), below(change, "even")), "signal_bars"),
            lately(both(above(PRICE_CHANGE, "even"), below(change, "even")), "signal_bars"),
            f"the move against the trade came with falling {what} within {{signal_bars}} bars",
            ("change_bars", "even"),
        ),
    )


def _flush(change: Operand, what: str, fall: float) -> Plan:
    return Plan(
        parameters={
            "change_bars": bars(12, 2, 100, "Bars of the change"),
            "flush": level(fall, -60, -1, "Fall of open interest in percent", 0.5),
            "recent_bars": bars(8, 1, 60, "Bars since the flush"),
            "mean_period": bars(8, 3, 60, "Average that the close must cross"),
            "even": level(0, 0, 0, "No change"),
        },
        long=Rule(
            both(lately(both(below(change, "flush"), below(PRICE_CHANGE, "even")), "recent_bars"), over(CLOSE, MEAN)),
            f"within {{recent_bars}} bars of a fall of {what} by {{flush}} % in {{change_bars}} bars with a falling"
            " price the close crosses over its average of {mean_period}",
        ),
        short=Rule(
            both(lately(both(below(change, "flush"), above(PRICE_CHANGE, "even")), "recent_bars"), under(CLOSE, MEAN)),
            f"within {{recent_bars}} bars of a fall of {what} by {{flush}} % in {{change_bars}} bars with a rising"
            " price the close crosses under its average of {mean_period}",
        ),
        confirm=Confirm(
            lately(below(change, "flush"), "signal_bars"),
            lately(below(change, "flush"), "signal_bars"),
            f"{what} fell by {{flush}} % in {{change_bars}} bars within {{signal_bars}} bars",
            ("change_bars", "flush"),
        ),
    )


def _with_average(plan: Plan) -> Plan:
    """The proxy's plan has the bars of the average volume among its numbers, in the filter too."""
    confirm = plan.confirm
    used = Confirm(confirm.long, confirm.short, confirm.says, (*confirm.uses, "average_bars")) if confirm else None
    return Plan({**plan.parameters, **AVERAGE}, plan.long, plan.short, used)


BLUEPRINTS = (
    Blueprint(
        name="interest_build_up",
        title="Build-up of open interest",
        family="open interest",
        thesis=(
            "A break on rising open interest is made by new positions, which have stops to be run and gains to be"
            " added to. On falling interest it is only old positions that leave."
        ),
        words=(
            "open interest",
            "oi",
            "rising open interest",
            "open interest increase",
            "oi increase",
            "oi rising",
            "open interest breakout",
            "oi build up",
            "new positions",
            "new money",
            "open interest spike",
            "oi spike",
        ),
        hints=("interest", "futures", "leverage", "perp", "perps"),
        plan=_build_up(INTEREST_CHANGE, "open interest", 3),
        column="open_interest",
        proxy=Proxy(_with_average(_build_up(VOLUME_CHANGE, "the average volume", 5)), STANDS_IN),
        hold=100,
    ),
    Blueprint(
        name="interest_divergence",
        title="Divergence of open interest",
        family="open interest",
        thesis=(
            "A rise on falling open interest is short covering: it ends when the shorts are out. The turn of the price"
            " after such a move is taken."
        ),
        words=(
            "open interest divergence",
            "oi divergence",
            "falling open interest",
            "declining open interest",
            "short covering",
            "oi falling",
            "price up oi down",
            "price rises open interest falls",
        ),
        hints=("divergence", "covering"),
        plan=_divergence(INTEREST_CHANGE, "open interest"),
        column="open_interest",
        proxy=Proxy(_with_average(_divergence(VOLUME_CHANGE, "average volume")), STANDS_IN),
        reward=2,
        hold=60,
    ),
    Blueprint(
        name="interest_flush",
        title="Flush of open interest",
        family="open interest",
        thesis=(
            "A sudden fall of open interest is positions thrown out, by force or by fear. Once they are gone the"
            " pressure is too, and the price recovers a part of its way."
        ),
        words=(
            "open interest wipeout",
            "oi flush",
            "open interest flush",
            "oi drop",
            "open interest drop",
            "oi wipeout",
            "open interest collapse",
            "deleveraging",
            "leverage flush",
            "leverage washout",
            "oi reset",
            "wipeout",
        ),
        hints=("flush", "washout", "deleverage"),
        plan=_flush(INTEREST_CHANGE, "open interest", -4),
        column="open_interest",
        proxy=Proxy(_with_average(_flush(VOLUME_CHANGE, "the average volume", -20)), STANDS_IN),
        reward=2,
        hold=60,
    ),
)
