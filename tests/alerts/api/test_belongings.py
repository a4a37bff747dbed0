"""What a workspace takes along of its alerts, and what is left of them when it is erased."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.services.erasure import erase_workspace
from accounts.services.workspaces import export_workspace_data
from alerts import services
from alerts.models import Alert, AlertSettings, Attempt, Delivery, Destination, Event
from tests.alerts.api.conftest import DISCORD, Make

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(make: Make, workspace: Workspace, olivia: User) -> Alert:
    """An alert that was tested, with one attempt, in a workspace that is muted."""
    made = make(discord_webhook_url=DISCORD)
    services.test_alert(alert=made, actor=olivia)
    Attempt.objects.create(delivery=Delivery.objects.get(), succeeded=True, status=204)
    until = timezone.now() + timedelta(hours=1)
    services.mute_all(workspace=workspace, actor=olivia, until=until)
    return made


def test_it_exports_everything_but_secrets(alert: Alert, workspace: Workspace, olivia: User) -> None:
    found = export_workspace_data(workspace=workspace, actor=olivia)
    part = found["alerts"]
    assert [row["id"] for row in part["alerts"]] == [alert.pk]
    assert (len(part["destinations"]), len(part["events"]), len(part["attempts"])) == (1, 1, 1)
    text = json.dumps(found, cls=DjangoJSONEncoder)
    assert "t" * 20 not in text
    assert Destination.objects.get().sealed not in text


def test_it_leaves_nothing_behind(alert: Alert, workspace: Workspace, make: Make) -> None:
    workspace.closed_at = workspace.erase_after = timezone.now()
    workspace.save(update_fields=["closed_at", "erase_after"])
    assert erase_workspace(workspace_id=workspace.pk)
    for model in (Alert, AlertSettings, Attempt, Delivery, Destination, Event):
        assert not model.objects.exists(), model
