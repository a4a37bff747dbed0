"""Usage in the export of a workspace's data."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from accounts.models import User, Workspace
from gateway.models import Usage

pytestmark = pytest.mark.django_db


def test_it_exports_usage_by_day_key_and_endpoint(
    client: Client, workspace: Workspace, strangers_workspace: Workspace, olivia: User
) -> None:
    for owner, key, hour, status_class, requests in [
        (workspace, 7, 3, 2, 40),
        (workspace, 7, 23, 4, 2),
        (workspace, 0, 3, 2, 1),
        (strangers_workspace, 9, 3, 2, 987_654),
    ]:
        Usage.objects.create(
            hour=datetime(2026, 3, 1, hour, tzinfo=UTC),
            workspace_id=owner.pk,
            key_id=key,
            endpoint="/usage",
            status_class=status_class,
            requests=requests,
        )
    client.force_login(olivia)
    document = client.post("/portal/settings/export/").json()
    day = {"day": str(date(2026, 3, 1)), "endpoint": "/usage"}
    assert document["usage"] == [
        {**day, "key": None, "requests": 1, "succeeded": 1, "refused": 0, "failed": 0},
        {**day, "key": 7, "requests": 42, "succeeded": 40, "refused": 2, "failed": 0},
    ]
