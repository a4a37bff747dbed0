"""What a workspace's keys were used for in its export: one row for each day (UTC), key and endpoint."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from typing import Any, cast

from django.db.models.functions import TruncDay

from accounts.models import Workspace
from gateway.models import Usage
from gateway.usage.reports import sums, tally_of


def usage_of(workspace: Workspace) -> list[dict[str, Any]]:
    """All that was counted, the newest day first. `key` is the id of a key, gone or not, and null for sessions."""
    days = Usage.objects.for_workspace(workspace).annotate(day=TruncDay("hour", tzinfo=UTC))
    rows = days.values("day", "key_id", "endpoint").annotate(**sums()).order_by("-day", "key_id", "endpoint")
    return [_described(cast(dict[str, Any], row)) for row in rows]


def _described(row: dict[str, Any]) -> dict[str, Any]:
    key = row["key_id"] or None
    return {"day": row["day"].date(), "key": key, "endpoint": row["endpoint"], **asdict(tally_of(row))}
