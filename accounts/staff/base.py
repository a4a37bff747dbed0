"""The base of every staff page: read first, change through a service, ask before a deed, and never count millions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from moondev.lib.errors import AppError

# A list shows at most so many rows; the way to the others is a search or a filter, not page 4,000.
MOST_ROWS = 10_000


class BoundedPaginator(Paginator[Any]):
    """Counts to MOST_ROWS and no further, so that a list over a large table opens at once."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows[:MOST_ROWS]) if isinstance(rows, list) else rows.order_by()[:MOST_ROWS].count()


PageView = TypeVar("PageView", bound=Callable[..., HttpResponse])


def button(
    description: str, *, url_path: str, permissions: tuple[str, ...], icon: str | None = None
) -> Callable[[PageView], PageView]:
    """A button on a row's page that leads to the decorated view, shown to those who have the permissions.

    Unfold looks up a permission with a dot in the database as early as the system checks, before the first migration;
    so only names of `has_…_permission` methods are given.
    """
    made: Any = action(description=description, url_path=url_path, permissions=permissions, icon=icon)

    def decorate(view: PageView) -> PageView:
        checked = made(view)

        @wraps(checked)
        def found(self: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
            # The permissions look the row up by it: an id that can be none is told apart before.
            check_id(self.opts, object_id)
            answer: HttpResponse = checked(self, request, object_id=object_id)
            return answer

        return cast(PageView, found)

    return decorate


def check_id(opts: Any, object_id: str) -> None:
    """Raise Http404 for what cannot be an id of the model, as a word where ids are numbers."""
    plain = unquote(object_id)
    try:
        opts.pk.to_python(plain)
    except ValidationError as error:
        raise Http404 from error
    # PostgreSQL takes no text with this character.
    if "\0" in plain:
        raise Http404


@dataclass(frozen=True)
class Deed:
    """A question with a form, and what happens on yes: `run` gets the row and the form's values, returns a message."""

    title: str
    text: str
    button: str
    form: type[forms.Form]
    run: Callable[[Any, dict[str, Any]], str]
    is_grave: bool = False


class StaffList(ChangeList):
    """A page of rows, with what StaffAdmin.attach puts on them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        admin: Any = self.model_admin
        admin.attach(self.result_list)


class StaffAdmin(ModelAdmin):
    """Rows are viewed. What may be changed is a Deed with a page of its own, or a form that overrides save_model."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    list_fullwidth = True
    list_filter_submit = True
    actions = None
    actions_detail: Any = ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are made by customers and services, not here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A page without a form; what may be done with its row is a deed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_deed_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Deeds need Django's change permission for the model."""
        return bool(super().has_change_permission(request))

    def attach(self, rows: list[Any]) -> None:
        """Put what many rows need on each of them in one query, for the columns of a list or the fields of a page."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return StaffList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, or 404 for an id that is none (Django would redirect with a message)."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        self.attach([found])
        return found

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        # The buttons' permissions look the row up before anybody else does.
        if object_id is not None:
            check_id(self.opts, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def perform(self, request: HttpRequest, object_id: str, deed: Deed) -> HttpResponse:
        """Show a deed's question; on POST do it and return to the row, or show why it was refused."""
        row = self.get_object(request, unquote(object_id))
        form = deed.form(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            answer = self._try(request, row, deed, form)
            if answer is not None:
                return answer
        context = {
            **self.admin_site.each_context(request),
            "title": deed.title,
            "opts": self.opts,
            "row": row,
            "deed": deed,
            "form": form,
            "back": self.url_of(row),
        }
        return TemplateResponse(request, "staff/deed.html", context)

    def _try(self, request: HttpRequest, row: Any, deed: Deed, form: forms.Form) -> HttpResponse | None:
        try:
            done = deed.run(row, form.cleaned_data)
        except AppError as error:
            form.add_error(None, error.detail)
            return None
        if done.startswith("/"):
            return HttpResponseRedirect(done)
        messages.success(request, done)
        return HttpResponseRedirect(self.url_of(row))

    def url_of(self, row: Model) -> str:
        """The row's own page."""
        return url_of(row, self.admin_site.name)


class StaffInline(TabularInline):
    """Rows of another model under a page, to be looked at."""

    extra = 0
    can_delete = False
    show_change_link = True
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Confirm(forms.Form):
    """Nothing to fill in; the question is the text above the button."""


class WithReason(forms.Form):
    """A deed that must be explained to whoever reads the audit log later."""

    reason = forms.CharField(
        max_length=200,
        help_text="Goes into the audit log.",
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
    )


def staff_of(request: HttpRequest) -> User:
    """The member of staff at the keyboard."""
    if not (isinstance(request.user, User) and request.user.is_staff):
        raise PermissionDenied
    return request.user


def url_of(row: Model, site: str) -> str:
    """A row's page on a site. Ids are written as Django writes them in its lists, where `_` is `_5F`."""
    return reverse(f"{site}:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])
