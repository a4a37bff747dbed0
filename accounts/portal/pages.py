"""How a portal page is written: a view that parses, makes one call and shows a template, and a row that places it.

`moondev.portal` mounts the rows, checks the login and the workspace before the view runs, and adds the frame after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, QueryDict
from django.template.response import TemplateResponse

from accounts.current import is_acting, member_of
from accounts.models import Member, User, Workspace
from accounts.roles import Deed, may
from moondev.lib.errors import AppError, Forbidden, Invalid, NotFound, PlanTooLow, QuotaExhausted

View = Callable[..., HttpResponseBase]


class Needs(Enum):
    """What must be there before a page makes sense."""

    PERSON = "an active user"
    WORKSPACE = "a workspace, closed or not"
    OPEN = "an open workspace"


@dataclass(frozen=True)
class Page:
    """One address of the portal: for whom it is (`deed`, a row of the role table) and what it needs.

    `back` is where a refused POST returns to, a URL name without the namespace.
    """

    route: str
    name: str
    view: View
    methods: tuple[str, ...] = ("GET",)
    needs: Needs = Needs.OPEN
    back: str = "index"
    deed: Deed = Deed.READ


FORM = ("GET", "POST")
DEED = ("POST",)


def current(request: HttpRequest) -> Member:
    """The member that the person acts as; the frame has made sure that there is one."""
    member = member_of(request)
    if member is None:
        raise PermissionDenied
    return member


def workspace_of(request: HttpRequest) -> Workspace:
    return current(request).workspace


def person(request: HttpRequest) -> User:
    """The person at the keyboard: while staff act for a customer, still the member of staff."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def allowed(request: HttpRequest, deed: Deed) -> bool:
    """Whether the person may do a deed on everybody's things here: nothing but reading while only looking."""
    member = member_of(request)
    if member is None or (deed is not Deed.READ and is_acting(request)):
        return False
    return may(member.role, deed)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty POST too, which a plain `request.POST or None` would take for a GET."""
    return request.POST if request.method == "POST" else None


def words_of(request: HttpRequest) -> str:
    """What somebody looks for with `?q=`, bounded."""
    return request.GET.get("q", "").strip()[:100]


def without(request: HttpRequest, *names: str) -> str:
    """The address's query without some of its values."""
    others = request.GET.copy()
    for name in names:
        others.pop(name, None)
    return others.urlencode()


def zone_of(user: User) -> ZoneInfo:
    """The person's time zone; UTC when the stored name is not known on this machine."""
    try:
        return ZoneInfo(user.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def show(
    request: HttpRequest, template: str, title: str, *, form: Form | None = None, status: int = 200, **context: Any
) -> TemplateResponse:
    """A page in the portal's frame. A form that was refused makes it a 422."""
    if form is not None and form.is_bound and form.errors:
        status = 422
    return TemplateResponse(request, template, {"title": title, "form": form, **context}, status=status)


def fragment(request: HttpRequest, html: str) -> HttpResponse:
    """A piece of a page for poll.js: 304 while it has not changed, and never kept by a cache on the way."""
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:24]}"'
    unchanged = request.headers.get("If-None-Match") == tag
    answer = HttpResponseNotModified() if unchanged else HttpResponse(html)
    answer["ETag"] = tag
    return answer


def is_readable(error: AppError) -> bool:
    """Whether an error is about the input, so that the form shows it, and not about who asks."""
    if isinstance(error, PlanTooLow | QuotaExhausted):
        return True
    return not isinstance(error, NotFound | Forbidden)


@contextmanager
def refusals(form: Form) -> Iterator[None]:
    """Show a service's refusal at the field it names, or above the form."""
    try:
        yield
    except AppError as error:
        if not is_readable(error):
            raise
        _place(form, error)


def _place(form: Form, error: AppError) -> None:
    found = error.errors if isinstance(error, Invalid) else ()
    for item in found:
        form.add_error(_field_of(form, item.pointer), item.detail)
    if not found:
        form.add_error(None, error.detail)


def _field_of(form: Form, pointer: str) -> str | None:
    """The form's field that a pointer names, as `/url` or `/settings/url`; None: it has none."""
    aliases = getattr(form, "aliases", {})
    names = (aliases.get(part, part) for part in pointer.strip("/").split("/"))
    return next((name for name in names if name in form.fields), None)
