"""The calls on runs. A view parses, makes one call of a service and answers."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backtests import services
from backtests.api import asked, shown
from backtests.api.serializers import NewRunSerializer, StartedSerializer, StatusSerializer
from backtests.models import Result
from moondev.lib.errors import Invalid, NotFound

SCOPE = "backtests"
TAGS = ["backtests"]
NOBODY = ("progress", "id", "error", "created_at", "started_at", "finished_at")


class RunView(APIView):
    """POST /api/backtest/run."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="start_backtest",
        summary="Start a run of ideas on data sets",
        description="Each idea becomes a strategy that is run, repaired and improved. Over the plan's runs a day: 403.",
        tags=TAGS,
        request=NewRunSerializer,
        responses=StartedSerializer,
    )
    def post(self, request: Request) -> Response:
        body = asked.body_of(request)
        settings, options, edits = asked.params_of(body)
        try:
            run = services.start_run(
                workspace=asked.workspace_of(request), actor=asked.principal_of(request),
                ideas=asked.text_of(body, "ideas"), name=asked.text_of(body, "run_name", needed=False),
                dataset_ids=asked.datasets_of(request, body), settings=settings, options=options, edits=edits,
            )  # fmt: skip
        except Invalid as error:
            raise asked.under_params(error) from None
        return _started(request, run.pk, run.name, f"Backtest '{run.name}' is queued.")


class StatusView(APIView):
    """GET /api/backtest/status/{run_name}."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="backtest_status",
        summary="How far the newest run of this name is",
        description="An id is taken as well. A run that nobody started has the status `not_found`.",
        tags=TAGS,
        responses=StatusSerializer,
    )
    def get(self, request: Request, run_name: str) -> Response:
        workspace = asked.principal_of(request).workspace_slug
        run = asked.run_of(request, run_name)
        if run is None:
            nothing = {"status": "not_found", "new_count": 0, "run_name": run_name, **dict.fromkeys(NOBODY)}
            return Response({"workspace": workspace, **nothing, "message": f"No backtest found with name '{run_name}'"})
        count = Result.objects.for_workspace(run.workspace_id).filter(run=run).count()
        says = run.error_text or str(run.progress.get("says", ""))
        return Response({"workspace": workspace, **shown.status(run, count), "message": says})


class CancelView(APIView):
    """POST /api/backtest/cancel/{run_name}."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="cancel_backtest",
        summary="Stop the newest run of this name",
        description="A run that has finished stays as it is; so cancelling twice is harmless.",
        tags=TAGS,
        request=None,
        responses=StartedSerializer,
    )
    def post(self, request: Request, run_name: str) -> Response:
        run = asked.run_of(request, run_name)
        if run is None:
            raise NotFound("There is no run of this name.")
        stopped = services.cancel_run(run=run, actor=asked.principal_of(request))
        says = f"Backtest '{stopped.name}' is {stopped.status}." if stopped.is_finished else "It is being stopped."
        return _started(request, stopped.pk, stopped.name, says)


def _started(request: Request, pk: str, name: str, message: str) -> Response:
    workspace = asked.principal_of(request).workspace_slug
    return Response({"workspace": workspace, "success": True, "message": message, "run_name": name, "id": pk})
