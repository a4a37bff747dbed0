"""The shapes of the calls on alerts, for the OpenAPI document. Values are checked by alerts.checked, fields by name."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from alerts import fields
from alerts.models import Destination, Event
from alerts.models.alert import LONGEST_WINDOW, SHORTEST_WINDOW, Direction, Kind, Phase
from alerts.preview import DAYS
from moondev.lib.queue import State

MOST = 1000


class WatchedSerializer(serializers.Serializer[Any]):
    """What is watched, for making an alert and for a preview. Null is the default everywhere."""

    type = serializers.ChoiceField(choices=Kind.values, help_text="What is measured; docs/alerts.md has the formulas")
    threshold = serializers.FloatField(
        min_value=fields.LEAST_AMOUNT, max_value=fields.MOST_AMOUNT, help_text="In the type's unit; compared by >="
    )
    window_minutes = serializers.IntegerField(
        default=15, min_value=SHORTEST_WINDOW, max_value=LONGEST_WINDOW, allow_null=True
    )
    symbol = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=fields.LONGEST_SYMBOL,
        help_text="BTC, btcusdt and BTC-USDT are the same; null: all symbols",
    )  # fmt: skip
    direction = serializers.ChoiceField(
        choices=Direction.values, default="both", allow_null=True, help_text="Longs or up, shorts or down"
    )
    recovery_threshold = serializers.FloatField(
        required=False,
        allow_null=True,
        min_value=fields.LEAST_AMOUNT,
        max_value=fields.MOST_AMOUNT,
        help_text="It is over below this; null: below the threshold",
    )
    for_minutes = serializers.IntegerField(
        default=0, min_value=0, max_value=fields.LONGEST_FOR, allow_null=True, help_text="How long it must hold"
    )
    cooldown_minutes = serializers.IntegerField(
        default=15, min_value=0, max_value=fields.LONGEST_COOLDOWN, allow_null=True,
        help_text="The least time between two firings",
    )  # fmt: skip


class NewAlertSerializer(WatchedSerializer):
    """A whole alert."""

    description = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=fields.LONGEST_DESCRIPTION
    )
    quiet_from = serializers.TimeField(required=False, allow_null=True, help_text="HH:MM; nothing is sent from then")
    quiet_until = serializers.TimeField(required=False, allow_null=True, help_text="until then, also over midnight")
    time_zone = serializers.CharField(default="UTC", allow_null=True, help_text="Of the quiet hours, Europe/Berlin")
    snoozed_until = serializers.DateTimeField(required=False, allow_null=True, help_text="Nothing is sent before it")
    enabled = serializers.BooleanField(default=True, allow_null=True)
    is_shared = serializers.BooleanField(
        default=True, allow_null=True, help_text="Whether every member of the workspace may change it"
    )
    template = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=fields.LONGEST_TEMPLATE,
        help_text="Words of your own with fields as {symbol} and {value}; null: the type's",
    )  # fmt: skip
    destinations = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, allow_null=True,
        max_length=fields.MOST_DESTINATIONS, help_text="Ids of destinations; empty: the workspace's default",
    )  # fmt: skip
    discord_webhook_url = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, write_only=True, max_length=fields.LONGEST_TEMPLATE,
        help_text="A Discord webhook, added to the destinations; it is kept sealed and never shown",
    )  # fmt: skip


class PreviewSerializer(WatchedSerializer):
    """An alert that nobody has made yet, and how far back to look."""

    days = serializers.IntegerField(default=DAYS, min_value=1, max_value=DAYS)


class AlertSerializer(serializers.Serializer[Any]):
    id = serializers.RegexField(r"^a_[0-9a-f]{16}$")
    type = serializers.ChoiceField(choices=Kind.values)
    threshold = serializers.FloatField()
    window_minutes = serializers.IntegerField()
    symbol = serializers.CharField(allow_null=True, help_text="As the feed writes it; null: all symbols")
    description = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=Phase.values)
    state_since = serializers.DateTimeField()
    last_triggered_at = serializers.DateTimeField(allow_null=True)
    direction = serializers.ChoiceField(choices=Direction.values)
    recovery_threshold = serializers.FloatField(allow_null=True)
    for_minutes = serializers.IntegerField()
    cooldown_minutes = serializers.IntegerField()
    quiet_from = serializers.TimeField(allow_null=True)
    quiet_until = serializers.TimeField(allow_null=True)
    time_zone = serializers.CharField()
    snoozed_until = serializers.DateTimeField(allow_null=True)
    enabled = serializers.BooleanField()
    over_plan = serializers.BooleanField(help_text="Not looked at, because the plan has room for fewer alerts")
    is_shared = serializers.BooleanField()
    template = serializers.CharField(allow_null=True)
    destinations = serializers.ListField(child=serializers.IntegerField())


class DestinationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Destination.Kind.values)
    name = serializers.CharField()
    hint = serializers.CharField(help_text="What may be shown of it")
    is_default = serializers.BooleanField(help_text="Used by alerts that name no destination")
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_because = serializers.CharField(allow_null=True)


class DeletedSerializer(serializers.Serializer[Any]):
    deleted = serializers.BooleanField()
    id = serializers.CharField()


class AttemptSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    succeeded = serializers.BooleanField()
    status = serializers.IntegerField(allow_null=True, help_text="HTTP status; null where there was no answer")
    said = serializers.CharField(allow_blank=True, help_text="What the other side said")
    took_ms = serializers.IntegerField()


class DeliverySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Goes with the message, so that a repeat can be recognised")
    destination = serializers.IntegerField(allow_null=True, help_text="null: the operator's channel or the owner")
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=State.values)
    attempts = AttemptSerializer(many=True)


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Event.Kind.values)
    at = serializers.DateTimeField()
    value = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField()
    window_minutes = serializers.IntegerField()
    symbol = serializers.CharField(allow_null=True)
    # The framework has an attribute of this name, which a declared field does not touch.
    source = serializers.CharField(help_text="Where the numbers come from")  # type: ignore[assignment]
    simulated = serializers.BooleanField(help_text="Whether the numbers are made up")
    silenced_because = serializers.CharField(allow_null=True, help_text="Why nobody was notified; null when they were")
    facts = serializers.DictField(help_text="What the type has to tell besides")
    deliveries = DeliverySerializer(many=True)


class ChangeSerializer(serializers.Serializer[Any]):
    before = serializers.ChoiceField(choices=Phase.values)
    after = serializers.ChoiceField(choices=Phase.values)
    value = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class EntrySerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    change = ChangeSerializer(allow_null=True, help_text="A change of state")
    event = EventSerializer(allow_null=True, help_text="What the alert had to say, and what became of it")


class PointSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    value = serializers.FloatField(allow_null=True, help_text="null: there was nothing to compare")


class FoundSerializer(serializers.Serializer[Any]):
    fired = serializers.IntegerField(help_text="How often it would have fired")
    times = serializers.ListField(child=serializers.DateTimeField(), help_text="When it would have fired")
    days = serializers.IntegerField()
    history_from = serializers.DateTimeField(
        allow_null=True, help_text="The first moment that was looked at, within the plan's history; null: no data"
    )
    threshold = serializers.FloatField()
    unit = serializers.CharField()
    series = PointSerializer(many=True, help_text="The value's course, thinned out; no peak is lost")
    simulated = serializers.BooleanField(help_text="Whether the numbers are made up")


class PageQuery(serializers.Serializer[Any]):
    limit = serializers.IntegerField(default=MOST, min_value=1, max_value=MOST, help_text="Items in one answer")
    cursor = serializers.CharField(required=False, max_length=400, help_text="From the Link header of the page before")


class AlertsQuery(PageQuery):
    type = serializers.ChoiceField(choices=Kind.values, required=False)
    symbol = serializers.CharField(required=False, max_length=fields.LONGEST_SYMBOL, help_text="Of that symbol only")
    state = serializers.ChoiceField(choices=Phase.values, required=False)
    enabled = serializers.ChoiceField(choices=["true", "false"], required=False)


class HistoryQuery(PageQuery):
    limit = serializers.IntegerField(default=100, min_value=1, max_value=MOST, help_text="Items in one answer")
