"""Keys that two people change at the same moment: neither hangs the other up, and the later one sees the earlier."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from accounts.models import Member, Role, User, Workspace
from accounts.services.members import change_role
from accounts.services.workspaces import leave_workspace
from gateway.keys import services
from gateway.keys.leaks import reports
from moondev.lib.errors import Forbidden
from tests.beside import start_beside
from tests.gateway.keys.conftest import MakeKey

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_lets_somebody_leave_whose_key_is_being_rotated(workspace: Workspace, make_key: MakeKey, max: User) -> None:
    key, _ = make_key(actor=max)
    with transaction.atomic():
        services.rotate_key(key=key, actor=max, grace=timedelta(0))
        leaving = start_beside(partial(leave_workspace, workspace=workspace, user=max))
    leaving.result(30)
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_it_lets_somebody_leave_whose_key_is_being_reported(workspace: Workspace, make_key: MakeKey, max: User) -> None:
    _, secret = make_key(actor=max)
    with transaction.atomic():
        reports.answer([reports.Leak(secret, "moondev_api_key", "")])
        leaving = start_beside(partial(leave_workspace, workspace=workspace, user=max))
    leaving.result(30)
    assert not Member.objects.filter(workspace=workspace, user=max).exists()


def test_it_gives_no_right_to_somebody_who_is_losing_it(
    workspace: Workspace, make_key: MakeKey, olivia: User, ada: User
) -> None:
    key, _ = make_key(actor=ada)
    with transaction.atomic():
        change_role(member=workspace.members.get(user=ada), actor=olivia, role=Role.MEMBER)
        widening = start_beside(partial(services.update_key, key=key, actor=ada, scopes=["data", "billing"]))
    with pytest.raises(Forbidden):
        widening.result(30)
    key.refresh_from_db()
    assert "billing" not in key.scopes
