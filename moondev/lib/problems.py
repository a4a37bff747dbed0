"""The one way in which an error leaves the house: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse

from moondev.lib.errors import PROBLEM_CONTENT_TYPE, AppError, problem


def problem_response(error: AppError, request: HttpRequest) -> HttpResponse:
    """The answer that tells a customer about an error; carries the error's own headers."""
    return HttpResponse(
        problem_body(error, request),
        status=error.status,
        content_type=PROBLEM_CONTENT_TYPE,
        headers=dict(error.headers),
    )


def problem_body(error: AppError, request: HttpRequest) -> bytes:
    """The problem document as JSON; the path never includes the query string, where a secret may have been put."""
    document = problem(error, instance=request.path, request_id=request_id_of(request))
    return json.dumps(document, ensure_ascii=False).encode(errors="replace")


def request_id_of(request: HttpRequest) -> str:
    """The id under which the logs know this request; empty before the request log has seen it."""
    return str(getattr(request, "request_id", ""))
