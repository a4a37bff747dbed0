"""Forms of alerts and destinations. They shape what was typed; the services check it and name what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.forms.boundfield import BoundField

from accounts.portal.forms import PortalForm, zone_choices
from alerts.channels.shapes import Channel
from alerts.destinations import LONGEST_NAME
from alerts.fields import (
    LONGEST_COOLDOWN,
    LONGEST_DESCRIPTION,
    LONGEST_FOR,
    LONGEST_SYMBOL,
    LONGEST_TEMPLATE,
)
from alerts.models import Alert, Destination
from alerts.models.alert import LONGEST_WINDOW, SHORTEST_WINDOW
from alerts.rules.numbers import digits
from alerts.rules.registry import RULES
from alerts.rules.shapes import Config
from alerts.services import Values
from alerts.symbols import has_symbols
from alerts.wording import FIELDS
from moondev.lib.clock import now

SPANS = ((60, "1 hour"), (8 * 60, "8 hours"), (24 * 60, "1 day"), (7 * 24 * 60, "1 week"), (30 * 24 * 60, "30 days"))
# What people choose from while they type a number of minutes.
WINDOWS = (5, 15, 30, 60, 240, 1440)
RATE_HELP = "A fraction: 0.001 is 0.1 % per 8 hours."
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
MORE = ("recovery_threshold", "for_minutes", "cooldown_minutes", "quiet_from", "quiet_until", "time_zone", "template")


def minutes(label: str, text: str, low: int, high: int, **attrs: str) -> forms.IntegerField:
    """A number of minutes, empty for the default."""
    widget = forms.NumberInput(attrs={"inputmode": "numeric", **attrs})
    return forms.IntegerField(label=label, help_text=text, min_value=low, max_value=high, required=False, widget=widget)


class AmountField(forms.FloatField):
    """A number as people write it: 1,000,000 and 1 000 000 are one million.

    A comma elsewhere is refused: half the world writes 0,001 for a thousandth, and would get a threshold of 1.
    """

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = "".join(value.split()) if isinstance(value, str) else value
        if isinstance(text, str) and "," in text:
            if not THOUSANDS.fullmatch(text):
                raise forms.ValidationError("Write a point for decimals, as in 0.5, and commas between thousands only.")
            text = text.replace(",", "")
        return super().to_python(text)

    def prepare_value(self, value: Any) -> Any:
        return digits(value) if isinstance(value, float) else value


class ZoneField(forms.ChoiceField):
    """A time zone of those that people choose from; one that a call gave to the alert is offered beside them."""

    def valid_value(self, value: Any) -> bool:
        return value in available_timezones()

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        bound = super().get_bound_field(form, field_name)
        own, offered = str(bound.value() or ""), dict(zone_choices())
        if own in available_timezones() and own not in offered:
            self.choices = [*offered.items(), (own, own)]
        return bound


class AlertForm(PortalForm):
    """An alert of one type: only what the type has is asked for."""

    description = forms.CharField(
        label="Name", required=False, max_length=LONGEST_DESCRIPTION, help_text="Stands above its messages."
    )
    symbol = forms.CharField(
        label="Symbol", required=False, max_length=LONGEST_SYMBOL,
        widget=forms.TextInput(attrs={"list": "symbols", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    direction = forms.ChoiceField(label="Direction", required=False)
    threshold = AmountField()
    window_minutes = minutes(
        "Window in minutes", "The last so many minutes are looked at.", SHORTEST_WINDOW, LONGEST_WINDOW, list="windows"
    )
    recovery_threshold = AmountField(
        label="Recovery threshold", required=False,
        help_text="Below this it is over. Empty: the threshold. A lower one keeps an alert from flapping.",
    )  # fmt: skip
    for_minutes = minutes("Only after minutes", "How long it must hold before the alert fires.", 0, LONGEST_FOR)
    cooldown_minutes = minutes("Cooldown in minutes", "The least time between two firings.", 0, LONGEST_COOLDOWN)
    quiet_from = forms.TimeField(label="Quiet from", required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    quiet_until = forms.TimeField(
        label="Quiet until", required=False, widget=forms.TimeInput(attrs={"type": "time"}),
        help_text="Nothing is sent in between; what happens is in the history.",
    )  # fmt: skip
    time_zone = ZoneField(label="Time zone of the quiet hours", required=False, choices=zone_choices)
    template = forms.CharField(
        label="Message", required=False, max_length=LONGEST_TEMPLATE, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"Empty: our own words. Fields: {' '.join(f'{{{name}}}' for name in FIELDS)}",
    )  # fmt: skip
    destinations = forms.TypedMultipleChoiceField(
        label="Send to", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    is_shared = forms.BooleanField(
        label="Shared", required=False, help_text="Other members may change, snooze and delete it."
    )

    def __init__(
        self, *args: Any, kind: str, places: Sequence[Destination], default: str, may_share: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.rule = kind, RULES[kind]
        self._fit_to_kind()
        self._offer(places, default)
        if not may_share:
            del self.fields["is_shared"]

    def _fit_to_kind(self) -> None:
        rule, fields = self.rule, self.fields
        fields["threshold"].label = f"Threshold ({rule.UNIT})"
        fields["threshold"].help_text = RATE_HELP if rule.UNIT == "per 8 h" else "It fires at this value and above."
        fields["direction"].choices = list(rule.DIRECTIONS.items())  # type: ignore[attr-defined]
        fields["symbol"].required = rule.NEEDS_SYMBOL
        fields["symbol"].help_text = "Such as BTC." if rule.NEEDS_SYMBOL else "Such as BTC. Empty: all of them."
        for name in self._unused():
            del fields[name]

    def _unused(self) -> Iterator[str]:
        """The fields that the type has no use for."""
        if not has_symbols(self.rule.FEED):
            yield "symbol"
        if len(self.rule.DIRECTIONS) == 1:
            yield "direction"
        if not self.rule.aggregate_of(Config(self.kind, 1.0)).window_minutes:
            yield "window_minutes"
        if self.rule.MOMENTARY:
            yield "recovery_threshold"
        if not self.rule.HAS_DURATION:
            yield "for_minutes"

    def _offer(self, places: Sequence[Destination], default: str) -> None:
        field = self.fields["destinations"]
        field.choices = [  # type: ignore[attr-defined]
            (row.pk, f"{row.name} ({row.get_kind_display()}{', switched off' if row.disabled_at else ''})")
            for row in places
        ]
        field.help_text = f"None chosen: {default}."
        if not places:
            del self.fields["destinations"]

    @property
    def main(self) -> list[BoundField]:
        return [field for field in self.visible_fields() if field.name not in MORE]

    @property
    def more(self) -> list[BoundField]:
        """What most alerts leave as it is."""
        return [field for field in self.visible_fields() if field.name in MORE]

    @property
    def is_more_open(self) -> bool:
        """Whether something was chosen or is wrong in what is folded away."""
        quiet = {"cooldown_minutes": 15, "for_minutes": 0, "time_zone": field_value(self["time_zone"])}
        return any(field.errors or field_value(field) not in ("", None, quiet.get(field.name)) for field in self.more)

    @property
    def values(self) -> Values:
        """What was filled in, in the services' words; empty is the default."""
        empty: dict[str, Any] = {name: None for name in self.fields if self.cleaned_data.get(name) in ("", None)}
        values: Any = {name: self.cleaned_data.get(name) for name in self.fields} | empty
        return values  # type: ignore[no-any-return]

    @property
    def new_values(self) -> Values:
        values: Any = {"type": self.kind, **self.values}
        return values  # type: ignore[no-any-return]


class SpanForm(PortalForm):
    """For how long: of a snooze, or of a silence over everything."""

    minutes = forms.TypedChoiceField(label="For", coerce=int, choices=SPANS)

    @property
    def until(self) -> datetime:
        return now() + timedelta(minutes=self.cleaned_data["minutes"])


class AlertFilter(PortalForm):
    """What the list is narrowed to."""

    STATES: ClassVar = (
        ("", "All"), ("firing", "Firing"), ("normal", "Normal"), ("trouble", "No data or error"), ("paused", "Paused"),
    )  # fmt: skip
    type = forms.ChoiceField(
        label="Type", required=False, choices=[("", "All"), *((kind, rule.TITLE) for kind, rule in RULES.items())]
    )
    state = forms.ChoiceField(label="State", required=False, choices=STATES)
    q = forms.CharField(label="Name or symbol", required=False, max_length=100)


class NameForm(PortalForm):
    name = forms.CharField(label="Name", max_length=LONGEST_NAME)


class AddressForm(PortalForm):
    """What a channel needs to reach a place."""

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.settings_names = [setting.name for setting in channel.SETTINGS]
        for setting in channel.SETTINGS:
            # The address and the token are typed once and never shown again, not even where the form is refused.
            kind = forms.PasswordInput if setting.is_secret else forms.TextInput
            widget = kind(attrs={"class": "p-input", "autocomplete": "off", "spellcheck": "false"})
            self.fields[setting.name] = forms.CharField(
                label=setting.label, help_text=setting.help, max_length=1000, widget=widget
            )

    @property
    def settings(self) -> Mapping[str, str]:
        return {name: self.cleaned_data[name] for name in self.settings_names}


class DestinationForm(AddressForm):
    """A new place: its name and where it is."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME, help_text="So that you recognise it: #trading.")
    is_default = forms.BooleanField(
        label="Default", required=False, help_text="Takes the messages of alerts that choose no destination."
    )

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, channel=channel, **kwargs)
        self.order_fields(["name", *self.settings_names, "is_default"])


def initial_of(alert: Alert) -> dict[str, Any]:
    """A form's values that stand for an alert as it is."""
    names = [name for name in AlertForm.base_fields if name != "destinations"]
    places = [row.pk for row in alert.destinations.all()]
    return {**{name: getattr(alert, name) for name in names}, "destinations": places}


def field_value(field: BoundField) -> Any:
    value = field.value()
    return int(value) if isinstance(value, str) and value.isdecimal() else value
