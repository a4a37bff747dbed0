"""Who am I, and how much is left: free of charge, and answered even when the minute is spent."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.principal import Principal
from gateway.gate.serializers import QuotaSerializer, WhoamiSerializer
from gateway.gate.visit import GatedRequest, Visit


class WhoamiView(APIView):
    """GET /whoami."""

    free = True
    required_scope = None

    @extend_schema(
        operation_id="whoami",
        summary="The caller's plan, limits and workspace",
        description="Costs no quota and still answers when the minute is used up.",
        tags=["account"],
        responses=WhoamiSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(whoami(cast(Principal, request.auth)))


class QuotaView(APIView):
    """GET /quota."""

    free = True
    required_scope = None

    @extend_schema(
        operation_id="quota",
        summary="What is left of the present minute",
        description="Costs no quota and is answered when the minute is used up.",
        tags=["account"],
        responses=QuotaSerializer,
    )
    def get(self, request: Request) -> Response:
        # The gate lets nobody in here without a visit.
        admission = cast(Visit, cast(GatedRequest, request._request).visit).admission
        return Response(
            {
                "plan": cast(Principal, request.auth).terms.plan,
                "used": admission.used,
                "limit_per_min": admission.ticket.limit,
                "resets_in_sec": admission.resets_in,
            }
        )


def whoami(principal: Principal) -> dict[str, Any]:
    """A principal as the contract shows it."""
    limits = principal.terms.limits()
    return {
        "plan": principal.terms.plan,
        "limit_per_min": principal.limit_per_minute,
        "mode": "keystore" if principal.key_id is not None else "session",
        "key_hash": principal.key_alias or None,
        "limits": limits,
        "features": limits["features"],
        "workspace": principal.workspace_slug,
    }
