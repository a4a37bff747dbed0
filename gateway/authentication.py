"""How Django REST framework learns what the gate has decided, and how the schema tells it to clients."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from billing.principal import Principal
from gateway.gate.refusals import CHALLENGE


class GateAuthentication(BaseAuthentication):
    """`request.auth` is the Principal that the gate let in; `request.user` is nobody unless a session did."""

    def authenticate(self, request: Request) -> tuple[Any, Principal | None] | None:
        """The gate has checked everything already: known, allowed, within the minute, and CSRF for sessions."""
        inner = request._request
        principal: Principal | None = getattr(inner, "auth", None)
        if principal is None and not inner.user.is_authenticated:
            return None
        return inner.user, principal

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return CHALLENGE["WWW-Authenticate"]


class GateScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Both headers in the OpenAPI document."""

    target_class = "gateway.authentication.GateAuthentication"
    name = ["apiKey", "bearer"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            {"type": "http", "scheme": "bearer", "description": "The same key as X-API-Key"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]] | None:  # type: ignore[override]
        """One of the two, not both; none where nobody is asked."""
        return None if getattr(auto_schema.view, "public", False) else [{name: []} for name in self.name]
