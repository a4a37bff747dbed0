"""What static scripts draw: a result's curves and candles as JSON, thinned to what a screen can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.http import HttpRequest, JsonResponse

from backtests.models import Result
from backtests.portal import curves, documents
from backtests.portal.curves import Floats, Ints
from backtests.portal.documents import Document, Trade
from moondev.lib.errors import NotFound

# More marks than this would be a smear; the page says so and the script asks again for a shorter span.
MOST_MARKS = 400
GONE = "The curves of this result are not kept any more."


def series(request: HttpRequest, result: Result) -> JsonResponse:
    """The curves of a result, or of the span `from` to `to` (seconds since 1970) of it. Raises NotFound."""
    document = documents.load(result)
    if document is None:
        raise NotFound(GONE)
    return answer(drawn(document, _second(request, "from"), _second(request, "to")))


def answer(found: Mapping[str, Any]) -> JsonResponse:
    """JSON that the browser may keep for itself: results never change."""
    response = JsonResponse(found)
    response["Cache-Control"] = "private, max-age=600"
    return response


def drawn(document: Document, first: int | None = None, last: int | None = None) -> dict[str, Any]:
    """Curves, candles and trades between two moments, both with them."""
    span = _span(document.times, first, last)
    equity, hold, drawdown = document.equity[span], document.hold[span], document.drawdown[span]
    places = curves.thin([equity, hold, drawdown])
    times = document.times[span]
    return {
        "times": times[places].tolist(),
        "equity": _floats(equity[places]),
        "hold": _floats(hold[places]),
        "drawdown": _floats(drawdown[places]),
        "candles": _candles(document, span),
        **_marks(document.trades, int(times[0]), int(times[-1])),
    }


def overlaid(results: list[tuple[Result, Document]]) -> dict[str, Any]:
    """Equity of several results in percent of their cash, each at its own moments."""
    lines = []
    for result, document in results:
        grown = 100.0 * (document.equity / document.equity[0] - 1.0)
        places = curves.thin([grown], curves.PARTS)
        lines.append({"id": result.pk, "times": document.times[places].tolist(), "values": _floats(grown[places])})
    return {"lines": lines}


def _span(times: Ints, first: int | None, last: int | None) -> slice:
    """At least two bars, however narrow the span."""
    begin = 0 if first is None else int(np.searchsorted(times, first, side="left"))
    end = len(times) if last is None else int(np.searchsorted(times, last, side="right"))
    begin = min(begin, max(len(times) - 2, 0))
    return slice(begin, max(end, begin + 2))


def _candles(document: Document, span: slice) -> dict[str, Any]:
    found = curves.candles(
        document.times[span], document.open[span], document.high[span], document.low[span], document.close[span]
    )
    return {
        "times": found.times.tolist(), "open": _floats(found.open), "high": _floats(found.high),
        "low": _floats(found.low), "close": _floats(found.close),
    }  # fmt: skip


def _marks(trades: list[Trade], first: int, last: int) -> dict[str, Any]:
    inside = [trade for trade in trades if trade.exit_time >= first and trade.entry_time <= last]
    # Evenly over the span, so that no part of it looks as if nothing was done there.
    step = -(-len(inside) // MOST_MARKS) or 1
    rows = [
        [trade.entry_time, trade.entry_price, trade.exit_time, trade.exit_price, -1 if trade.is_short else 1,
         round(trade.pnl, 2)]
        for trade in inside[::step]
    ]  # fmt: skip
    return {"trades": rows, "trades_left_out": len(inside) - len(rows)}


def _floats(values: Floats) -> list[float | None]:
    """Seven digits are more than a screen shows; JSON has no NaN."""
    return [float(f"{value:.7g}") if np.isfinite(value) else None for value in values.tolist()]


def _second(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.lstrip("-").isdigit() and len(text) < 13 else None
