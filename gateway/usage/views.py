"""What was used: by the caller's key, by a workspace on one day, and by everybody for the operator."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Workspace
from billing.principal import Principal
from gateway.models import ApiKey
from gateway.permissions import is_operator
from gateway.usage import reports
from gateway.usage.serializers import SummaryQuery, SummarySerializer, UsageQuery, UsageSerializer
from moondev.lib import cursor
from moondev.lib.clock import now

# A bigint of PostgreSQL; a cursor with a larger number is none of ours.
MAX_ID = 2**63 - 1


class UsageView(APIView):
    """GET /usage."""

    required_scope = None

    @extend_schema(
        operation_id="usage",
        summary="The caller's own requests by day and endpoint",
        description="A session sees its workspace's sessions. Newest day first; about three seconds behind.",
        tags=["account"],
        parameters=[UsageQuery],
        responses=UsageSerializer,
    )
    def get(self, request: Request) -> Response:
        query = UsageQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked, principal = query.validated_data, cast(Principal, request.auth)
        since = now() - timedelta(days=asked["days"] - 1)
        since = since.replace(hour=0, minute=0, second=0, microsecond=0)
        limit = asked["limit"]
        lines = reports.by_day_and_endpoint(
            principal.workspace_id, since, principal.key_id or 0, limit=limit + 1, after=_day_cursor(asked)
        )
        items = [{"date": line.date, "endpoint": line.endpoint, **asdict(line.tally)} for line in lines[:limit]]
        headers = _next(request, items, limit < len(lines), "date", "endpoint")
        return Response({"workspace": principal.workspace_slug, "since": since.date(), "items": items}, headers=headers)


class UsageSummaryView(APIView):
    """GET /usage/summary."""

    required_scope = None
    staff_permission = "gateway.view_usage"

    @extend_schema(
        operation_id="usage_summary",
        summary="One day's requests of the caller's workspace by key and endpoint",
        description="The operator's token, and a session that may see usage on the staff site, see every workspace.",
        tags=["account"],
        parameters=[SummaryQuery],
        responses=SummarySerializer,
    )
    def get(self, request: Request) -> Response:
        query = SummaryQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        day, limit = asked.get("date") or now().date(), asked["limit"]
        sees_all = is_operator(request, self.staff_permission)
        workspace_id = None if sees_all else cast(Principal, request.auth).workspace_id
        rows = reports.of_day(day, workspace_id, limit=limit + 1, after=_row_cursor(asked))
        page = rows[:limit]
        headers = _next(request, page, limit < len(rows), "workspace_id", "key_id", "endpoint")
        return Response({"date": day, "items": _named(page)}, headers=headers)


def _day_cursor(asked: dict[str, Any]) -> tuple[date, str] | None:
    key = cursor.decode(asked.get("cursor"), str, str)
    if key is None:
        return None
    try:
        return date.fromisoformat(key[0]), key[1]
    except ValueError:
        raise cursor.bad_cursor() from None


def _row_cursor(asked: dict[str, Any]) -> tuple[int, int, str] | None:
    key = cursor.decode(asked.get("cursor"), int, int, str)
    if key is not None and not all(0 <= number <= MAX_ID for number in key[:2]):
        raise cursor.bad_cursor()
    return (key[0], key[1], key[2]) if key else None


def _next(request: Request, items: list[dict[str, Any]], is_more: bool, *names: str) -> dict[str, str]:
    if not is_more:
        return {}
    key = [value.isoformat() if isinstance(value := items[-1][name], date) else value for name in names]
    return cursor.next_link(request, cursor.encode(*key))


def _named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the names of their workspaces and keys instead of bare ids."""
    slugs = dict(Workspace.objects.filter(pk__in={row["workspace_id"] for row in rows}).values_list("pk", "slug"))
    keys = dict(ApiKey.objects.filter(pk__in={row["key_id"] for row in rows}).values_list("pk", "name"))
    return [
        {
            "workspace": slugs.get(row["workspace_id"]),
            "key_id": row["key_id"],
            "key": keys.get(row["key_id"]),
            "endpoint": row["endpoint"],
            **asdict(row["tally"]),
        }
        for row in rows
    ]
