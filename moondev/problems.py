"""Every way in which a request can fail, brought to one shape: what Django and its REST framework call for errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from rest_framework import exceptions

from moondev.lib import errors
from moondev.lib.errors import PROBLEM_CONTENT_TYPE, AppError, FieldError
from moondev.lib.problems import answer, problem_body, problem_response

MALFORMED = "The request could not be read. Send a body that matches its Content-Type."
TOO_LARGE = "The request's body is larger than 1 MB. Send it in smaller parts."
NO_PATH = "There is nothing at this address. The calls that exist are listed at /docs."


def exception_handler(raised: Exception, context: Mapping[str, Any]) -> HttpResponseBase | None:
    """What Django REST framework calls for an exception in a view. None: unhandled, so a 500 further up."""
    error = known_error(raised)
    return problem_response(error, context["request"]) if error else None


def known_error(raised: BaseException) -> AppError | None:
    """The error that a customer may read for an exception, or None when nobody foresaw it."""
    if isinstance(raised, AppError):
        return raised
    if isinstance(raised, Http404):
        return errors.NotFound(NO_PATH)
    if isinstance(raised, PermissionDenied):
        return errors.Forbidden("You may not do this.")
    if isinstance(raised, RequestDataTooBig):
        return errors.TooLarge(TOO_LARGE)
    if isinstance(raised, exceptions.ValidationError):
        return _invalid(raised)
    return _from_framework(raised) if isinstance(raised, exceptions.APIException) else None


def error_of_status(status: int) -> AppError:
    """The error for an answer of which only the status is known, as Django's own 404 or 405."""
    texts: dict[int, tuple[type[AppError], str]] = {
        401: (errors.NotAuthenticated, "Send an API key in the X-API-Key header."),
        403: (errors.Forbidden, "You may not do this."),
        404: (errors.NotFound, NO_PATH),
        405: (
            errors.MethodNotAllowed,
            "This address does not answer this method; the Allow header lists those it does.",
        ),
        406: (errors.NotAcceptable, "The answer does not exist in the form that the Accept header asks for."),
        413: (errors.TooLarge, TOO_LARGE),
        415: (errors.UnsupportedMediaType, "The body's Content-Type is not supported. Send application/json."),
        429: (errors.TooManyRequests, "Too many requests. Wait before the next one."),
        503: (errors.Unavailable, "A part of the service is away. Try again in a moment."),
    }
    fallback = (errors.Internal, "Something went wrong on our side.") if status >= 500 else (AppError, MALFORMED)
    kind, detail = texts.get(status, fallback)
    return kind(detail)


def as_problem(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """The same answer with a problem as its body; status and headers such as Allow stay."""
    response.content = problem_body(error_of_status(response.status_code), request)
    response["Content-Type"] = PROBLEM_CONTENT_TYPE
    for header in ("Content-Length", "Content-Encoding", "ETag"):
        response.headers.pop(header, None)
    return response


def is_bare_error(response: HttpResponseBase) -> bool:
    """Whether an answer is an error that nobody has brought into shape yet."""
    return response.status_code >= 400 and response.get("Content-Type", "") != PROBLEM_CONTENT_TYPE


def _from_framework(raised: exceptions.APIException) -> AppError:
    error = error_of_status(raised.status_code)
    wait = getattr(raised, "wait", None)
    if wait is not None:
        error.headers = {"Retry-After": str(int(wait) + 1)}
    return error


def _invalid(raised: exceptions.ValidationError) -> errors.Invalid:
    found = tuple(_field_errors(raised.detail, ""))
    return errors.Invalid("Some values are not acceptable; `errors` names each of them.", found)


def _field_errors(detail: Any, pointer: str) -> Iterator[FieldError]:
    """The framework's nested lists and mappings as JSON pointers (RFC 6901), depth first."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            below = pointer if name == "non_field_errors" else f"{pointer}/{_escape(str(name))}"
            yield from _field_errors(inner, below)
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for index, inner in enumerate(detail):
            yield from _field_errors(inner, f"{pointer}/{index}" if isinstance(inner, Mapping) else pointer)
    else:
        yield FieldError(pointer, str(detail))


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: a host, cookie or form that cannot be right."""
    return answer(known_error(exception) or error_of_status(400), request)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return answer(error_of_status(403), request)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return answer(error_of_status(404), request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: the exception is in the log under the request id, never in the answer."""
    return answer(error_of_status(500), request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What a form posted without its token gets."""
    return answer(errors.Forbidden("This form is too old or came from another site. Load the page again."), request)
