"""Where messages go: the workspace's places, what is wrong with one, and a test that shows the real answer."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import Workspace
from accounts.owned import OwnedModelAdmin
from accounts.portal.pages import DEED, FORM, Page, person, posted, refusals, show, workspace_of
from accounts.roles import Deed
from alerts import destinations as services
from alerts.channels.registry import CHANNELS
from alerts.models import Alert, Delivery, Destination
from alerts.portal.forms import AddressForm, DestinationForm, NameForm
from alerts.portal.making import default_words
from alerts.portal.words import delivery_word, destination_word, name_of
from moondev.lib.queue import State

LATEST = 20
ICONS = {"discord": "forum", "email": "mail", "webhook": "webhook", "telegram": "send", "slack": "tag"}


class DestinationAdmin(OwnedModelAdmin):
    """The workspace's places. Everybody sees which there are; owners and admins change them."""

    deeds: ClassVar = {"view": Deed.READ, "add": Deed.MANAGE, "change": Deed.MANAGE, "delete": Deed.MANAGE}

    def portal_pages(self) -> tuple[Page, ...]:
        one, to = "alerts/destinations/<int:destination_id>/", "destination"
        rights: Any = {"back": to, "deed": Deed.MANAGE}
        return (
            Page("alerts/destinations/", "destinations", self.list_destinations),
            Page("alerts/destinations/new/", "destination-new", create, FORM, back="destinations", deed=Deed.MANAGE),
            Page(one, to, self.show_destination),
            Page(f"{one}test/", "destination-test", self.test, DEED, **rights),
            Page(f"{one}change/", "destination-change", self.change, FORM, **rights),
            Page(f"{one}secret/", "destination-secret", self.rotate, DEED, **rights),
            Page(f"{one}rename/", "destination-rename", self.rename, FORM, **rights),
            Page(f"{one}default/", "destination-default", self.make_default, DEED, **rights),
            Page(f"{one}no-default/", "destination-no-default", self.take_default, DEED, **rights),
            Page(f"{one}disable/", "destination-disable", self.disable, DEED, **rights),
            Page(f"{one}enable/", "destination-enable", self.enable, DEED, **rights),
            Page(f"{one}resend/", "destination-resend", self.resend, DEED, **rights),
            Page(f"{one}delete/", "destination-delete", self.delete, FORM, **rights),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        rows: QuerySet[Destination] = super().get_queryset(request)
        return rows.filter(deleted_at=None)

    # Reading ------------------------------------------------------------------------------------------------------

    def list_destinations(self, request: HttpRequest) -> HttpResponse:
        parked = Count("deliveries", filter=Q(deliveries__state=State.PARKED), distinct=True)
        rows = list(
            self.get_queryset(request)
            .annotate(missed=parked, used_by=Count("alerts", distinct=True))
            .order_by("name", "id")
        )
        return show(
            request,
            "portal/alerts/destinations.html",
            "Destinations",
            rows=[{"row": row, "state": destination_word(row), "icon": ICONS[row.kind]} for row in rows],
            default_words=default_words(workspace_of(request), rows),
        )

    def show_destination(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        return self._page(request, self.owned(request, destination_id))

    def _page(self, request: HttpRequest, row: Destination, **context: Any) -> HttpResponse:
        rows = Delivery.objects.filter(destination=row)
        latest = rows.select_related("event__alert").order_by("-created_at", "id")[:LATEST]
        return show(
            request,
            "portal/alerts/destination.html",
            row.name,
            row=row,
            state=destination_word(row),
            channel=CHANNELS[row.kind],
            is_lost=is_lost(row),
            missed=missed_by(row),
            has_secret=row.kind == Destination.Kind.WEBHOOK,
            latest=[{"row": item, "state": delivery_word(item), "name": name_of(item.event.alert)} for item in latest],
            used_by=[{"alert": alert, "name": name_of(alert)} for alert in row.alerts.all()],
            **context,
        )

    # Changing -----------------------------------------------------------------------------------------------------

    def test(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        """Send a message now; the answer's page shows what the other side said."""
        row: Destination = self.owned(request, destination_id)
        tested = services.send_test(destination=row, actor=person(request))
        row.refresh_from_db()
        return self._page(request, row, tested=tested)

    def change(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        """Another address of the same channel. What was missed can be sent there afterwards."""
        row: Destination = self.owned(request, destination_id)
        form = AddressForm(posted(request), channel=CHANNELS[row.kind])
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                made = services.change_destination(destination=row, actor=person(request), settings=form.settings)
                return _reveal(request, made) if made.secret else done(request, row, "Saved. Send a test now.")
        return show(
            request, "portal/alerts/change.html", f"New address of {row.name}", form=form, row=row,
            missed=missed_by(row),
        )  # fmt: skip

    def rotate(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        """A new secret, shown in the answer."""
        row: Destination = self.owned(request, destination_id)
        return _reveal(request, services.rotate_secret(destination=row, actor=person(request)), is_second=True)

    def rename(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        row: Destination = self.owned(request, destination_id)
        form = NameForm(posted(request), initial={"name": row.name})
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                name = form.cleaned_data["name"]
                services.rename_destination(destination=row, actor=person(request), name=name)
                return done(request, row, "The name is saved.")
        return show(request, "portal/alerts/rename.html", f"Rename {row.name}", form=form, row=row)

    def make_default(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        return self._default(request, destination_id, is_default=True)

    def take_default(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        return self._default(request, destination_id, is_default=False)

    def _default(self, request: HttpRequest, destination_id: int, *, is_default: bool) -> HttpResponse:
        row: Destination = self.owned(request, destination_id)
        services.set_default(destination=row, actor=person(request), is_default=is_default)
        return done(request, row, f"“{row.name}” is {'now' if is_default else 'no longer'} the default.")

    def disable(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        row: Destination = self.owned(request, destination_id)
        services.disable_destination(destination=row, actor=person(request))
        return done(request, row, "Nothing is sent there any more. What is missed is kept and can be sent later.")

    def enable(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        row: Destination = self.owned(request, destination_id)
        services.enable_destination(destination=row, actor=person(request))
        return done(request, row, "Messages go there again. Send a test to be sure.")

    def resend(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        row: Destination = self.owned(request, destination_id)
        count = services.resend_missed(destination=row, actor=person(request))
        return done(request, row, f"{count} message{'' if count == 1 else 's'} on the way.")

    def delete(self, request: HttpRequest, destination_id: int) -> HttpResponse:
        row: Destination = self.owned(request, destination_id)
        if request.method == "POST":
            services.delete_destination(destination=row, actor=person(request))
            messages.success(request, f"“{row.name}” is deleted and its secret forgotten.")
            return redirect("portal:destinations")
        others = Destination.objects.for_workspace(row.workspace).filter(deleted_at=None).exclude(pk=row.pk)
        kept = Alert.objects.filter(destinations__in=others)
        return show(
            request, "portal/alerts/forget.html", f"Delete {row.name}", row=row,
            leaves_some=row.is_default or row.alerts.exclude(pk__in=kept).exists(),
            default_words=default_words(row.workspace, list(others)),
        )  # fmt: skip


def create(request: HttpRequest) -> HttpResponse:
    """A new place: choose the channel, then fill in what it needs. The secret of a webhook is shown in the answer."""
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in CHANNELS:
        channels = [{"kind": key, "channel": channel, "icon": ICONS[key]} for key, channel in CHANNELS.items()]
        status = 422 if request.method == "POST" else 200
        return show(request, "portal/alerts/channels.html", "New destination", channels=channels, status=status)
    channel, workspace = CHANNELS[kind], workspace_of(request)
    form = DestinationForm(posted(request), channel=channel, initial=_initial(request, workspace))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            made = services.create_destination(
                workspace=workspace, actor=person(request), kind=kind, name=form.cleaned_data["name"],
                settings=form.settings, is_default=form.cleaned_data["is_default"],
            )  # fmt: skip
            return _reveal(request, made) if made.secret else done(request, made.destination, "Saved. Send a test now.")
    title = f"New destination: {channel.TITLE}"
    return show(request, "portal/alerts/destination_new.html", title, form=form, kind=kind, channel=channel)


def _initial(request: HttpRequest, workspace: Workspace) -> dict[str, Any]:
    """The first place is the default unless one says otherwise; mail goes to oneself."""
    has_any = Destination.objects.for_workspace(workspace).filter(deleted_at=None).exists()
    return {"is_default": not has_any, "address": person(request).email}


def _reveal(request: HttpRequest, made: services.Created, *, is_second: bool = False) -> HttpResponse:
    """The secret with which signatures are checked: in this answer's body only, which nobody may store."""
    answer = show(
        request, "portal/alerts/secret.html", "The secret of your webhook", row=made.destination, secret=made.secret,
        is_second=is_second,
    )  # fmt: skip
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def done(request: HttpRequest, row: Destination, text: str) -> HttpResponse:
    """Say what was done, on the place's page."""
    messages.success(request, text)
    return redirect("portal:destination", destination_id=row.pk)


def missed_by(row: Destination) -> int:
    """How many messages were given up for a place."""
    return Delivery.objects.filter(destination=row, state=State.PARKED).count()


def lost_of(workspace: Workspace) -> list[Destination]:
    """Places to which nothing can be sent because the other side said so: what the banner is about."""
    rows = Destination.objects.for_workspace(workspace).filter(deleted_at=None, disabled_at__isnull=False)
    return [row for row in rows if is_lost(row)]


def is_lost(row: Destination) -> bool:
    """Whether the other side ended a place: a new address helps, and switching it on does not."""
    return row.disabled_at is not None and row.disabled_because != services.SWITCHED_OFF
