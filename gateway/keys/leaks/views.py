"""POST /keys/leaked: where a secret scanner reports keys that it found in public."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gateway.gate import Ticket
from gateway.gate.entrance import address_of
from gateway.gate.process import gate
from gateway.gate.refusals import check_admission
from gateway.keys.leaks import reports
from gateway.keys.leaks.keyring import Keyring
from moondev.lib.addresses import line_of
from moondev.lib.errors import Forbidden, NotFound, TooLarge

MOST_BYTES = 64 * 1024
REPORTS_PER_MINUTE = 60
IDENTIFIER = "Github-Public-Key-Identifier"
SIGNATURE = "Github-Public-Key-Signature"


class LeakSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=reports.LONGEST_TOKEN)
    type = serializers.CharField(help_text="The scanner's name for this kind of secret")
    url = serializers.CharField(allow_blank=True, help_text="Where it was found")


# Not a class: a field named `label` would hide an attribute that every serializer has.
LABELS = inline_serializer(
    "LeakLabel",
    {
        "token_raw": serializers.CharField(),
        "token_type": serializers.CharField(allow_blank=True),
        "label": serializers.ChoiceField(choices=["true_positive", "false_positive"]),
    },
    many=True,
)


class LeakedView(APIView):
    """Public: the signature says who is asking."""

    public = True
    free = True
    authentication_classes = ()

    @extend_schema(
        operation_id="report_leaked_keys",
        summary="Report keys that were found in public",
        description=(
            "For secret scanners, in GitHub's partner format. Each token that is a working key is revoked and its "
            "owner is told. At most 100 tokens and 64 KB a report; the signature (ECDSA, P-256, SHA-256) is over the "
            "raw body."
        ),
        tags=["keys"],
        auth=[],
        parameters=[
            OpenApiParameter(IDENTIFIER, str, OpenApiParameter.HEADER, required=True),
            OpenApiParameter(SIGNATURE, str, OpenApiParameter.HEADER, required=True, description="Base64"),
        ],
        request=LeakSerializer(many=True),
        responses=LABELS,
    )
    def post(self, request: Request) -> Response:
        check_rate(request)
        body = body_of(request)
        identifier, signature = request.headers.get(IDENTIFIER, ""), request.headers.get(SIGNATURE, "")
        if not (identifier and signature):
            raise Forbidden(f"A report is signed: send {IDENTIFIER} and {SIGNATURE}.")
        keyring().verify(identifier=identifier, signature=signature, body=body)
        return Response(reports.answer(reports.parse(body)))


def check_rate(request: Request) -> None:
    """Raise 429 when an address reports too often, well-signed or not."""
    line = line_of(address_of(request._request))  # type: ignore[arg-type]
    check_admission(gate().admit(Ticket(f"a{line}", "leaks", REPORTS_PER_MINUTE, 1, "", 0)))


def body_of(request: Request) -> bytes:
    """The raw body, which the signature covers. Raises TooLarge before reading one that is too long."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES:
        raise TooLarge(f"A report has at most {MOST_BYTES // 1024} KB. Send several.")
    return request._request.body


def keyring() -> Keyring:
    """The keys of the list that the settings name. Raises NotFound where they name none."""
    if not settings.LEAK_REPORT_KEYS_URL:
        raise NotFound("This installation takes no reports of leaked keys.")
    return _keyring(settings.LEAK_REPORT_KEYS_URL)


@lru_cache(maxsize=4)
def _keyring(source: str) -> Keyring:
    return Keyring(source)
