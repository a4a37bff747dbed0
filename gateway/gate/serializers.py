"""The answers of /whoami and /quota, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing.terms import FEATURES, FORMATS, PLAN_NAMES


class LimitsSerializer(serializers.Serializer[Any]):
    rpm = serializers.IntegerField(help_text="Requests a minute, shared by all keys of the workspace")
    alerts = serializers.IntegerField()
    alert_poll_seconds = serializers.IntegerField()
    backtest_runs_per_day = serializers.IntegerField()
    concurrent_runs = serializers.IntegerField()
    workspaces = serializers.IntegerField()
    seats = serializers.IntegerField()
    history_days = serializers.IntegerField(allow_null=True, help_text="null: all of it")
    formats = serializers.ListField(child=serializers.ChoiceField(choices=FORMATS))
    features = serializers.ListField(child=serializers.ChoiceField(choices=FEATURES))
    machines_per_agent = serializers.IntegerField()
    run_retention_days = serializers.IntegerField(allow_null=True, help_text="null: for ever")


class WhoamiSerializer(serializers.Serializer[Any]):
    plan = serializers.ChoiceField(choices=PLAN_NAMES)
    limit_per_min = serializers.IntegerField(help_text="Requests a minute of this key")
    mode = serializers.ChoiceField(choices=["keystore", "session"], help_text="`keystore` for a key")
    key_hash = serializers.CharField(allow_null=True, help_text="The key's alias, 16 hex characters; null: a session")
    limits = LimitsSerializer()
    features = serializers.ListField(child=serializers.ChoiceField(choices=FEATURES))
    workspace = serializers.CharField(help_text="The workspace's slug, which never changes")


class QuotaSerializer(serializers.Serializer[Any]):
    plan = serializers.ChoiceField(choices=PLAN_NAMES)
    used = serializers.IntegerField(min_value=0, help_text="Requests that this minute has cost so far")
    limit_per_min = serializers.IntegerField(min_value=1)
    resets_in_sec = serializers.IntegerField(min_value=1, max_value=60)
