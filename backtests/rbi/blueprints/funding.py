"""Funding: what holders of perpetual futures pay one another, and so how crowded a side is."""

from __future__ import annotations

from backtests.rbi.blueprints.parts import (
    CLOSE,
    FUNDING,
    ZERO,
    above,
    bars,
    below,
    both,
    lately,
    level,
    line,
    over,
    under,
    zero,
)
from backtests.rbi.blueprints.shapes import Blueprint, Confirm, Plan, Proxy, Rule
from backtests.rbi.spec import Operand

RANK = line("percent_rank", of=FUNDING, period="rank_bars")
STRETCH_RANK = line("percent_rank", of=line("zscore", period="crowd_bars"), period="rank_bars")
STRETCH = line("zscore", period="crowd_bars")
MEAN = line("ema", period="mean_period")
TREND = line("sma", period="trend_period")

STANDS_IN = (
    "The data set has no funding rate. How far the price stands from its mean of {crowd_bars} bars, in standard"
    " deviations, stands in for how crowded a side is. It is not the funding rate, and no funding is earned or paid."
)
CROWD = {"crowd_bars": bars(100, 20, 500, "Bars of the mean that stands in for funding")}


def _fade(rank: Operand, what: str) -> Plan:
    return Plan(
        parameters={
            "rank_bars": bars(150, 30, 1000, "Bars to compare with"),
            "crowded": level(90, 60, 99, "Percent at which longs are crowded"),
            "deserted": level(10, 1, 40, "Percent at which shorts are crowded"),
            "recent_bars": bars(12, 1, 100, "Bars since the extreme"),
            "mean_period": bars(20, 5, 100, "Average that the close must cross"),
        },
        long=Rule(
            both(lately(below(rank, "deserted"), "recent_bars"), over(CLOSE, MEAN)),
            f"within {{recent_bars}} bars of {what} in the lowest {{deserted}} % of {{rank_bars}} bars the close"
            " crosses over its average of {mean_period}",
            above(rank, "crowded"),
            f"{what} is in the top of its history (over {{crowded}} %)",
        ),
        short=Rule(
            both(lately(above(rank, "crowded"), "recent_bars"), under(CLOSE, MEAN)),
            f"within {{recent_bars}} bars of {what} in the top of its history (over {{crowded}} %) the close crosses"
            " under its average of {mean_period}",
            below(rank, "deserted"),
            f"{what} is in the lowest {{deserted}} %",
        ),
        confirm=Confirm(
            lately(below(rank, "deserted"), "signal_bars"),
            lately(above(rank, "crowded"), "signal_bars"),
            f"{what} was at the extreme against the trade ({{deserted}} % for longs, {{crowded}} % for shorts) within"
            " {signal_bars} bars",
            ("rank_bars", "crowded", "deserted"),
        ),
    )


def _flip(signal: Operand, what: str) -> Plan:
    return Plan(
        parameters={"trend_period": bars(50, 10, 300, "Average that shows the trend"), **zero()},
        long=Rule(
            both(over(signal, ZERO), above(CLOSE, TREND)),
            f"{what} turns positive above the average of {{trend_period}} bars",
            under(signal, ZERO),
            "it turns negative",
        ),
        short=Rule(
            both(under(signal, ZERO), below(CLOSE, TREND)),
            f"{what} turns negative below the average of {{trend_period}} bars",
            over(signal, ZERO),
            "it turns positive",
        ),
        confirm=Confirm(above(signal, ZERO), below(signal, ZERO), f"{what} has the trade's sign", ("zero",)),
    )


def _against(signal: Operand, what: str) -> Plan:
    return Plan(
        parameters={"mean_period": bars(10, 3, 100, "Average that the close must cross"), **zero()},
        long=Rule(
            both(below(signal, ZERO), over(CLOSE, MEAN)),
            f"{what} is negative, so that shorts pay, and the close crosses over its average of {{mean_period}} bars",
            above(signal, ZERO),
            f"{what} is positive again",
        ),
        short=None,
        confirm=Confirm(
            below(signal, ZERO),
            above(signal, ZERO),
            f"{what} is against the crowd: negative for longs, positive for shorts",
            ("zero",),
        ),
    )


def _with_crowd(plan: Plan, *more: str) -> Plan:
    """The proxy's plan has the bars of the mean among its numbers, in the filter too."""
    confirm = plan.confirm
    used = Confirm(confirm.long, confirm.short, confirm.says, (*confirm.uses, *more)) if confirm else None
    return Plan({**plan.parameters, **CROWD}, plan.long, plan.short, used)


BLUEPRINTS = (
    Blueprint(
        name="funding_extreme",
        title="Fade of extreme funding",
        family="funding",
        thesis=(
            "Longs who pay dearly every eight hours are many and impatient. When funding has been extreme and the price"
            " stops going their way, they leave together, and the other side is the one to be on."
        ),
        words=(
            "funding",
            "funding rate",
            "funding rates",
            "extreme funding",
            "high funding",
            "funding extreme",
            "funding fade",
            "funding arbitrage",
            "funding rate mean reversion",
            "crowded longs",
            "crowded shorts",
            "crowded trade",
            "overleveraged longs",
            "positioning",
            "basis",
            "perp premium",
            "paying fees to stay long",
            "paying to be long",
            "paying to stay long",
            "longs paying",
            "longs pay shorts",
            "pay fees",
            "paying fees",
            "fees to stay long",
            "expensive to be long",
            "expensive longs",
            "everyone is long",
            "everybody is long",
            "too many longs",
        ),
        hints=("crowded", "leverage", "leveraged", "perp", "perps", "perpetual", "premium"),
        loosely=("funding arbitrage", "basis", "perp premium", "positioning"),
        loosely_says="Only the perpetual is traded, in the direction against the crowd: no second leg is held.",
        plan=_fade(RANK, "funding"),
        column="funding",
        proxy=Proxy(_with_crowd(_fade(STRETCH_RANK, "the stretch from the mean"), "crowd_bars"), STANDS_IN),
        stop_atr=3,
        hold=200,
    ),
    Blueprint(
        name="negative_funding",
        title="Against negative funding",
        family="funding",
        thesis=(
            "Negative funding means that shorts pay to stay short. If the price rises all the same, each of them loses"
            " twice, and their buying back is fuel for the rise."
        ),
        words=(
            "negative funding",
            "negative funding rate",
            "funding negative",
            "shorts paying",
            "shorts pay longs",
            "buy negative funding",
        ),
        hints=("negative",),
        plan=_against(FUNDING, "funding"),
        column="funding",
        proxy=Proxy(_with_crowd(_against(STRETCH, "the stretch from the mean"), "crowd_bars"), STANDS_IN),
        stop_atr=2.5,
        hold=100,
    ),
    Blueprint(
        name="funding_flip",
        title="Funding flip",
        family="funding",
        thesis=(
            "When funding changes its sign the side in the majority has changed. With the trend it is the crowd"
            " arriving, and is followed until it turns again."
        ),
        words=(
            "funding flip",
            "funding flips",
            "funding turns positive",
            "funding momentum",
            "funding trend",
            "funding cross",
        ),
        hints=("flip", "flips"),
        plan=_flip(FUNDING, "funding"),
        column="funding",
        proxy=Proxy(_with_crowd(_flip(STRETCH, "the stretch from the mean"), "crowd_bars"), STANDS_IN),
        stop_atr=3,
    ),
)
