"""The calls on results: the rows of a workspace, by page, by run, by folder and by day, and their summary."""

from __future__ import annotations

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backtests.api import asked, shown
from backtests.api.serializers import MOST, RowsQuery, RowsSerializer, StatsSerializer
from backtests.models import Result
from moondev.lib import cursor
from moondev.lib.errors import NotFound

SCOPE = "backtests"
TAGS = ["backtests"]
NEEDED = ("strategy", "idea", "run", "dataset")


class StatsView(APIView):
    """GET /api/stats."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="backtest_stats", summary="The workspace in numbers", tags=TAGS, responses=StatsSerializer
    )
    def get(self, request: Request) -> Response:
        principal = asked.principal_of(request)
        found = shown.stats(Result.objects.for_workspace(principal.workspace_id))
        return Response({**found, "workspace": principal.workspace_slug})


class BacktestsView(APIView):
    """GET /api/backtests."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="backtests",
        summary="The workspace's backtests, newest first",
        description="The Link header leads to the next page, where there is one.",
        tags=TAGS,
        parameters=[RowsQuery],
        responses=RowsSerializer,
    )
    def get(self, request: Request) -> Response:
        query = RowsQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        chosen = _chosen(request, wanted.get("run"), wanted.get("folder"))
        return _page(request, chosen, wanted["limit"], wanted.get("cursor"), "Loaded {} backtest results")


class ByDateView(APIView):
    """GET /api/backtests/by-date/{date}."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="backtests_by_date",
        summary="The backtests of a day in UTC, as MM-DD-YYYY",
        tags=TAGS,
        responses=RowsSerializer,
    )
    def get(self, request: Request, date: str) -> Response:
        start, end = asked.day_of(date)
        return _page(
            request, Q(created_at__gte=start, created_at__lt=end), MOST, None, f"Found {{}} backtests for {date}"
        )


def _chosen(request: Request, run_name: str | None, folder_name: str | None) -> Q:
    chosen = Q()
    if run_name is not None:
        run = asked.run_of(request, run_name)
        if run is None:
            raise NotFound("There is no run of this name.")
        chosen &= Q(run=run)
    if folder_name is not None:
        chosen &= Q(entries__folder=asked.folder_of(request, folder_name))
    return chosen


def _page(request: Request, chosen: Q, limit: int, after: str | None, message: str) -> Response:
    principal = asked.principal_of(request)
    rows = Result.objects.for_workspace(principal.workspace_id).filter(chosen)
    total = rows.count()
    found = list(rows.filter(asked.behind(after)).select_related(*NEEDED)[: limit + 1])
    shown_rows = [shown.row(result) for result in found[:limit]]
    headers = None
    if len(found) > limit:
        last = found[limit - 1]
        headers = cursor.next_link(request, cursor.encode(last.created_at.isoformat(), last.pk))
    answer = {"data": shown_rows, "total": total, "workspace": principal.workspace_slug}
    return Response({**answer, "message": message.format(len(shown_rows))}, headers=headers)
