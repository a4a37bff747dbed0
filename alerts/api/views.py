"""The calls on alerts. A view parses, makes one call of a service and answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alerts import services
from alerts.api import asked, shown
from alerts.api.serializers import (
    AlertSerializer,
    AlertsQuery,
    DeletedSerializer,
    DestinationSerializer,
    EntrySerializer,
    EventSerializer,
    FoundSerializer,
    HistoryQuery,
    NewAlertSerializer,
    PreviewSerializer,
)
from alerts.history import history
from alerts.models import Alert, Destination
from alerts.preview import DAYS
from marketdata.state import is_simulated
from moondev.lib import cursor

SCOPE = "alerts"
TAGS = ["alerts"]


class AlertsView(APIView):
    """GET and POST /alerts."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="alerts",
        summary="The workspace's alerts, newest first",
        description="The Link header leads to the next page.",
        tags=TAGS,
        parameters=[AlertsQuery],
        responses=AlertSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        query = AlertsQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted, limit = query.validated_data, query.validated_data["limit"]
        rows = Alert.objects.for_workspace(asked.principal_of(request).workspace_id)
        chosen = rows.filter(asked.filter_of(wanted), asked.behind(wanted.get("cursor")))
        found = list(chosen.prefetch_related("destinations")[: limit + 1])
        last = found[:limit][-1:]
        more = cursor.encode(last[0].created_at.isoformat(), last[0].pk) if len(found) > limit else ""
        return _page(request, [shown.alert(row) for row in found[:limit]], more)

    @extend_schema(
        operation_id="create_alert",
        summary="Make an alert",
        description="Over the plan's number of alerts it is 403.",
        tags=TAGS,
        request=NewAlertSerializer,
        responses={201: AlertSerializer},
    )
    def post(self, request: Request) -> Response:
        made = services.create_alert(
            workspace=asked.workspace_of(request),
            actor=asked.principal_of(request),
            values=asked.values_of(request),
        )
        return Response(shown.alert(made), status=201)


class AlertView(APIView):
    """GET, PATCH and DELETE /alerts/{id}."""

    required_scope = SCOPE

    @extend_schema(operation_id="alert", summary="One alert with its state", tags=TAGS, responses=AlertSerializer)
    def get(self, request: Request, id: str) -> Response:
        return Response(shown.alert(asked.alert_of(request, id)))

    @extend_schema(
        operation_id="update_alert",
        summary="Change some of an alert",
        description=(
            "What is left out stays, null is the default, and the type never changes. `enabled` pauses and resumes, "
            "`snoozed_until` keeps it quiet. With another symbol or direction its state begins anew."
        ),
        tags=TAGS,
        request=NewAlertSerializer(partial=True),
        responses=AlertSerializer,
    )
    def patch(self, request: Request, id: str) -> Response:
        found = asked.alert_of(request, id)
        values = asked.values_of(request)
        return Response(
            shown.alert(services.update_alert(alert=found, actor=asked.principal_of(request), values=values))
        )

    @extend_schema(
        operation_id="delete_alert",
        summary="Delete an alert with its history",
        tags=TAGS,
        responses={200: DeletedSerializer},
    )
    def delete(self, request: Request, id: str) -> Response:
        services.delete_alert(alert=asked.alert_of(request, id), actor=asked.principal_of(request))
        return Response({"deleted": True, "id": id})


class TrialView(APIView):
    """POST /alerts/{id}/test."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="test_alert",
        summary="Send a test to where the alert's messages go",
        description="Whatever is muted. What became of it is in the history; at most 10 tests a minute.",
        tags=TAGS,
        request=None,
        responses={202: EventSerializer},
    )
    def post(self, request: Request, id: str) -> Response:
        event = services.test_alert(alert=asked.alert_of(request, id), actor=asked.principal_of(request))
        return Response(shown.event(event), status=202)


class HistoryView(APIView):
    """GET /alerts/{id}/history."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="alert_history",
        summary="What has happened to an alert, newest first",
        description="Each change of state, each event, and each attempt to deliver it with the answer.",
        tags=TAGS,
        parameters=[HistoryQuery],
        responses=EntrySerializer(many=True),
    )
    def get(self, request: Request, id: str) -> Response:
        query = HistoryQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        limit, after = query.validated_data["limit"], asked.place_behind(query.validated_data.get("cursor"))
        lines = history(asked.alert_of(request, id), limit=limit + 1, after=after)
        more = ""
        if len(lines) > limit:
            at, rank, pk = lines[limit - 1].place
            more = cursor.encode(at.isoformat(), rank, pk)
        return _page(request, [shown.entry(line) for line in lines[:limit]], more)


class PreviewView(APIView):
    """POST /alerts/preview."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="preview_alert",
        summary="When an alert would have fired",
        description="Over the stored data of the plan's history, at the plan's interval. Nothing is made.",
        tags=TAGS,
        request=PreviewSerializer,
        responses=FoundSerializer,
    )
    def post(self, request: Request) -> Response:
        days, workspace = asked.days_of(request, DAYS), asked.workspace_of(request)
        found = services.preview_alert(workspace=workspace, values=asked.values_of(request), days=days)
        return Response(shown.preview(found, days=days, simulated=is_simulated()))


class DestinationsView(APIView):
    """GET /alerts/destinations."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="alert_destinations",
        summary="The places to which messages may go",
        description="They are made and changed in the portal, by an owner or admin.",
        tags=TAGS,
        responses=DestinationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = Destination.objects.for_workspace(asked.principal_of(request).workspace_id).filter(deleted_at=None)
        return Response([shown.destination(row) for row in rows])


def _page(request: Request, items: list[dict[str, Any]], more: str) -> Response:
    """A plain array; the way to the next page is in the Link header."""
    return Response(items, headers=cursor.next_link(request, more) if more else None)
