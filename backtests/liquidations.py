"""What was liquidated lately: sums by span, side and symbol, within a plan's history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, FloatField, Q, Sum, When
from django.db.models.functions import Cast

from marketdata.catalogue import LIQUIDATIONS
from marketdata.history import history_start
from marketdata.models import Liquidation
from marketdata.state import State, is_live, state_of
from moondev.lib.clock import now

HOURS = (1, 4, 12, 24)
MOST_SYMBOLS = 50


@dataclass(frozen=True, slots=True)
class Sums:
    """Liquidated USD of longs and of shorts, and how many orders that were."""

    longs: float
    shorts: float
    orders: int

    @property
    def total(self) -> float:
        return self.longs + self.shorts

    @property
    def long_share(self) -> int:
        """Percent of longs, for the bar."""
        return round(100 * self.longs / self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class Window:
    """The sums of one span. `is_cut`: the plan's history begins within it."""

    hours: int
    sums: Sums
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Look:
    """The feed at one moment `at`, from `begins` on (None: all of it)."""

    state: State
    at: datetime
    begins: datetime | None

    def window(self, hours: int) -> Window:
        """The sums of the last so many hours."""
        start = self.at - timedelta(hours=hours)
        found = self._rows(hours).aggregate(**_sums())
        return Window(hours, _sum(found), self.begins is not None and self.begins > start)

    def by_symbol(self, hours: int) -> list[dict[str, Any]]:
        """`{"symbol", "sums"}` of the symbols with most, the largest first."""
        rows = self._rows(hours).values("symbol").annotate(**_sums(), total=Sum(_usd()))
        return [
            {"symbol": row["symbol"], "sums": _sum(row)} for row in rows.order_by("-total", "symbol")[:MOST_SYMBOLS]
        ]

    def newest(self, hours: int, *, above: float, below: float | None, most: int) -> list[Liquidation]:
        """The newest orders of more than `above` USD and not more than `below`."""
        rows = self._rows(hours).filter(usd_size__gt=above)
        if below is not None:
            rows = rows.filter(usd_size__lte=below)
        return list(rows.order_by("-time", "-id")[:most])

    def _rows(self, hours: int) -> Any:
        start = max(filter(None, (self.at - timedelta(hours=hours), self.begins)))
        return Liquidation.objects.filter(source=self.state.source, time__gt=start, time__lte=self.at).order_by()


def look(history_days: int | None) -> Look:
    """The feed now, or at the newest row of files that nobody goes on with, for a plan with so many days."""
    state = state_of(LIQUIDATIONS.name)
    at = now() if is_live() or state.newest is None else state.newest
    return Look(state, at, history_start(LIQUIDATIONS.name, history_days))


def _usd() -> Any:
    return Cast(F("usd_size"), FloatField())


def _sums() -> dict[str, Any]:
    """A sold position was a long."""
    return {
        "longs": Sum(Case(When(side="SELL", then=_usd()), default=0.0), default=0.0),
        "shorts": Sum(Case(When(~Q(side="SELL"), then=_usd()), default=0.0), default=0.0),
        "orders": Count("id"),
    }


def _sum(found: dict[str, Any]) -> Sums:
    return Sums(found["longs"], found["shorts"], found["orders"])
