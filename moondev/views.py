"""What every service answers: is it alive, can it serve, what does it count, what can be called."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from moondev import health, metrics
from moondev.lib import errors
from moondev.lib.operator import has_operator_token, is_on_this_machine
from moondev.live import Live

CHECK_STATES = ("ok", "stale", "empty", "down")


class Open(APIView):
    """A call that needs no key; a probe of an orchestrator is not even counted."""

    public = True
    free = True
    uncounted = True
    authentication_classes = ()
    permission_classes = ()


class Health(Open):
    @extend_schema(
        operation_id="health",
        tags=["operations"],
        summary="Whether the service and the parts it needs are well",
        responses=inline_serializer(
            "Health",
            {
                "status": serializers.ChoiceField(["ok", "degraded"]),
                "time": serializers.DateTimeField(),
                "service": serializers.CharField(),
                "checks": inline_serializer(
                    "HealthChecks",
                    {name: serializers.ChoiceField(CHECK_STATES) for name in ("database", "redis", "market_data")},
                ),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        """200 also when degraded: the process is alive, and restarting it would mend nothing."""
        return Response(health.health(), headers={"Cache-Control": "no-store"})


class Ready(Open):
    @extend_schema(
        operation_id="ready",
        tags=["operations"],
        summary="Whether this process can serve, for orchestrators",
        responses={
            200: inline_serializer("Ready", {"ready": serializers.BooleanField()}),
            503: OpenApiResponse(OpenApiTypes.OBJECT, "Not yet, or not any more; `detail` says why"),
        },
    )
    def get(self, request: Request) -> Response:
        """200 when migrations are applied and database and Redis answer, else 503."""
        reasons = health.reasons_not_ready()
        if reasons:
            raise errors.Unavailable(f"Not ready: {'; '.join(reasons)}.", headers={"Retry-After": "1"})
        return Response({"ready": True}, headers={"Cache-Control": "no-store"})


@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for the operator only."""
    check_operator(request)
    return HttpResponse(metrics.exposition(Live()), content_type=CONTENT_TYPE_LATEST)


def check_operator(request: HttpRequest) -> None:
    """Let the operator's token pass, and without one a caller on this machine; raises 401 or 403 for all others."""
    if has_operator_token(request):
        return
    if "HTTP_AUTHORIZATION" in request.META:
        raise errors.Forbidden("This is not the operator's token.")
    if not is_on_this_machine(request):
        raise errors.NotAuthenticated(
            "Send the operator's token as `Authorization: Bearer <token>`.", headers={"WWW-Authenticate": "Bearer"}
        )


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """A browser for the schema; everything it loads comes from this server."""
    return render(request, "docs/browser.html")


@require_safe
def docs_errors(request: HttpRequest) -> HttpResponse:
    """What each error code means; the `type` of every problem points here."""
    # Templates call whatever can be called, so they get what the classes say and not the classes.
    rows = [{"code": k.code, "status": k.status, "title": k.title, "help": k.help()} for k in kinds_of_error()]
    return render(request, "docs/errors.html", {"errors": rows})


def kinds_of_error() -> list[type[errors.AppError]]:
    """Every kind of error with a code of its own, by status."""
    kinds = {kind.code: kind for kind in _below(errors.AppError)}
    return sorted(kinds.values(), key=lambda kind: (kind.status, kind.code))


def _below(kind: type[errors.AppError]) -> list[type[errors.AppError]]:
    # The most general kind with a code comes last, so that it is the one that explains it.
    found = [leaf for child in kind.__subclasses__() for leaf in _below(child)]
    return [*found, kind]
