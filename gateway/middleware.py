"""The gate in front of every view of every service."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve

from gateway.gate.entrance import count_address, enter
from gateway.gate.headers import put_headers
from gateway.gate.process import gate
from gateway.gate.visit import NOWHERE, GatedRequest, Rule, Visit, rule_of
from gateway.usage.meter import endpoint_of, meter
from gateway.usage.writer import writer
from moondev.lib.errors import AppError
from moondev.lib.problems import answer, is_page

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Gate:
    """Lets requests in before their view runs, and settles what they cost when its status is known.

    A streamed answer is settled when its first byte goes out: from then on it has succeeded.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        gate()

    def __call__(self, incoming: HttpRequest) -> HttpResponseBase:
        request = begun(incoming)
        return settled(request, self.get_response(request))

    def process_view(
        self, incoming: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Called by Django when the view is known."""
        return refusal_of(cast(GatedRequest, incoming), rule_of(view))


def refuse_early(incoming: HttpRequest, error: AppError) -> HttpResponseBase:
    """The answer to a request that must not come as far as the gate: counted there, and with its headers, all the same.

    A key that may not act, or too many requests, are told before the error.
    """
    request = begun(incoming)
    with suppress(Resolver404):
        request.resolver_match = resolve(request.path_info)
    return settled(request, answer(error, request))


def refusal_of(request: GatedRequest, rule: Rule) -> HttpResponse | None:
    """Let a request in, or answer why not."""
    request.seen = True
    try:
        enter(request, rule)
    except AppError as error:
        return answer(error, request)
    return None


def settled(request: GatedRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer, or a refusal in its place when no view was found and so nobody has asked for a key yet; counted."""
    if not request.seen:
        response = nowhere(request) or response
    if request.visit is not None:
        leave(request, request.visit, response)
    return response


def nowhere(request: GatedRequest) -> HttpResponse | None:
    """No view was found: the key or the address is counted all the same, and a bad key is 403 before it is 404."""
    refusal = refusal_of(request, NOWHERE)
    if refusal is None and request.visit is None and not is_page(request):
        try:
            count_address(request, NOWHERE)
        except AppError as error:
            return answer(error, request)
    return refusal


def begun(incoming: HttpRequest) -> GatedRequest:
    """A request of which nothing is known yet."""
    request = cast(GatedRequest, incoming)
    request.auth, request.visit, request.seen = None, None, False
    return request


def leave(request: GatedRequest, visit: Visit, response: HttpResponseBase) -> None:
    """Settle, tell what is left of the minute, and count the request."""
    status = response.status_code
    admission = gate().settle(visit.admission, succeeded=200 <= status < 400)
    put_headers(response, admission)
    meter.count(visit.workspace_id, visit.key_id, endpoint_of(request.resolver_match), status)
    writer.start()
