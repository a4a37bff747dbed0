"""The questions and answers of /usage, for validation and for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class TallySerializer(serializers.Serializer[Any]):
    requests = serializers.IntegerField(min_value=0)
    succeeded = serializers.IntegerField(min_value=0, help_text="Answered with 2xx or 3xx; only these cost quota")
    refused = serializers.IntegerField(min_value=0, help_text="Answered with 4xx")
    failed = serializers.IntegerField(min_value=0, help_text="Answered with 5xx")


class UsageLineSerializer(TallySerializer):
    date = serializers.DateField(help_text="Day in UTC")
    endpoint = serializers.CharField(help_text="The call's template, as /files/{name}")


class UsageSerializer(serializers.Serializer[Any]):
    workspace = serializers.CharField()
    since = serializers.DateField(help_text="The first day that is counted, in UTC")
    items = UsageLineSerializer(many=True)


class SummaryLineSerializer(TallySerializer):
    workspace = serializers.CharField(allow_null=True, help_text="null when the workspace is gone")
    key_id = serializers.IntegerField(help_text="0 for the sessions of the workspace's people")
    key = serializers.CharField(allow_null=True, help_text="The key's name; null when it is gone or was none")
    endpoint = serializers.CharField()


class SummarySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    items = SummaryLineSerializer(many=True)


class PageQuery(serializers.Serializer[Any]):
    limit = serializers.IntegerField(default=100, min_value=1, max_value=1000, help_text="Items in one answer")
    cursor = serializers.CharField(required=False, max_length=400, help_text="From the Link header of the page before")


class UsageQuery(PageQuery):
    days = serializers.IntegerField(default=30, min_value=1, max_value=366, help_text="Days back, today included")


class SummaryQuery(PageQuery):
    date = serializers.DateField(required=False, help_text="Day in UTC; today when left out")
