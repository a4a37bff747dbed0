"""How an error leaves the house: `application/problem+json` (RFC 9457) for programs, a page for people."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from moondev.lib.errors import PROBLEM_CONTENT_TYPE, AppError, problem

# Below these paths a person looks at pages; everything else is read by programs, unknown paths included.
PAGES = ("portal", "admin", "accounts", "docs", "static")


def is_page(request: HttpRequest) -> bool:
    """Whether a person rather than a program reads the answer to this path."""
    return request.path == "/" or request.path.split("/", 2)[1] in PAGES


def _is_staff_page(request: HttpRequest) -> bool:
    """Whether it is about the staff site: the way back is another there, and nobody stands in a workspace."""
    return request.path.split("/", 2)[1] == "admin"


def answer(error: AppError, request: HttpRequest) -> HttpResponse:
    """An error in the form that suits the reader of this path."""
    if not is_page(request):
        return problem_response(error, request)
    context = {"error": error, "request_id": request_id_of(request), "is_staff_page": _is_staff_page(request)}
    # Without the request: an error page must not ask the database or the session for anything.
    page = render_to_string([f"{error.status}.html", "portal/error.html"], context)
    return HttpResponse(page, status=error.status, headers=dict(error.headers))


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
