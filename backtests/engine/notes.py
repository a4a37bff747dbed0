"""What has to be known beside the numbers: said on every result that it applies to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backtests.engine.outcomes import Note
from backtests.engine.request import Request
from backtests.engine.said import settings_of_script
from backtests.engine.verifying import Verified

# Below this part of the cash a trade moves nothing.
TINY = 0.001


def notes_of(
    document: Mapping[str, Any], request: Request, verified: Verified, open_trades: list[dict[str, Any]]
) -> list[Note]:
    """The notes of a result. What only the child knows (rejected orders, say) is repeated as it was said."""
    facts = Facts(document)
    return [
        *_of_trades(verified, open_trades, facts),
        *_of_bars(verified, request, document),
        *_of_account(verified, request, facts, document),
    ]


class Facts:
    """Counts in a child's answer: whole numbers, or 0."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        warned = document.get("warned")
        self._warned = warned if isinstance(warned, Mapping) else {}

    def count(self, name: str) -> int:
        return _count(self._document.get(name))

    def warned(self, name: str) -> int:
        return _count(self._warned.get(name))

    @property
    def refusal(self) -> str:
        """Why a script's orders were refused, as its adaptations say."""
        texts = self._document.get("adaptations")
        found = [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
        return next((text[:200] for text in found if "refused" in text), "")

    @property
    def blind(self) -> list[str]:
        """Indicators without a single value."""
        names = self._document.get("blind")
        return [name[:60] for name in names[:5] if isinstance(name, str)] if isinstance(names, list) else []


def cause_of_no_trades(verified: Verified, facts: Facts) -> str:
    """The likely reason why nothing was traded."""
    bars, warmup = len(verified.equity), verified.ledger.first - 1
    if facts.blind:
        return f"These indicators have no value on any of the {bars:,} bars: {', '.join(facts.blind)}. Shorten them."
    if warmup + 2 >= bars:
        return f"The indicators need {warmup:,} bars before the first trade, and there are {bars:,}. Use more bars."
    if facts.warned("refused"):
        return f"{_orders(facts.warned('refused'))} refused. {facts.refusal}".strip()
    if facts.warned("too small"):
        return f"{_orders(facts.warned('too small'))} too small to buy one unit. Use more cash or a larger size."
    if facts.warned("too large"):
        return f"{_orders(facts.warned('too large'))} rejected because cash and margin did not cover them. Trade less."
    if facts.count("waiting"):
        return "Orders were placed, and the market never reached their limit or stop."
    if facts.count("placed"):
        return "Orders were placed, and none was filled before the bars ended."
    return "The entry conditions were never all true on these bars. Loosen one of them."


def _of_trades(verified: Verified, open_trades: list[dict[str, Any]], facts: Facts) -> Iterator[Note]:
    if open_trades:
        yield Note("open_trades", f"{_trades(len(open_trades))} still open at the end and in no number of trades.")
    elif not len(verified.trades):
        yield Note("no_trades", f"There were no trades. {cause_of_no_trades(verified, facts)}")
    if verified.unit < 1 and len(verified.trades):
        yield Note("fractional", f"Parts of a unit were traded, down to {verified.unit:.0e}.")
    yield from _of_size(verified)


def _of_size(verified: Verified) -> Iterator[Note]:
    trades = verified.trades
    if not len(trades):
        return
    largest = float((trades["Size"].abs() * trades["EntryPrice"]).max())
    if largest < TINY * verified.equity[0]:
        yield Note(
            "tiny_size",
            f"The largest trade was worth {largest:.4g}, less than a thousandth of the cash. A size of 1 or more "
            f"counts units of {verified.unit:g}; use a fraction of the equity instead.",
        )


def _of_bars(verified: Verified, request: Request, document: Mapping[str, Any]) -> Iterator[Note]:
    warmup = verified.ledger.first - 1
    if warmup > 1:
        yield Note(
            "warmup", f"The first {warmup:,} of {len(verified.equity):,} bars were skipped to warm up indicators."
        )
    if document.get("timeframe"):
        yield Note(
            "resampled", f"The script made {len(verified.equity):,} longer bars of the data set and traded on them."
        )
    elif document.get("rows"):
        yield Note("part", f"The script traded on {len(verified.equity):,} bars of the data set, not on all of them.")
    if request.simulated:
        yield Note("simulated", "The bars are simulated: no market has traded at these prices.")


def _of_script(document: Mapping[str, Any]) -> Iterator[Note]:
    theirs = settings_of_script(document)
    if theirs:
        told = ", ".join(f"{name} {value}" for name, value in theirs.items())
        yield Note("script_settings", f"The script asks for {told}. The settings of the run were used.")


def _of_account(verified: Verified, request: Request, facts: Facts, document: Mapping[str, Any]) -> Iterator[Note]:
    if request.settings.is_free:
        yield Note("no_costs", "Fees and slippage are switched off, so the numbers are better than a venue would give.")
    yield from _of_script(document)
    if verified.equity[-1] <= 0:
        yield Note("ruined", "The account lost everything, and trading ended there.")
    rejected = facts.warned("too small") + facts.warned("too large")
    if rejected and len(verified.trades):
        yield Note("rejected", f"{_orders(rejected)} rejected: cash and margin did not cover them.")
    if facts.count("late"):
        yield Note(
            "late",
            f"{_trades(facts.count('late'))} ended at the close of the bar it began in: with trade on close, "
            "backtesting.py ends it at the close before.",
        )
    if facts.warned("ambiguous"):
        yield Note(
            "ambiguous",
            f"{_trades(facts.warned('ambiguous'))} entered by a limit or stop whose own stop or target lies in the "
            "same bar; which came first is unknown, so they were closed later.",
        )


def _count(value: Any) -> int:
    return min(value, 10**9) if type(value) is int and value > 0 else 0


def _orders(count: int) -> str:
    return "1 order was" if count == 1 else f"{count:,} orders were"


def _trades(count: int) -> str:
    return "1 trade was" if count == 1 else f"{count:,} trades were"
