"""Momentum: what has been strong of late stays so for a while."""

from __future__ import annotations

from backtests.rbi.blueprints.parts import (
    CLOSE,
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
from backtests.rbi.blueprints.shapes import Blueprint, Confirm, Plan, Rule
from backtests.rbi.spec import Indicator, Parameter

CHANGE = line("roc", period="change_bars")
RSI = line("rsi", period="rsi_period")
MACD, SIGNAL = (
    line("macd", output, fast="macd_fast", slow="macd_slow", signal="macd_signal") for output in ("line", "signal")
)
K, D = (
    line("stoch_rsi", output, rsi_period="rsi_period", period="stoch_period", smooth_k="smooth_k", smooth_d="smooth_d")
    for output in "kd"
)
TREND = line("ema", period="trend_period")
MEAN = line("ema", period="mean_period")
PRICE_CHANGE = line("momentum", period="divergence_bars")
AWESOME = line("awesome", fast="awesome_fast", slow="awesome_slow")


def _signal_cross(
    name: str, title: str, thesis: str, words: tuple[str, ...], numbers: dict[str, Parameter]
) -> Blueprint:
    """An oscillator that crosses its signal line; the parameters are named after its arguments."""
    args = {parameter.removeprefix(f"{name}_"): parameter for parameter in numbers}
    main, signal = (Indicator(name=name, output=output, args=args) for output in ("line", "signal"))
    says = f"the {title.removesuffix(' cross')}"
    return Blueprint(
        name=f"{name}_cross",
        title=title,
        family="momentum",
        thesis=thesis,
        words=words,
        plan=Plan(
            parameters=numbers,
            long=Rule(
                over(main, signal), f"{says} crosses over its signal line", under(main, signal), "it crosses back under"
            ),
            short=Rule(
                under(main, signal), f"{says} crosses under its signal line", over(main, signal), "it crosses back over"
            ),
            confirm=Confirm(
                above(main, signal),
                below(main, signal),
                f"{says} is on the trade's side of its signal line",
                tuple(numbers),
            ),
        ),
        stop_atr=2.5,
    )


def _divergence(
    name: str, title: str, words: tuple[str, ...], oscillator: Indicator, numbers: dict[str, Parameter]
) -> Blueprint:
    """The price is lower than before and the oscillator higher, or the other way round."""
    change = line("momentum", of=oscillator, period="divergence_bars")
    says = title.removesuffix(" divergence")
    bullish = both(below(PRICE_CHANGE, ZERO), above(change, ZERO))
    bearish = both(above(PRICE_CHANGE, ZERO), below(change, ZERO))
    return Blueprint(
        name=name,
        title=title,
        family="momentum",
        thesis=(
            f"A price that is lower than before while the {says} is higher falls with less force each time. The turn"
            " over the short average shows that the force is spent."
        ),
        words=words,
        hints=("diverge", "diverges", "diverging"),
        plan=Plan(
            parameters={
                **numbers,
                "divergence_bars": bars(20, 5, 100, "Bars that are compared"),
                "recent_bars": bars(5, 1, 30, "Bars since the divergence"),
                "mean_period": bars(10, 3, 60, "Average that the close must cross"),
                **zero(),
            },
            long=Rule(
                both(lately(bullish, "recent_bars"), over(CLOSE, MEAN)),
                f"within {{recent_bars}} bars of a price below and a {says} above those of {{divergence_bars}} bars"
                " before the close crosses over its average of {mean_period}",
            ),
            short=Rule(
                both(lately(bearish, "recent_bars"), under(CLOSE, MEAN)),
                f"within {{recent_bars}} bars of a price above and a {says} below those of {{divergence_bars}} bars"
                " before the close crosses under its average of {mean_period}",
            ),
            confirm=Confirm(
                lately(bullish, "signal_bars"),
                lately(bearish, "signal_bars"),
                f"over {{divergence_bars}} bars the {says} went the trade's way and the price did not, within"
                " {signal_bars} bars",
                (*numbers, "divergence_bars", "zero"),
            ),
        ),
        reward=2,
        hold=60,
    )


BLUEPRINTS = (
    Blueprint(
        name="rate_of_change",
        title="Rate of change",
        family="momentum",
        thesis=(
            "What rose over the last weeks rises over the next ones more often than not, in every market that has been"
            " studied. The change over some bars is the plainest measure of it."
        ),
        words=(
            "momentum",
            "rate of change",
            "roc",
            "time series momentum",
            "price momentum",
            "dual momentum",
            "relative strength momentum",
            "strong stay strong",
            "strong get stronger",
            "winners win",
            "went up the most",
            "gained the most",
            "rose the most",
            "top gainers",
            "biggest gainers",
            "best performers",
            "best performing",
            "outperformers",
            "leaders",
            "what is hot",
            "winners keep winning",
            "strength begets strength",
            "momentum burst",
            "acceleration",
            "rotation",
        ),
        hints=("strength", "strong", "fast moving", "momo"),
        loosely=("rotation", "dual momentum"),
        loosely_says="One market is traded at a time: its own strength counts, not its rank among others.",
        plan=Plan(
            parameters={
                "change_bars": bars(30, 5, 300, "Bars of the change"),
                "rise": level(2, 0, 20, "Change in percent that opens a long", 0.25),
                "fall": level(-2, -20, 0, "Change in percent that opens a short", 0.25),
                **zero(),
            },
            long=Rule(
                over(CHANGE, "rise"),
                "the change over {change_bars} bars rises over {rise} %",
                under(CHANGE, ZERO),
                "it falls under 0",
            ),
            short=Rule(
                under(CHANGE, "fall"),
                "the change over {change_bars} bars falls under {fall} %",
                over(CHANGE, ZERO),
                "it rises over 0",
            ),
            confirm=Confirm(
                above(CHANGE, ZERO),
                below(CHANGE, ZERO),
                "the change over {change_bars} bars points the trade's way",
                ("change_bars", "zero"),
            ),
        ),
        stop_atr=3,
    ),
    Blueprint(
        name="rsi_strength",
        title="RSI strength",
        family="momentum",
        thesis=(
            "In a trend the RSI does not return from its high zone for long. Its way over 55 is read as strength, not"
            " as a reason to sell, and its way under 45 as weakness."
        ),
        words=("rsi momentum", "rsi strength", "rsi above 50", "rsi trend", "rsi breakout", "rsi crosses 50", "rsi 50"),
        hints=("rsi",),
        plan=Plan(
            parameters={
                "rsi_period": bars(14, 2, 50, "Bars of the RSI"),
                "strength": level(55, 50, 80, "RSI that is strong"),
                "weakness": level(45, 20, 50, "RSI that is weak"),
            },
            long=Rule(
                over(RSI, "strength"),
                "the RSI({rsi_period}) crosses over {strength}",
                under(RSI, "weakness"),
                "it falls under {weakness}",
            ),
            short=Rule(
                under(RSI, "weakness"),
                "the RSI({rsi_period}) crosses under {weakness}",
                over(RSI, "strength"),
                "it rises over {strength}",
            ),
            confirm=Confirm(
                above(RSI, "strength"),
                below(RSI, "weakness"),
                "the RSI({rsi_period}) is over {strength} (for shorts under {weakness})",
                ("rsi_period", "strength", "weakness"),
            ),
        ),
    ),
    Blueprint(
        name="macd_cross",
        title="MACD cross",
        family="momentum",
        thesis=(
            "The MACD is the distance between a quick and a slow average; its signal line is where that distance has"
            " been. A cross tells that the move gains or loses pace before the averages themselves cross."
        ),
        words=(
            "macd",
            "macd cross",
            "macd crossover",
            "macd signal cross",
            "macd histogram",
            "signal line cross",
            "convergence divergence",
        ),
        hints=("histogram", "signal line", "crossover"),
        plan=Plan(
            parameters={
                "macd_fast": bars(12, 3, 50, "Fast average of the MACD"),
                "macd_slow": bars(26, 8, 120, "Slow average of the MACD"),
                "macd_signal": bars(9, 3, 40, "Bars of the signal line"),
            },
            long=Rule(
                over(MACD, SIGNAL),
                "the MACD({macd_fast}, {macd_slow}) crosses over its signal line of {macd_signal} bars",
                under(MACD, SIGNAL),
                "it crosses back under",
            ),
            short=Rule(
                under(MACD, SIGNAL),
                "the MACD({macd_fast}, {macd_slow}) crosses under its signal line of {macd_signal} bars",
                over(MACD, SIGNAL),
                "it crosses back over",
            ),
            confirm=Confirm(
                above(MACD, SIGNAL),
                below(MACD, SIGNAL),
                "the MACD({macd_fast}, {macd_slow}) is on the trade's side of its signal line",
                ("macd_fast", "macd_slow", "macd_signal"),
            ),
        ),
        stop_atr=2.5,
    ),
    _divergence(
        "rsi_divergence",
        "RSI divergence",
        (
            "rsi divergence",
            "divergence",
            "bullish divergence",
            "bearish divergence",
            "divergences",
            "momentum divergence",
            "price divergence",
            "oscillator divergence",
        ),
        RSI,
        {"rsi_period": bars(14, 2, 50, "Bars of the RSI")},
    ),
    _divergence(
        "macd_divergence",
        "MACD divergence",
        ("macd divergence", "macd histogram divergence", "divergence on macd", "macd diverges"),
        MACD,
        {
            "macd_fast": bars(12, 3, 50, "Fast average of the MACD"),
            "macd_slow": bars(26, 8, 120, "Slow average of the MACD"),
            "macd_signal": bars(9, 3, 40, "Bars of the signal line"),
        },
    ),
    Blueprint(
        name="stochastic_rsi",
        title="Stochastic RSI swing",
        family="momentum",
        thesis=(
            "The stochastic of the RSI reaches its ends many times within a trend. Each return from the end against the"
            " trend is a swing to join."
        ),
        words=("stochastic rsi", "stoch rsi", "stochrsi", "stochrsi cross", "stochastic rsi swing", "swing trading"),
        hints=("swing", "swings"),
        plan=Plan(
            parameters={
                "rsi_period": bars(14, 2, 50, "Bars of the RSI"),
                "stoch_period": bars(14, 5, 50, "Bars of its stochastic"),
                "smooth_k": bars(3, 1, 10, "Smoothing of %K"),
                "smooth_d": bars(3, 1, 10, "Bars of %D"),
                "low_zone": level(30, 5, 45, "Lower zone"),
                "high_zone": level(70, 55, 95, "Upper zone"),
                "trend_period": bars(100, 20, 400, "Average that shows the trend"),
            },
            long=Rule(
                both(above(CLOSE, TREND), over(K, D), below(D, "low_zone")),
                "above the average of {trend_period} bars the %K of the RSI crosses over %D below {low_zone}",
                both(under(K, D), above(D, "high_zone")),
                "%K crosses under %D above {high_zone}",
            ),
            short=Rule(
                both(below(CLOSE, TREND), under(K, D), above(D, "high_zone")),
                "below the average of {trend_period} bars the %K of the RSI crosses under %D above {high_zone}",
                both(over(K, D), below(D, "low_zone")),
                "%K crosses over %D below {low_zone}",
            ),
            confirm=Confirm(
                lately(below(K, "low_zone"), "signal_bars"),
                lately(above(K, "high_zone"), "signal_bars"),
                "the %K of the RSI was below {low_zone} (for shorts above {high_zone}) within {signal_bars} bars",
                ("rsi_period", "stoch_period", "smooth_k", "smooth_d", "low_zone", "high_zone"),
            ),
        ),
        hold=100,
    ),
    Blueprint(
        name="awesome_turn",
        title="Awesome oscillator turn",
        family="momentum",
        thesis=(
            "The difference of a short and a long average of the bars' middles shows which side drives the market now."
            " Its way through nought is the change of driver."
        ),
        words=("awesome oscillator", "awesome", "ao", "bill williams", "zero line cross", "saucer"),
        hints=("oscillator",),
        plan=Plan(
            parameters={
                "awesome_fast": bars(5, 2, 30, "Short average"),
                "awesome_slow": bars(34, 10, 120, "Long average"),
                **zero(),
            },
            long=Rule(
                over(AWESOME, ZERO),
                "the oscillator ({awesome_fast}, {awesome_slow}) crosses over 0",
                under(AWESOME, ZERO),
                "it crosses under 0",
            ),
            short=Rule(
                under(AWESOME, ZERO),
                "the oscillator ({awesome_fast}, {awesome_slow}) crosses under 0",
                over(AWESOME, ZERO),
                "it crosses over 0",
            ),
            confirm=Confirm(
                above(AWESOME, ZERO),
                below(AWESOME, ZERO),
                "the awesome oscillator is on the trade's side of 0",
                ("awesome_fast", "awesome_slow", "zero"),
            ),
        ),
        stop_atr=2.5,
    ),
    _signal_cross(
        "tsi",
        "True strength index cross",
        "The true strength index smooths the changes twice, so that it turns late and seldom for nothing.",
        ("tsi", "true strength index", "true strength"),
        {
            "tsi_slow": bars(25, 8, 80, "Slow smoothing"),
            "tsi_fast": bars(13, 3, 40, "Fast smoothing"),
            "tsi_signal": bars(13, 3, 40, "Bars of the signal line"),
        },
    ),
    _signal_cross(
        "trix",
        "TRIX cross",
        "TRIX is the change of an average smoothed three times: what is left of a move when all haste is taken out.",
        ("trix", "trix cross", "triple smoothed average"),
        {
            "trix_period": bars(15, 5, 60, "Bars of each smoothing"),
            "trix_signal": bars(9, 3, 40, "Bars of the signal line"),
        },
    ),
    _signal_cross(
        "ppo",
        "Percentage price oscillator cross",
        "The MACD in percent of the price, so that its turns mean the same for dear and for cheap coins.",
        ("ppo", "percentage price oscillator", "ppo cross"),
        {
            "ppo_fast": bars(12, 3, 50, "Fast average"),
            "ppo_slow": bars(26, 8, 120, "Slow average"),
            "ppo_signal": bars(9, 3, 40, "Bars of the signal line"),
        },
    ),
)
