"""The API itself: which call is answered by whom, and everything that Stripe does the same way for every call."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from billing.sandbox import faults
from billing.sandbox.errors import Refused
from billing.sandbox.expand import expanded, listing
from billing.sandbox.forms import Params, decode
from billing.sandbox.paging import page_of
from billing.sandbox.store import Object, store

# Called with the decoded parameters and the ids of the path; answers an object, or rows that become a list.
Handler = Callable[..., Object | list[Object]]
KEY_SECONDS = 24 * 3600
COMMON = frozenset({"expand"})
OF_LISTS = frozenset({"limit", "starting_after", "ending_before"})

_routes: dict[str, dict[str, tuple[Handler, frozenset[str] | None]]] = {}


def resource(method: str, path: str, takes: str | None = None) -> Callable[[Handler], Handler]:
    """Register a call: `@resource("POST", "v1/customers/<id>", takes="email name")`.

    The handler is called with the store's lock held as `handler(params, id)`. It returns the object (the stored one
    may be returned, a copy is sent), or a list of rows, newest first, to be paged. `takes` names the parameters; any
    other is refused as Stripe refuses it. Without `takes` all are let through.
    """

    def keep(handler: Handler) -> Handler:
        names = None if takes is None else frozenset(takes.split()) | COMMON
        _routes.setdefault(path, {})[method] = (handler, names)
        return handler

    return keep


def routes() -> list[str]:
    """The paths; those with the fewest ids come first, so that `invoices/create_preview` is not taken for an id."""
    return sorted(_routes, key=lambda path: (path.count("<"), path))


def unknown(request: HttpRequest, unknown: str) -> HttpResponse:
    """A call that nobody registered."""
    return answer(request, unknown)


def answer(request: HttpRequest, path: str, **ids: str) -> HttpResponse:
    """Answer one call to `path`, the registered one."""
    data = store()
    key = request.headers.get("Idempotency-Key", "")
    faults.note(request, key)
    fault = faults.answer()
    if fault is not None:
        return fault
    with data.lock:
        request_id = data.new_id("req")
        data.request = {"id": request_id, "idempotency_key": key or None}
        try:
            status, body, replayed = _answer(request, path, ids, key)
        except Refused as refused:
            status, body, replayed = refused.status, refused.body, False
        finally:
            data.request = {"id": None, "idempotency_key": None}
            data.is_dirty = data.is_dirty or request.method != "GET"
        if status >= 400:
            body["error"]["request_log_url"] = f"http://{request.get_host()}/#{request_id}"
        response = JsonResponse(body, status=status, json_dumps_params={"indent": 2})
    return _headed(response, request, request_id, key, replayed=replayed)


def _headed(response: HttpResponse, request: HttpRequest, request_id: str, key: str, *, replayed: bool) -> HttpResponse:
    response["Request-Id"] = request_id
    response["Stripe-Version"] = request.headers.get("Stripe-Version", faults.API_VERSION)
    if key:
        response["Idempotency-Key"] = key
    if replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def _answer(request: HttpRequest, path: str, ids: dict[str, str], key: str) -> tuple[int, Any, bool]:
    """Status, body, and whether it is an earlier answer."""
    check_key(request)
    params = decode(request.META.get("QUERY_STRING", ""), request.body.decode())
    if not key or request.method != "POST":
        return *_call(request, path, ids, params), False
    digest = hashlib.sha256(json.dumps([request.path, params], sort_keys=True).encode()).hexdigest()
    kept = store().answers.get(key)
    if kept and kept["until"] > store().now():
        if kept["digest"] != digest:
            raise _other_parameters(key)
        return kept["status"], json.loads(kept["body"]), True
    status, body = _call(request, path, ids, params)
    until = store().now() + KEY_SECONDS
    store().answers[key] = {"digest": digest, "status": status, "body": json.dumps(body), "until": until}
    return status, body, False


def _call(request: HttpRequest, path: str, ids: dict[str, str], params: Params) -> tuple[int, Any]:
    handler, names = _handler(request, path)
    if names is not None:
        _check_names(params, names | (OF_LISTS if request.method == "GET" else frozenset()))
    try:
        found = handler(params, *ids.values())
    except Refused as refused:
        # Like Stripe: a decline is the answer to its key for good, a call that was never begun is not.
        if refused.status == 402:
            return refused.status, refused.body
        raise
    if isinstance(found, list):
        rows, has_more = page_of(found, params)
        found = listing(request.path, rows, has_more=has_more)
    return 200, expanded(found, params.texts("expand"))


def _handler(request: HttpRequest, path: str) -> tuple[Handler, frozenset[str] | None]:
    found = _routes.get(path, {}).get(request.method or "")
    if found is None:
        raise Refused(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
    return found


def _check_names(params: Params, names: frozenset[str]) -> None:
    unknown = [name for name in params if name not in names]
    if unknown:
        words = ", ".join(unknown)
        raise Refused(f"Received unknown parameter: {words}", code="parameter_unknown", param=unknown[0])


def _other_parameters(key: str) -> Refused:
    return Refused(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )


def check_key(request: HttpRequest) -> None:
    """A test key as Bearer or Basic, any of them; 401 otherwise."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if not given:
        raise Refused("You did not provide an API key.", status=401)
    if not given.startswith(("sk_test_", "rk_test_")):
        raise Refused("Invalid API Key provided: the sandbox takes test keys only.", status=401, code="api_key_invalid")


def reference(kind: str, params: Params, name: str) -> Object | None:
    """The object that a parameter names, None where there is no such parameter. Raises NoSuch."""
    id = params.text(name)
    return store().get(kind, id, params.named(name)) if id is not None else None


def needed(kind: str, params: Params, name: str) -> Object:
    """The object that a parameter must name. Raises Missing and NoSuch."""
    return store().get(kind, params.required(name), params.named(name))
