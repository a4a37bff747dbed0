"""Volume: who is behind a move."""

from __future__ import annotations

from backtests.rbi.blueprints.parts import (
    CLOSE,
    OPEN,
    RANGE,
    ZERO,
    above,
    bars,
    below,
    both,
    factor,
    lately,
    level,
    line,
    over,
    times,
    under,
    zero,
)
from backtests.rbi.blueprints.shapes import Blueprint, Confirm, Plan, Rule

OBV = line("obv")
OBV_MEAN = line("ema", of=OBV, period="obv_mean")
MEAN = line("ema", period="mean_period")
TREND = line("ema", period="trend_period")
PRICE_CHANGE = line("momentum", period="divergence_bars")
OBV_CHANGE = line("momentum", of=OBV, period="divergence_bars")
RELATIVE = line("relative_volume", period="volume_bars")
MFI = line("mfi", period="mfi_period")
CMF = line("cmf", period="cmf_period")
VWAP = line("vwap")
USUAL = line("atr", period="range_period", ago=1)
FORCE = line("force", period="force_period")

BLUEPRINTS = (
    Blueprint(
        name="volume_divergence",
        title="Volume divergence",
        family="volume",
        thesis=(
            "On-balance volume adds what is bought and takes away what is sold. When it rises while the price falls,"
            " someone takes what others throw away; the price follows once it turns over its short average."
        ),
        words=(
            "divergence price obv",
            "volume divergence",
            "obv divergence",
            "divergence volume",
            "divergence between price and volume",
            "price volume divergence",
            "cvd divergence",
            "delta divergence",
            "cvd",
            "cumulative volume delta",
            "declining volume",
        ),
        hints=("divergence", "diverging", "diverge", "diverges", "delta"),
        loosely=("cvd", "cumulative volume delta", "cvd divergence", "delta divergence"),
        loosely_says="Bars do not tell buyers from sellers: the volume of rising less falling bars (OBV) stands in.",
        plan=Plan(
            parameters={
                "divergence_bars": bars(20, 5, 100, "Bars that are compared"),
                "recent_bars": bars(5, 1, 30, "Bars since the divergence"),
                "mean_period": bars(10, 3, 60, "Average that the close must cross"),
                **zero(),
            },
            long=Rule(
                both(
                    lately(both(below(PRICE_CHANGE, ZERO), above(OBV_CHANGE, ZERO)), "recent_bars"),
                    over(CLOSE, MEAN),
                ),
                "within {recent_bars} bars of a price below and an OBV above those of {divergence_bars} bars before"
                " the close crosses over its average of {mean_period}",
            ),
            short=Rule(
                both(
                    lately(both(above(PRICE_CHANGE, ZERO), below(OBV_CHANGE, ZERO)), "recent_bars"),
                    under(CLOSE, MEAN),
                ),
                "within {recent_bars} bars of a price above and an OBV below those of {divergence_bars} bars before"
                " the close crosses under its average of {mean_period}",
            ),
            confirm=Confirm(
                lately(both(below(PRICE_CHANGE, ZERO), above(OBV_CHANGE, ZERO)), "signal_bars"),
                lately(both(above(PRICE_CHANGE, ZERO), below(OBV_CHANGE, ZERO)), "signal_bars"),
                "over {divergence_bars} bars the on-balance volume went the trade's way and the price did not,"
                " within {signal_bars} bars",
                ("divergence_bars", "zero"),
            ),
        ),
        reward=2,
        hold=60,
    ),
    Blueprint(
        name="volume_trend",
        title="On-balance volume trend",
        family="volume",
        thesis=(
            "Volume goes before price. While on-balance volume and price both stand over their averages, buyers are"
            " behind the rise."
        ),
        words=("obv", "on balance volume", "obv trend", "volume trend", "volume leads price", "rising volume"),
        plan=Plan(
            parameters={
                "obv_mean": bars(30, 5, 200, "Average of the OBV"),
                "mean_period": bars(30, 5, 200, "Average of the close"),
            },
            long=Rule(
                both(over(OBV, OBV_MEAN), above(CLOSE, MEAN)),
                "the OBV crosses over its average of {obv_mean} bars with the close over its own of {mean_period}",
                under(OBV, OBV_MEAN),
                "the OBV crosses back under",
            ),
            short=Rule(
                both(under(OBV, OBV_MEAN), below(CLOSE, MEAN)),
                "the OBV crosses under its average of {obv_mean} bars with the close under its own of {mean_period}",
                over(OBV, OBV_MEAN),
                "the OBV crosses back over",
            ),
            confirm=Confirm(
                above(OBV, OBV_MEAN),
                below(OBV, OBV_MEAN),
                "the OBV is on the trade's side of its average of {obv_mean} bars",
                ("obv_mean",),
            ),
        ),
    ),
    Blueprint(
        name="volume_surge",
        title="Volume surge",
        family="volume",
        thesis=(
            "A bar on a multiple of the usual volume that closes on its side of the average has news in it, known or"
            " not. The move is joined until it falls back under the average."
        ),
        words=(
            "vol spike",
            "high vol",
            "vol confirmation",
            "volume surge",
            "volume spike",
            "volume spikes",
            "unusual volume",
            "high volume",
            "relative volume",
            "rvol",
            "volume explosion",
            "abnormal volume",
            "volume confirmation",
            "confirmed by volume",
            "big volume",
            "strong volume",
            "above average volume",
            "volume increase",
            "heavy volume",
            "volume filter",
            "whale",
            "whales",
            "whale buying",
            "whale trades",
            "whale activity",
            "pump",
        ),
        hints=("volume", "surge", "unusual", "vol"),
        loosely=("whale", "whales", "whale buying", "whale trades", "whale activity"),
        loosely_says="Bars do not tell who trades: a multiple of the usual volume stands in for large traders.",
        plan=Plan(
            parameters={
                "volume_bars": bars(20, 5, 100, "Bars of the usual volume"),
                "volume_times": factor(2, 1.1, 6, "Multiple of the usual volume"),
                "mean_period": bars(20, 5, 100, "Average"),
            },
            long=Rule(
                both(above(RELATIVE, "volume_times"), above(CLOSE, OPEN), above(CLOSE, MEAN)),
                "a green bar over the average of {mean_period} has {volume_times} times the usual volume",
                under(CLOSE, MEAN),
                "the close falls under the average",
            ),
            short=Rule(
                both(above(RELATIVE, "volume_times"), below(CLOSE, OPEN), below(CLOSE, MEAN)),
                "a red bar under the average of {mean_period} has {volume_times} times the usual volume",
                over(CLOSE, MEAN),
                "the close rises over the average",
            ),
            confirm=Confirm(
                above(RELATIVE, "volume_times"),
                above(RELATIVE, "volume_times"),
                "the bar has {volume_times} times the usual volume of {volume_bars} bars",
                ("volume_bars", "volume_times"),
            ),
        ),
        hold=60,
    ),
    Blueprint(
        name="volume_dry_up",
        title="Volume dry-up",
        family="volume",
        thesis=(
            "A pause on little volume means that those who hold do not sell. When the price turns over its short"
            " average after such quiet bars, few stand in its way."
        ),
        words=(
            "volume dry up",
            "volume dries up",
            "volume drying up",
            "low volume",
            "quiet volume",
            "below average volume",
            "volume dry",
            "lack of volume",
            "volume fades",
        ),
        hints=("dry", "dries", "drying"),
        plan=Plan(
            parameters={
                "volume_bars": bars(20, 5, 100, "Bars of the usual volume"),
                "dry": factor(0.6, 0.1, 1, "Part of the usual volume that is little", 0.05),
                "recent_bars": bars(5, 1, 30, "Bars since the quiet one"),
                "mean_period": bars(10, 3, 60, "Average that the close must cross"),
                "trend_period": bars(50, 10, 300, "Average that shows the trend"),
            },
            long=Rule(
                both(lately(below(RELATIVE, "dry"), "recent_bars"), over(CLOSE, MEAN), above(CLOSE, TREND)),
                "within {recent_bars} bars of one with under {dry} of the usual volume the close crosses over its"
                " average of {mean_period}, above that of {trend_period}",
            ),
            short=Rule(
                both(lately(below(RELATIVE, "dry"), "recent_bars"), under(CLOSE, MEAN), below(CLOSE, TREND)),
                "within {recent_bars} bars of one with under {dry} of the usual volume the close crosses under its"
                " average of {mean_period}, below that of {trend_period}",
            ),
            confirm=Confirm(
                lately(below(RELATIVE, "dry"), "signal_bars"),
                lately(below(RELATIVE, "dry"), "signal_bars"),
                "a bar had under {dry} of the usual volume within {signal_bars} bars",
                ("volume_bars", "dry"),
            ),
        ),
        reward=2,
        hold=60,
    ),
    Blueprint(
        name="volume_climax",
        title="Volume climax",
        family="volume",
        thesis=(
            "The largest volume of a fall is made by those who give up and those who take it from them. After such a"
            " bar nobody is left to sell, and the first close the other way is taken."
        ),
        words=(
            "volume climax",
            "climax",
            "selling climax",
            "buying climax",
            "capitulation",
            "capitulation volume",
            "capitulate",
            "exhaustion volume",
            "volume exhaustion",
            "stopping volume",
            "volume spike reversal",
        ),
        hints=("exhaustion", "washout"),
        plan=Plan(
            parameters={
                "volume_bars": bars(30, 5, 100, "Bars of the usual volume"),
                "volume_times": factor(2, 1.1, 8, "Multiple of the usual volume"),
                "climax_bars": bars(5, 1, 20, "Bars since the climax"),
                "mean_period": bars(5, 2, 30, "Average that the close must cross"),
            },
            long=Rule(
                both(
                    lately(both(above(RELATIVE, "volume_times"), below(CLOSE, OPEN)), "climax_bars"), over(CLOSE, MEAN)
                ),
                "within {climax_bars} bars of a red bar on {volume_times} times the usual volume the close crosses"
                " over its average of {mean_period}",
            ),
            short=Rule(
                both(
                    lately(both(above(RELATIVE, "volume_times"), above(CLOSE, OPEN)), "climax_bars"), under(CLOSE, MEAN)
                ),
                "within {climax_bars} bars of a green bar on {volume_times} times the usual volume the close crosses"
                " under its average of {mean_period}",
            ),
            confirm=Confirm(
                lately(both(above(RELATIVE, "volume_times"), below(CLOSE, OPEN)), "signal_bars"),
                lately(both(above(RELATIVE, "volume_times"), above(CLOSE, OPEN)), "signal_bars"),
                "a bar against the trade had {volume_times} times the usual volume within {signal_bars} bars",
                ("volume_bars", "volume_times"),
            ),
        ),
        reward=2,
        hold=40,
    ),
    Blueprint(
        name="money_flow_reversal",
        title="Money flow reversal",
        family="volume",
        thesis=(
            "The money flow index is an RSI that counts each change by the money behind it. Its extremes are rarer than"
            " the RSI's, and the way back from them is traded."
        ),
        words=("mfi", "money flow index", "money flow reversal", "mfi oversold"),
        hints=("money flow",),
        plan=Plan(
            parameters={
                "mfi_period": bars(14, 5, 50, "Bars of the MFI"),
                "dried": level(25, 5, 40, "MFI that is low"),
                "flooded": level(75, 60, 95, "MFI that is high"),
                "even": level(50, 40, 60, "MFI that ends the trade"),
            },
            long=Rule(
                over(MFI, "dried"),
                "the MFI({mfi_period}) comes back over {dried}",
                over(MFI, "even"),
                "it reaches {even}",
            ),
            short=Rule(
                under(MFI, "flooded"),
                "the MFI({mfi_period}) falls back under {flooded}",
                under(MFI, "even"),
                "it reaches {even}",
            ),
            confirm=Confirm(
                lately(below(MFI, "dried"), "signal_bars"),
                lately(above(MFI, "flooded"), "signal_bars"),
                "the MFI({mfi_period}) was under {dried} (for shorts over {flooded}) within {signal_bars} bars",
                ("mfi_period", "dried", "flooded"),
            ),
        ),
        hold=60,
    ),
    Blueprint(
        name="money_flow_trend",
        title="Chaikin money flow",
        family="volume",
        thesis=(
            "Closes near the high on large volume are purchases that were not finished in the bar. A money flow that"
            " turns positive says that this happens more often than the reverse."
        ),
        words=(
            "cmf",
            "chaikin",
            "chaikin money flow",
            "money flow",
            "buying pressure",
            "selling pressure",
            "order flow",
        ),
        hints=("pressure", "inflow", "outflow", "flow", "flows"),
        loosely=("order flow",),
        loosely_says="Bars have no order flow: where they close in their range, weighted by volume, stands in for it.",
        plan=Plan(
            parameters={
                "cmf_period": bars(20, 5, 60, "Bars of the money flow"),
                "inflow": level(0.05, 0, 0.4, "Money flow that opens a long", 0.01),
                "outflow": level(-0.05, -0.4, 0, "Money flow that opens a short", 0.01),
            },
            long=Rule(
                over(CMF, "inflow"),
                "the money flow of {cmf_period} bars crosses over {inflow}",
                under(CMF, "outflow"),
                "it crosses under {outflow}",
            ),
            short=Rule(
                under(CMF, "outflow"),
                "the money flow of {cmf_period} bars crosses under {outflow}",
                over(CMF, "inflow"),
                "it crosses over {inflow}",
            ),
            confirm=Confirm(
                above(CMF, "inflow"),
                below(CMF, "outflow"),
                "the money flow of {cmf_period} bars goes the trade's way",
                ("cmf_period", "inflow", "outflow"),
            ),
        ),
    ),
    Blueprint(
        name="vwap_trend",
        title="Side of the VWAP",
        family="volume",
        thesis=(
            "Above the day's volume-weighted price the average buyer of the day is in profit. A cross of it on more"
            " than the usual volume shows who has taken over."
        ),
        words=("vwap cross", "vwap breakout", "above vwap", "vwap trend", "reclaim vwap", "vwap reclaim", "lose vwap"),
        hints=("vwap", "intraday"),
        plan=Plan(
            parameters={
                "volume_bars": bars(20, 5, 100, "Bars of the usual volume"),
                "volume_times": factor(1, 0.5, 4, "Multiple of the usual volume"),
            },
            long=Rule(
                both(over(CLOSE, VWAP), above(RELATIVE, "volume_times")),
                "the close crosses over the day's VWAP on over {volume_times} times the usual volume",
                under(CLOSE, VWAP),
                "it crosses back under",
            ),
            short=Rule(
                both(under(CLOSE, VWAP), above(RELATIVE, "volume_times")),
                "the close crosses under the day's VWAP on over {volume_times} times the usual volume",
                over(CLOSE, VWAP),
                "it crosses back over",
            ),
            confirm=Confirm(
                above(CLOSE, VWAP), below(CLOSE, VWAP), "the close is on the trade's side of the day's VWAP", ()
            ),
        ),
    ),
    Blueprint(
        name="quiet_accumulation",
        title="Quiet accumulation",
        family="volume",
        thesis=(
            "Someone who buys much and wants to pay little does it in small bars on large volume. A bar that moves less"
            " than usual on more volume than usual shows such absorption; the price's next step out of it is followed."
        ),
        words=(
            "accumulation",
            "whale accumulation",
            "smart money accumulation",
            "smart money",
            "institutional accumulation",
            "institutional buying",
            "absorption",
            "accumulation distribution",
            "distribution",
            "vsa",
            "volume spread analysis",
            "effort versus result",
        ),
        hints=("accumulate", "accumulating", "institutions", "institutional"),
        loosely=(
            "whale accumulation",
            "smart money accumulation",
            "smart money",
            "institutional accumulation",
            "institutional buying",
        ),
        loosely_says="Bars do not tell who trades: much volume in a small bar stands in for large buyers.",
        plan=Plan(
            parameters={
                "volume_bars": bars(20, 5, 100, "Bars of the usual volume"),
                "volume_times": factor(1.3, 1, 5, "Multiple of the usual volume"),
                "range_period": bars(14, 5, 60, "Bars of the average true range"),
                "small": factor(1, 0.2, 2, "Range of the bar in true ranges"),
                "recent_bars": bars(5, 1, 30, "Bars since the absorption"),
                "mean_period": bars(10, 3, 60, "Average that the close must cross"),
            },
            long=Rule(
                both(
                    lately(both(above(RELATIVE, "volume_times"), below(RANGE, times(USUAL, "small"))), "recent_bars"),
                    over(CLOSE, MEAN),
                ),
                "within {recent_bars} bars of a bar of under {small} true ranges on {volume_times} times the usual"
                " volume the close crosses over its average of {mean_period}",
            ),
            short=Rule(
                both(
                    lately(both(above(RELATIVE, "volume_times"), below(RANGE, times(USUAL, "small"))), "recent_bars"),
                    under(CLOSE, MEAN),
                ),
                "within {recent_bars} bars of a bar of under {small} true ranges on {volume_times} times the usual"
                " volume the close crosses under its average of {mean_period}",
            ),
            confirm=Confirm(
                lately(both(above(RELATIVE, "volume_times"), below(RANGE, times(USUAL, "small"))), "signal_bars"),
                lately(both(above(RELATIVE, "volume_times"), below(RANGE, times(USUAL, "small"))), "signal_bars"),
                "a small bar of under {small} true ranges had {volume_times} times the usual volume within"
                " {signal_bars} bars",
                ("volume_bars", "volume_times", "range_period", "small"),
            ),
        ),
        reward=2,
        hold=60,
    ),
    Blueprint(
        name="force_turn",
        title="Force index turn",
        family="volume",
        thesis=(
            "Change times volume is the force of a bar. When its average turns over nought within a rise of the price,"
            " the pause is over."
        ),
        words=("force index", "elder", "elder force", "elder ray", "force"),
        plan=Plan(
            parameters={
                "force_period": bars(13, 2, 60, "Bars of the force"),
                "mean_period": bars(30, 5, 200, "Average that shows the trend"),
                **zero(),
            },
            long=Rule(
                both(over(FORCE, ZERO), above(CLOSE, MEAN)),
                "the force of {force_period} bars turns positive above the average of {mean_period}",
                under(FORCE, ZERO),
                "it turns negative",
            ),
            short=Rule(
                both(under(FORCE, ZERO), below(CLOSE, MEAN)),
                "the force of {force_period} bars turns negative below the average of {mean_period}",
                over(FORCE, ZERO),
                "it turns positive",
            ),
            confirm=Confirm(
                above(FORCE, ZERO),
                below(FORCE, ZERO),
                "the force of {force_period} bars points the trade's way",
                ("force_period", "zero"),
            ),
        ),
    ),
)
