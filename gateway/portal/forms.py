"""The forms about keys and usage. They shape input; the services decide."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.utils import timezone

from accounts.portal.forms import PortalForm
from billing.principal import DEFAULT_SCOPES, SCOPES
from gateway.keys.access import MANAGERS_SCOPE
from gateway.models import ApiKey
from gateway.portal.states import last_moment_before

ONE_DAY = timedelta(days=1)
SCOPE_TEXTS = {
    "data": "Read market data files",
    "alerts": "Read and change alerts",
    "backtests": "Read and start backtests",
    "license": "Unlock licensed agents",
    "billing": "Open the billing portal. Off by default: whoever holds such a key can change the plan",
}
GRACE_CHOICES = (
    (timedelta(hours=1), "One hour: the old secret works until your programs have the new one"),
    (timedelta(hours=24), "24 hours"),
    (timedelta(days=7), "Seven days"),
    (timedelta(0), "None: the old secret stops at once. Choose this after a leak"),
)


def scope_choices(without: str = "") -> list[tuple[str, str]]:
    return [(scope, f"{scope}: {SCOPE_TEXTS[scope]}") for scope in SCOPES if scope != without]


class ScopesField(forms.MultipleChoiceField):
    """The scopes of a key as ticks with an explanation each."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=scope_choices(), widget=forms.CheckboxSelectMultiple, **kwargs)


class KeyForm(PortalForm):
    """Name, scopes, expiry, addresses: what may be changed after creation too."""

    aliases: ClassVar = {"expires_at": "expires_on"}

    name = forms.CharField(
        max_length=80,
        help_text="What uses it, as “price bot on the server”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = ScopesField(label="May do", initial=list(DEFAULT_SCOPES))
    expires_on = forms.DateField(
        label="Expires on",
        required=False,
        help_text="The key stops at the end of this day in your time zone. Empty: never.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    allowed_addresses = forms.CharField(
        label="Allowed addresses",
        required=False,
        max_length=4000,
        help_text="IPv4 or IPv6 addresses or CIDR ranges, one a line, as 203.0.113.7 or 2001:db8::/32. Empty: any.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    is_service_key = forms.BooleanField(
        label="Service key",
        required=False,
        help_text="Belongs to the workspace: it stays when the person who made it leaves.",
    )

    def __init__(self, *args: Any, for_manager: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not for_manager:
            # What only owners and admins may give is not offered; the service refuses it all the same.
            del self.fields["is_service_key"]
            if MANAGERS_SCOPE not in self.initial.get("scopes", ()):
                cast(ScopesField, self.fields["scopes"]).choices = scope_choices(without=MANAGERS_SCOPE)

    def clean_allowed_addresses(self) -> tuple[str, ...]:
        text: str = self.cleaned_data["allowed_addresses"]
        return tuple(part for part in text.replace(",", " ").split() if part)

    @property
    def values(self) -> dict[str, Any]:
        """The service's arguments. An expiry is a moment: a day that was left as it stood must not move it."""
        found = {
            "name": self.cleaned_data["name"],
            "scopes": tuple(self.cleaned_data["scopes"]),
            "allowed_addresses": self.cleaned_data["allowed_addresses"],
        }
        if "expires_on" in self.changed_data:
            day = self.cleaned_data["expires_on"]
            found["expires_at"] = end_of(day) if day else None
        if "is_service_key" in self.fields:
            found["is_service_key"] = self.cleaned_data["is_service_key"]
        return found


class NewKeyForm(KeyForm):
    """A key at its creation: its mode is chosen once."""

    mode = forms.ChoiceField(
        choices=[(ApiKey.Mode.LIVE, "Live: for programs in use"), (ApiKey.Mode.TEST, "Test: for trying things out")],
        initial=ApiKey.Mode.LIVE,
        widget=forms.RadioSelect,
        help_text="Shown in the key itself: md_live_… or md_test_…. Both read the same data.",
    )
    field_order = ("name", "mode", "scopes", "expires_on", "allowed_addresses", "is_service_key")

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "mode": self.cleaned_data["mode"]}


class RotateForm(PortalForm):
    """How long the old secret goes on working."""

    grace = forms.TypedChoiceField(
        label="Keep the old secret for",
        choices=[(int(span.total_seconds()), text) for span, text in GRACE_CHOICES],
        initial=3600,
        coerce=lambda seconds: timedelta(seconds=int(seconds)),
        widget=forms.RadioSelect,
    )


def end_of(day: date) -> datetime:
    """The first moment after a day of the reader's calendar. The last day that there is has no other after it."""
    following = min(day, date.max - ONE_DAY) + ONE_DAY
    return timezone.make_aware(datetime.combine(following, time.min))


def last_day_of(moment: datetime | None) -> Any:
    """The day that `end_of` turns into this moment."""
    last = last_moment_before(moment)
    return timezone.localtime(last).date() if last else None
