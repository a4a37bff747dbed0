"""POST /billing/create-checkout-session and /billing/create-portal-session, for programs and for old clients."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User, Workspace
from billing.api.idempotency import FORM, HEADER, KEPT_FOR, answer_once
from billing.api.serializers import (
    CheckoutAnswerSerializer,
    CheckoutSerializer,
    PortalAnswerSerializer,
    PortalSerializer,
)
from billing.api.throttle import check_address_rate
from billing.payments.checkout import Order, start_checkout
from billing.payments.customer_portal import start_portal
from billing.payments.returns import BOUGHT, DONE, PLANS, ours
from billing.principal import Principal
from moondev.lib.errors import Forbidden

SCOPE = "billing"
ONCE = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, pattern=FORM,
    description=f"The same key and body within {KEPT_FOR.total_seconds() / 3600:.0f} h get the same answer",
)  # fmt: skip


class CheckoutView(APIView):
    """Anybody may buy; a key of scope `billing` or a session buys for its workspace.

    Clients of the first generation send their key with every call. Here it was never needed, and those keys have no
    scope `billing`: with such a key somebody buys as with none.
    """

    public = True
    knows_sessions = True
    free = True

    @extend_schema(
        operation_id="create_checkout_session",
        summary="Make a page on which to pay for a plan",
        description=(
            "With a key of scope `billing`, or an owner's or admin's session, the plan is bought for that workspace. "
            "Without either, and with a key of other scopes, a stranger buys it, "
            "at most 10 times a minute and 60 times an hour from one address; "
            "whoever pays gets an e-mail with a link that brings the plan into a workspace. "
            "Return URLs are pages of the hosts that this installation allows."
        ),
        tags=["billing"],
        parameters=[ONCE],
        request=CheckoutSerializer,
        responses=CheckoutAnswerSerializer,
    )
    def post(self, request: Request) -> Response:
        principal = _buyer(cast(Principal | None, request.auth))
        asker = _asker(principal) if principal else f"address {check_address_rate(request._request)}"
        asked = _checked(CheckoutSerializer(data=request.data))

        def make(key: str) -> dict[str, Any]:
            session = start_checkout(
                order=Order(plan=asked["plan"], interval=asked["interval"], quantity=asked["quantity"]),
                workspace=_workspace(principal) if principal else None,
                actor=_actor(request),
                email=asked.get("customer_email") or "",
                success_url=asked.get("success_url") or ours(DONE if principal else BOUGHT),
                cancel_url=asked.get("cancel_url") or ours(PLANS),
                idempotency_key=key,
            )
            return {"url": session.url, "session_id": session.id}

        return answer_once(request, asker=asker, make=make)


class PortalView(APIView):
    """Stripe's customer portal, for the workspace of the key or session."""

    required_scope = SCOPE
    free = True

    @extend_schema(
        operation_id="create_portal_session",
        summary="Make a page on which to change the payment method and read invoices",
        description="For a key of scope `billing`, and for the session of an owner or admin.",
        tags=["billing"],
        parameters=[ONCE],
        request=PortalSerializer,
        responses=PortalAnswerSerializer,
    )
    def post(self, request: Request) -> Response:
        principal = cast(Principal, request.auth)
        asked = _checked(PortalSerializer(data=request.data))

        def make(key: str) -> dict[str, Any]:
            url = start_portal(
                workspace=_workspace(principal),
                actor=_actor(request),
                return_url=asked.get("return_url") or ours(PLANS),
                idempotency_key=key,
            )
            return {"url": url}

        return answer_once(request, asker=_asker(principal), make=make)


def _buyer(principal: Principal | None) -> Principal | None:
    """For whose workspace is bought; None for a stranger, and for a key that may not buy for its own."""
    return None if principal and principal.key_id and not principal.may(SCOPE) else principal


def _asker(principal: Principal) -> str:
    """Whose Idempotency-Keys a request's is one of. Raises Forbidden for a member who may not buy."""
    if not principal.may(SCOPE):
        detail = "Your role does not let you buy. Ask an owner or admin of the workspace."
        raise Forbidden(detail, {"scope": SCOPE})
    return f"workspace {principal.workspace_id}"


def _workspace(principal: Principal) -> Workspace:
    return Workspace.objects.get(pk=principal.workspace_id)


def _actor(request: Request) -> User | None:
    """The person of a session; a key is nobody."""
    return request.user if request.auth and isinstance(request.user, User) else None


def _checked(body: Any) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = body.validated_data
    return values
