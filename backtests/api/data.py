"""The calls on data: how fresh the feeds are, what was liquidated lately, and data sets as files."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backtests import liquidations
from backtests.api import asked
from backtests.api.serializers import DataStatusSerializer, MessageSerializer, RecentQuery, RecentSerializer
from backtests.portal.downloads import bars
from backtests.refreshing import refresh
from marketdata.catalogue import FEEDS
from marketdata.state import STALE_AFTER_SEC, State, is_live, is_simulated, state_of

TAGS = ["backtest data"]
FEEDS_SHOWN = {"liquidations": "liquidations", "oi": "open_interest"}
MOST_RECENT = 50
# What each size is called, with the USD above which it begins.
SIZES = (("mini", 3_000), ("big", 25_000), ("major", 100_000))


class DataStatusView(APIView):
    """GET /api/data-status."""

    required_scope = "data"

    @extend_schema(
        operation_id="data_status", summary="How fresh the data are", tags=TAGS, responses=DataStatusSerializer
    )
    def get(self, request: Request) -> Response:
        return Response({name: _feed(state_of(FEEDS[feed].name)) for name, feed in FEEDS_SHOWN.items()})


class RefreshView(APIView):
    """POST /api/refresh-data."""

    required_scope = "data"

    @extend_schema(
        operation_id="refresh_data",
        summary="Have the data read now",
        description="Live sources are read every 5 seconds anyway; files are as fresh as their last import.",
        tags=TAGS,
        request=None,
        responses=MessageSerializer,
    )
    def post(self, request: Request) -> Response:
        if not refresh():
            return Response({"message": "The data come from files and change when somebody imports one."})
        return Response({"message": "Data refresh initiated"})


class RecentView(APIView):
    """GET /api/liquidations/recent."""

    required_scope = "data"

    @extend_schema(
        operation_id="recent_liquidations",
        summary="What was liquidated lately, by side and symbol",
        description="Windows end now, or at the newest row of imported files; what lies before the plan's history is "
        "not counted.",
        tags=TAGS,
        parameters=[RecentQuery],
        responses=RecentSerializer,
    )
    def get(self, request: Request) -> Response:
        query = RecentQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        hours, days = query.validated_data["hours"], asked.principal_of(request).terms.history_days
        found = liquidations.look(days)
        largest = {name: _largest(found, hours, name) for name, _ in SIZES}
        windows = {f"{span}h": _sums(found.window(span).sums) for span in liquidations.HOURS}
        symbols = [{"symbol": row["symbol"], **_sums(row["sums"])} for row in found.by_symbol(hours)]
        return Response({**largest, "stats": windows, "symbols": symbols, "hours": hours, "simulated": is_simulated()})


class DatasetView(APIView):
    """GET /download/testdata/{name}."""

    required_scope = "backtests"

    @extend_schema(
        operation_id="download_dataset",
        summary="A data set as CSV",
        tags=TAGS,
        parameters=[
            OpenApiParameter(
                "X-Market-Data-Source",
                str,
                OpenApiParameter.HEADER,
                response=[200],
                description="`simulated` where the bars are not real",
            )
        ],
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        return bars(asked.dataset_of(request, name))


def _feed(state: State) -> dict[str, Any]:
    age = state.age_sec
    is_stale = is_live() and age is not None and age > STALE_AFTER_SEC
    return {
        "status": "pending" if age is None else "stale" if is_stale else "ready",
        "last_updated": state.read_at.strftime("%H:%M:%S") if state.read_at else None,
        "file_size": None,
        "rows": state.rows,
        "newest": state.newest,
        "age_sec": age,
        "source": state.source,
        "simulated": is_simulated(),
    }


def _largest(found: liquidations.Look, hours: int, size: str) -> list[dict[str, Any]]:
    bounds = dict(SIZES)
    above = bounds[size]
    below = min((bound for bound in bounds.values() if bound > above), default=None)
    return [
        {
            "category": size, "symbol": row.symbol, "side": row.side,
            "qty": float(row.order_filled_accumulated_quantity), "exec_price": float(row.price),
            "usd_amount": float(row.usd_size), "timestamp": int(row.time.timestamp() * 1000),
        }
        for row in found.newest(hours, above=above, below=below, most=MOST_RECENT)
    ]  # fmt: skip


def _sums(sums: liquidations.Sums) -> dict[str, Any]:
    return {"volume": sums.total, "longs": sums.longs, "shorts": sums.shorts, "orders": sums.orders}
