"""The shape of the price list, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing.terms import FEATURES, FORMATS, PLAN_NAMES


class PricesSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField(help_text="ISO 4217 code in lower case: usd")
    month_cents = serializers.IntegerField(help_text="Price a month in cents")
    year_cents = serializers.IntegerField(help_text="Price a year in cents")


class PlanSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=PLAN_NAMES, help_text="The plan's name in every call")
    title = serializers.CharField(help_text="The name to show")
    description = serializers.CharField(allow_blank=True)
    rpm = serializers.IntegerField(help_text="Requests a minute, shared by all keys of a workspace")
    alerts = serializers.IntegerField(help_text="Alerts that a workspace may own")
    alert_poll_seconds = serializers.IntegerField(help_text="Seconds between two evaluations of an alert")
    backtest_runs_per_day = serializers.IntegerField(help_text="Backtest runs started a day (UTC)")
    concurrent_runs = serializers.IntegerField(help_text="Backtest runs at the same time")
    workspaces = serializers.IntegerField(help_text="Workspaces that one person may own")
    seats = serializers.IntegerField(help_text="Members of a workspace, the owner included")
    history_days = serializers.IntegerField(allow_null=True, help_text="Days of data; null: all of it")
    formats = serializers.ListField(child=serializers.ChoiceField(choices=FORMATS))
    features = serializers.ListField(child=serializers.ChoiceField(choices=FEATURES))
    machines_per_agent = serializers.IntegerField(help_text="Machines on which one agent may run at a time")
    run_retention_days = serializers.IntegerField(allow_null=True, help_text="Days; null: for ever")
    prices = PricesSerializer()


class PlansSerializer(serializers.Serializer[Any]):
    plans = serializers.DictField(child=PlanSerializer(), help_text="Every plan by its name")
