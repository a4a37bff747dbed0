"""The outermost layers of every request: its id, its log line and metrics, and the shape of its errors."""

from __future__ import annotations

import re
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import cast

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import Resolver404, resolve

from gateway.middleware import refuse_early
from moondev import metrics
from moondev.lib import errors
from moondev.lib.addresses import is_within, parse_address, parse_networks
from moondev.lib.problems import answer, is_page
from moondev.problems import TOO_LARGE, as_problem, is_bare_error, known_error

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Digits of a body's length in bytes.
LONGEST_LENGTH = 18
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
UNMATCHED = "unmatched"
# PostgreSQL takes it in no text. API calls check their own parameters.
NUL = "%00"
TOO_LARGE_FILE = "The file is larger than 60 MB. Bring fewer bars, or a Parquet file, which is smaller."
log = structlog.get_logger("moondev.access")


class NamedRequest(HttpRequest):
    """A request that the log has given an id."""

    request_id: str


class RequestLog:
    """Gives a request its id, and writes one log line and its metrics when the answer is out.

    Neither ever holds a header, a query string or the path itself: the route's template says which call it was.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        name = request_id(request)
        cast(NamedRequest, request).request_id = name
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=name, service=settings.MOONDEV_SERVICE)
        response = self.get_response(request)
        response["X-Request-Id"] = name
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = Watched(iter(response), lambda: finish(request, response, started))
        else:
            finish(request, response, started)
        return response


class Watched:
    """A streamed body that tells when it was closed, however far it was read."""

    def __init__(self, parts: Iterator[bytes], closed: Callable[[], None]) -> None:
        self.parts = parts
        self.closed = closed

    def __iter__(self) -> Iterator[bytes]:
        return self.parts

    def close(self) -> None:
        """Called by Django when the server has closed the answer."""
        self.closed()


class Problems:
    """Refuses what no view should meet, a body that is too large and a page's address with NUL, and gives every error
    the one shape, whoever made it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if body_length(request) > largest_body(request):
            return refuse_early(request, errors.TooLarge(TOO_LARGE_FILE if is_upload(request) else TOO_LARGE))
        if NUL in request.META.get("QUERY_STRING", "") and is_page(request):
            return refuse_early(request, errors.AppError("The address holds a character that no text has."))
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and is_bare_error(response) and not is_page(request):
            return as_problem(response, request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """An error that a plain view raised; an unforeseen one goes on to Django, which logs it."""
        error = known_error(exception)
        return answer(error, request) if error else None


def request_id(request: HttpRequest) -> str:
    """The id that a proxy of ours gave the request, or a new one: a client's own would let it forge log lines."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    peer = parse_address(request.META.get("REMOTE_ADDR", ""))
    trusted = parse_networks(tuple(settings.TRUSTED_PROXIES))
    if given and peer and is_within(peer, trusted) and SANE_REQUEST_ID.fullmatch(given):
        return str(given)
    return uuid.uuid4().hex


def body_length(request: HttpRequest) -> int:
    """The declared length of the body in bytes; a body without one is never read, so it counts as none."""
    text = request.META.get("CONTENT_LENGTH") or ""
    if not text.isdecimal():
        return 0
    # Of thousands of digits int() makes an error.
    return int(text) if len(text) <= LONGEST_LENGTH else sys.maxsize


def is_upload(request: HttpRequest) -> bool:
    """Whether files are brought to this address, by somebody with a session."""
    return request.path_info in settings.LARGEST_BODIES and settings.SESSION_COOKIE_NAME in request.COOKIES


def largest_body(request: HttpRequest) -> int:
    """How many bytes the body of a request may have."""
    usual: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return settings.LARGEST_BODIES[request.path_info] if is_upload(request) else usual


def route_of(request: HttpRequest) -> str:
    """The template of the route, as `files/<str:name>`; one word for all addresses that do not exist."""
    match = request.resolver_match
    if match is None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return UNMATCHED
    return match.route or "/"


def finish(request: HttpRequest, response: HttpResponseBase, started: float) -> None:
    """Write the access log's line and the metrics of an answered request."""
    seconds = time.perf_counter() - started
    method = request.method if request.method in metrics.METHODS else "other"
    route = route_of(request)
    metrics.observe(method=str(method), route=route, status=response.status_code, seconds=seconds)
    log.info("request", method=method, route=route, status=response.status_code, duration_ms=round(seconds * 1000, 2))
