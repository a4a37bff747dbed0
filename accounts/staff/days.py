"""The filter of every list by days."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str


class DaysFilter(RangeDateFilter):
    """Days from one to another in UTC, both included. Unfold's own ends with the first moment of the last day."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of these days; a day that cannot be read is left out."""
        edges = {"gte": self._moment("from", time.min), "lte": self._moment("to", time.max)}
        return queryset.filter(**{f"{self.parameter_name}__{edge}": at for edge, at in edges.items() if at})

    def _moment(self, edge: str, at: time) -> datetime | None:
        day = parse_date_str(str(self.used_parameters.get(f"{self.parameter_name}_{edge}", "")))
        return datetime.combine(day, at, UTC) if day else None
