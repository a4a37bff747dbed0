"""A result as files. What a child or a customer made leaves as an attachment and never as a page of ours."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.template.loader import render_to_string

from backtests import rows
from backtests.coding import code_of
from backtests.datasets import frames
from backtests.models import Dataset, Result
from backtests.portal import documents
from backtests.portal.documents import Trade
from moondev.lib.cells import defuse

TRADE_COLUMNS = (
    *("side", "size", "entry_time", "entry_price", "exit_time", "exit_price", "pnl", "return_pct", "entry_bar"),
    *("exit_bar", "tag"),
)


Answer = TypeVar("Answer", bound=HttpResponseBase)


def attached(response: Answer, name: str, dataset: Dataset) -> Answer:
    """Sent as a file, whatever is in it: not looked into for a type, and without rights should it be opened.

    Its name, as `simulated-T01_Cross_v1-12.csv`, and a header say what comes of simulated bars.
    """
    if dataset.is_simulated:
        name = f"simulated-{name}"
        response["X-Market-Data-Source"] = "simulated"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # django-csp adds it to the policy of every page.
    response._csp_update = {"sandbox": [""]}  # type: ignore[attr-defined]
    return response


def trades(result: Result) -> HttpResponse:
    """The trades as CSV, times in UTC."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(TRADE_COLUMNS)
    document = documents.load(result)
    writer.writerows(_cells(document.trades if document else []))
    return of_result(HttpResponse(held.getvalue(), content_type="text/csv; charset=utf-8"), result, "csv")


def result(result: Result) -> HttpResponse:
    """The row, the numbers, the trades and the equity as JSON."""
    document = documents.load(result)
    held = {
        **rows.columns_of(result),
        "id": result.pk, "run": result.run_id, "parameters": result.parameters, "settings": result.run.settings,
        "stats": result.stats, "metrics": result.metrics, "notes": result.notes, "verdict": result.verdict,
        "lookahead": result.lookahead, "lookahead_evidence": result.lookahead_evidence,
        "engine_version": result.engine_version, "sandbox_level": result.sandbox_level,
        "canonical_sha256": result.canonical_sha256, "simulated": result.dataset.is_simulated,
        "trades": [dict(zip(TRADE_COLUMNS, row, strict=True)) for row in _plain(document.trades if document else [])],
        "equity": [] if document is None else [
            [_iso(at), value] for at, value in zip(document.times.tolist(), document.equity.tolist(), strict=True)
        ],
    }  # fmt: skip
    return of_result(JsonResponse(held, json_dumps_params={"indent": 1}), result, "json")


def report(result: Result, shown: Mapping[str, Any]) -> HttpResponse:
    """One HTML file without scripts, made by us."""
    html = render_to_string("portal/backtests/report.html", {**shown, "outline": _outline(shown)})
    return of_result(HttpResponse(html), result, "html")


def code(result: Result) -> HttpResponse:
    """The strategy with the result's parameters and the run's account: run by itself it gives the same numbers."""
    response = HttpResponse(code_of(result), content_type="text/x-python; charset=utf-8")
    return of_result(response, result, "py")


def bars(dataset: Dataset) -> StreamingHttpResponse:
    """A data set as CSV. Raises NotFound when its file is gone, which would be a broken download later."""
    frames.path(dataset)
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in dataset.name)
    lines = StreamingHttpResponse(frames.csv_of(dataset), content_type="text/csv; charset=utf-8")
    return attached(lines, f"{safe}.csv", dataset)


def of_result(response: Answer, result: Result, suffix: str) -> Answer:
    """A file of a result, as `T01_Cross_v1-12.csv`."""
    return attached(response, f"{rows.file_name(result.idea, result.strategy)}-{result.pk}.{suffix}", result.dataset)


def _cells(trades: list[Trade]) -> Iterator[list[str]]:
    for row in _plain(trades):
        yield [defuse(cell) for cell in row]


def _plain(trades: list[Trade]) -> Iterator[tuple[Any, ...]]:
    for trade in trades:
        yield (
            "short" if trade.is_short else "long", trade.size, _iso(trade.entry_time), trade.entry_price,
            _iso(trade.exit_time), trade.exit_price, trade.pnl, trade.return_pct, trade.entry_bar, trade.exit_bar,
            trade.tag,
        )  # fmt: skip


def _iso(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _outline(shown: Mapping[str, Any]) -> str:
    """The equity as the points of an SVG line, 1,000 wide and 200 high."""
    document = shown["document"]
    if document is None or len(document.equity) < 2:
        return ""
    step = max(1, len(document.equity) // 500)
    values = document.equity[::step]
    low, high = float(values.min()), float(values.max())
    span = high - low or 1.0
    return " ".join(
        f"{1000 * place / (len(values) - 1):.1f},{200 - 200 * (float(value) - low) / span:.1f}"
        for place, value in enumerate(values)
    )
