"""The one error of the product, and how it looks to a client (RFC 9457).

Services raise an `AppError`; whoever answers a request turns it into `application/problem+json`.
The text in `detail` is written for the customer: it names the field and the remedy, and never quotes an exception.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

PROBLEM_CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    """One rejected value: a JSON pointer to it and what to do about it."""

    pointer: str
    detail: str


@dataclass
class AppError(Exception):
    """The request cannot be understood. The detail says which part of it and how to mend it."""

    detail: str
    data: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request cannot be understood"

    def __str__(self) -> str:
        return self.detail

    @classmethod
    def help(cls) -> str:
        """What /docs/errors says about this kind: its docstring, so each of them is written for customers."""
        return inspect.getdoc(cls) or ""


class NotAuthenticated(AppError):
    """Send a key in the X-API-Key header, or as Authorization: Bearer <key>."""

    status, code, title = 401, "not-authenticated", "No API key was sent"


class Forbidden(AppError):
    """The key is unknown, revoked, expired or lacks the scope, or the person's role does not allow it."""

    status, code, title = 403, "forbidden", "Not allowed"


class PlanTooLow(Forbidden):
    """The workspace's plan does not include this. The plans are at /plans."""

    code, title = "plan-too-low", "The plan does not include this"


class QuotaExhausted(Forbidden):
    """The plan's number of such things is reached. Remove one or choose a larger plan."""

    code, title = "quota-exhausted", "The plan's number is used up"


class NotFound(AppError):
    """Nothing has this address or id, or it belongs to somebody else."""

    status, code, title = 404, "not-found", "Nothing is here"


class MethodNotAllowed(AppError):
    """The address exists and does not answer this method. The Allow header lists those it does."""

    status, code, title = 405, "method-not-allowed", "The method is not allowed here"


class NotAcceptable(AppError):
    """The Accept header asks for a form that this answer does not have. Leave it out or accept JSON."""

    status, code, title = 406, "not-acceptable", "No acceptable form"


class Conflict(AppError):
    """The request fits the rules and not the present state. Read the state again, then decide."""

    status, code, title = 409, "conflict", "The request does not fit the present state"


class TooLarge(AppError):
    """The body is larger than 1 MB. Send it in smaller parts."""

    status, code, title = 413, "too-large", "The request is too large"


class UnsupportedMediaType(AppError):
    """The body has a form that is not read here. Send JSON with Content-Type: application/json."""

    status, code, title = 415, "unsupported-media-type", "The body's form is not supported"


class RangeNotSatisfiable(AppError):
    """The Range header asks for bytes that the answer does not have. Content-Range tells how many there are."""

    status, code, title = 416, "range-not-satisfiable", "No such part"


class TooManyRequests(AppError):
    """A limit is reached. Wait for the seconds in Retry-After."""

    status, code, title = 429, "too-many-requests", "Too many requests"


class Internal(AppError):
    """Something broke on our side and was logged. Tell support the request_id."""

    status, code, title = 500, "internal", "Something went wrong on our side"


class Unavailable(AppError):
    """A part of the service is away for the moment. Try again soon."""

    status, code, title = 503, "unavailable", "A part of the service is away"


class Invalid(AppError):
    """One or more values are not acceptable. The member errors names each of them and says what would be."""

    status, code, title = 422, "invalid", "Some values are not acceptable"

    def __init__(self, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.errors = errors

    @classmethod
    def field(cls, pointer: str, detail: str) -> Invalid:
        return cls(detail, (FieldError(pointer, detail),))


def problem(error: AppError, *, instance: str, request_id: str) -> dict[str, Any]:
    """The RFC 9457 document of an error; `detail` stays a plain string for old clients."""
    document: dict[str, Any] = {
        **error.data,
        "type": f"/docs/errors#{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "request_id": request_id,
    }
    if isinstance(error, Invalid) and error.errors:
        document["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in error.errors]
    return document
