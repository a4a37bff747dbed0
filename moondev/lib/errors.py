"""The one error of the product, and how it looks to a client (RFC 9457).

Services raise an `AppError`; whoever answers a request turns it into `application/problem+json`.
The text in `detail` is written for the customer: it names the field and the remedy, and never quotes an exception.
"""

from __future__ import annotations

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
    """A refusal that a customer may read: what is wrong and how to mend it."""

    detail: str
    data: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request cannot be understood"

    def __str__(self) -> str:
        return self.detail


class NotAuthenticated(AppError):
    status, code, title = 401, "not-authenticated", "No API key was sent"


class Forbidden(AppError):
    status, code, title = 403, "forbidden", "Not allowed"


class PlanTooLow(Forbidden):
    code, title = "plan-too-low", "The plan does not include this"


class QuotaExhausted(Forbidden):
    code, title = "quota-exhausted", "The plan's number is used up"


class NotFound(AppError):
    status, code, title = 404, "not-found", "Nothing is here"


class Conflict(AppError):
    status, code, title = 409, "conflict", "The request does not fit the present state"


class TooLarge(AppError):
    status, code, title = 413, "too-large", "The request is too large"


class TooManyRequests(AppError):
    status, code, title = 429, "too-many-requests", "Too many requests"


class Unavailable(AppError):
    status, code, title = 503, "unavailable", "A part of the service is away"


class Invalid(AppError):
    """422: one or more values are not acceptable; `errors` names each of them."""

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
