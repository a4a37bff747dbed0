"""Results side by side: up to six of them compared, and all of a workspace in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.portal.pages import Page, show, without, workspace_of
from backtests.models import Dataset, Result
from backtests.portal import documents, drawing
from backtests.portal.forms import BoardFilter
from backtests.portal.words import lookahead_of, parameters_of, percent, ratio, tone_of

MOST = 6
PER_PAGE = 50
# Dash patterns beside colours, so that lines are told apart without them.
LINES = range(1, MOST + 1)
# What a column is called, where it is stored, and whether larger is better.
COLUMNS: Mapping[str, tuple[str, str, Callable[[Any], str]]] = {
    "return": ("Return", "return_pct", percent),
    "hold": ("Buy & hold", "buy_hold_pct", percent),
    "drawdown": ("Max. drawdown", "max_drawdown_pct", percent),
    "trades": ("Trades", "trades", lambda value: f"{value:,}"),
    "sharpe": ("Sharpe", "sharpe", ratio),
    "sortino": ("Sortino", "sortino", ratio),
    "exposure": ("Exposure", "exposure_pct", lambda value: percent(value, signed=False)),
    "expectancy": ("Expectancy", "expectancy_pct", percent),
}
SORTS = {**{name: field for name, (_, field, _) in COLUMNS.items()}, "strategy": "strategy__name",
         "dataset": "dataset__name", "time": "created_at"}  # fmt: skip
COLOURED = ("return_pct", "expectancy_pct")


@dataclass(frozen=True, slots=True)
class Cell:
    """A number in a table."""

    label: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """A result as a row."""

    result: Result
    cells: tuple[Cell, ...]
    lookahead: Any
    parameters: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column's title: the address that sorts by it, and how it is sorted now."""

    title: str
    query: str
    sorted: str
    is_number: bool


def line_of(result: Result) -> Line:
    cells = tuple(
        Cell(label, say(getattr(result, field)), tone_of(getattr(result, field)) if field in COLOURED else "")
        for label, field, say in COLUMNS.values()
    )
    return Line(result, cells, lookahead_of(result), parameters_of(result))


def rows_of(request: HttpRequest) -> QuerySet[Result]:
    """The workspace's results with what a row names."""
    found: QuerySet[Result] = Result.objects.for_workspace(workspace_of(request))
    return found.select_related("strategy", "dataset", "run", "idea")


def chosen(request: HttpRequest) -> list[Result]:
    """The results that the address names, in its order; what is not the workspace's is left out, as are too many."""
    ids = [int(text) for text in request.GET.getlist("id") if text.isascii() and text.isdigit() and len(text) < 18]
    wanted = list(dict.fromkeys(ids))[:MOST]
    found = {row.pk: row for row in rows_of(request).filter(pk__in=wanted)}
    return [found[pk] for pk in wanted if pk in found]


def compare(request: HttpRequest) -> HttpResponse:
    """Up to six results in one table, their equity in one drawing."""
    results = chosen(request)
    lines = [line_of(result) for result in results]
    table = [(label, [line.cells[place] for line in lines]) for place, (label, _, _) in enumerate(COLUMNS.values())]
    query = "&".join(f"id={result.pk}" for result in results)
    return show(
        request, "portal/backtests/compare.html", "Compare", lines=lines, table=table, query=query, most=MOST,
        numbered=list(zip(LINES, lines, strict=False)),
    )  # fmt: skip


def compare_series(request: HttpRequest) -> HttpResponse:
    """The equity of up to six results for charts.js."""
    held = [(result, documents.load(result)) for result in chosen(request)]
    return drawing.answer(drawing.overlaid([(result, found) for result, found in held if found is not None]))


def board(request: HttpRequest) -> HttpResponse:
    """All results of the workspace, best first by whatever column, narrowed by what one likes."""
    everything = rows_of(request)
    used = Dataset.objects.filter(pk__in=everything.order_by().values("dataset")).order_by("name", "pk")
    form = BoardFilter(request.GET or {}, datasets=used)
    rows = narrowed(everything, form.cleaned_data) if form.is_valid() else everything.none()
    name, is_down = sorting(request)
    page = Paginator(in_order(rows, SORTS[name], is_down=is_down), PER_PAGE).get_page(request.GET.get("page"))
    return show(
        request, "portal/backtests/board.html", "Leaderboard", filters=form, page=page,
        lines=[line_of(result) for result in page.object_list], heads=heads(request, name, is_down=is_down),
        others=without(request, "page"), is_empty=not page.object_list and not request.GET, most=MOST,
    )  # fmt: skip


def narrowed(rows: QuerySet[Result], chosen: Mapping[str, Any]) -> QuerySet[Result]:
    """What the filters let through."""
    if dataset := chosen.get("dataset"):
        rows = rows.filter(dataset=dataset)
    if lookahead := chosen.get("lookahead"):
        rows = rows.filter(lookahead=lookahead)
    if trades := chosen.get("trades"):
        rows = rows.filter(trades__gte=trades)
    if words := chosen.get("q"):
        rows = rows.filter(Q(strategy__name__icontains=words) | Q(run__name__icontains=words))
    return rows


def sorting(request: HttpRequest) -> tuple[str, bool]:
    """The column and whether the largest comes first; by return without a word."""
    text = request.GET.get("sort", "-return")
    name = text.removeprefix("-")
    return (name, text.startswith("-")) if name in SORTS else ("return", True)


def in_order(rows: QuerySet[Result], field: str, *, is_down: bool) -> QuerySet[Result]:
    """Rows without the number come last either way."""
    by = F(field).desc(nulls_last=True) if is_down else F(field).asc(nulls_last=True)
    return rows.order_by(by, "-pk")


def heads(request: HttpRequest, name: str, *, is_down: bool) -> list[Head]:
    """The columns' titles as links that sort; a second press turns the order round."""
    titles: Sequence[tuple[str, str]] = [
        ("strategy", "Strategy"), ("dataset", "Data"), *((key, title) for key, (title, _, _) in COLUMNS.items()),
        ("time", "Made"),
    ]  # fmt: skip
    rest = without(request, "page", "sort")
    found = []
    for key, title in titles:
        here = key == name
        way = "" if here and is_down else "-"
        query = f"sort={way}{key}" + (f"&{rest}" if rest else "")
        found.append(Head(title, query, ("descending" if is_down else "ascending") if here else "", key in COLUMNS))
    return found


PAGES = (
    Page("backtests/compare/", "results-compare", compare),
    Page("backtests/compare/series/", "results-compare-series", compare_series),
    Page("backtests/board/", "leaderboard", board),
)
