"""The product's own addresses and a few that fail in ways the product's views do not."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from moondev.lib import errors
from moondev.urls import handler400, handler403, handler404, handler500
from moondev.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

SECRET_TEXT = "the row not-for-customers of olivia has md_live_abcdefghijkl"
RAISED: dict[str, Exception] = {
    "unhandled": RuntimeError(SECRET_TEXT),
    "http404": Http404(SECRET_TEXT),
    "denied": PermissionDenied(SECRET_TEXT),
    "suspicious": SuspiciousOperation(SECRET_TEXT),
    "bad": BadRequest(SECRET_TEXT),
    "conflict": errors.Conflict("The run is finished. Start a new one."),
    "away": errors.Unavailable("The source is away.", headers={"Retry-After": "7"}),
    "throttled": exceptions.Throttled(wait=3),
    "parse": exceptions.ParseError(SECRET_TEXT),
    "validation": exceptions.ValidationError({"rules": [{"a/b": ["Too small."]}], "non_field_errors": ["Not both."]}),
}


def plain(request: HttpRequest, kind: str) -> HttpResponse:
    raise RAISED[kind]


def page(request: HttpRequest, kind: str) -> HttpResponse:
    raise RAISED[kind]


class Body(serializers.Serializer[Any]):
    threshold = serializers.FloatField(min_value=0)


class Framework(APIView):
    public = True
    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request, kind: str) -> Response:
        raise RAISED[kind]

    def post(self, request: Request, kind: str) -> Response:
        body = Body(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(body.validated_data)


urlpatterns = [
    *product,
    path("t/plain/<str:kind>", plain),
    path("t/framework/<str:kind>", Framework.as_view()),
    path("portal/t/<str:kind>", page),
]
