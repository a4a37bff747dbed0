"""Olivia's workspace with one of everything, made once for all pages that are asked the same."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Member, User, Workspace
from alerts.models import Alert
from gateway.keys.services import create_key
from tests.cast import person, workspace_of
from tests.portal.alerts.rows import alert_ids
from tests.portal.backtests.rows import backtest_ids
from tests.portal.billing.rows import invoice_row
from tests.portal.conftest import invite_row, open_session, put_on_pro


@dataclass
class Scene:
    """Olivia owns the workspace, Max and Eve are members; Sam owns another one."""

    team: Workspace
    people: dict[str, User]
    # By the names that addresses have: a key, a run, an alert and what belongs to them, none of them shared, an open
    # invitation, an invoice, and Eve, whom one may promote or remove.
    ids: dict[str, int | str]
    sessions: dict[str, str]

    def browser(self, name: str, *, is_strict: bool = False) -> Client:
        """Where somebody has signed in; a strict one wants a token with every form."""
        browser = Client(enforce_csrf_checks=is_strict)
        browser.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[name]
        return browser


@pytest.fixture(scope="class")
def shared_scene(shared_db: None) -> Scene:
    people = {name: person(name) for name in ("Olivia", "Max", "Eve", "Sam")}
    olivia, team = people["Olivia"], workspace_of(people["Olivia"], people["Max"])
    put_on_pro(team)
    eve = Member.objects.create(workspace=team, user=people["Eve"])
    workspace_of(people["Sam"])
    ids: dict[str, int | str] = {
        "key_id": create_key(workspace=team, actor=olivia, name="Olivia's bot")[0].pk,
        "invitation_id": invite_row(team, olivia, "joe@example.com").pk,
        "member_id": eve.pk,
        "workspace_id": team.pk,
        "invoice_id": invoice_row(team),
        **alert_ids(team, olivia),
        **backtest_ids(team, olivia),
    }
    Alert.objects.filter(pk=ids["alert_id"]).update(is_shared=False)
    sessions = {name: open_session(user).cookies[settings.SESSION_COOKIE_NAME].value for name, user in people.items()}
    return Scene(team, people, ids, sessions)


@pytest.fixture
def scene(shared_scene: Scene, db: None) -> Scene:
    """A copy, and whatever the test writes is undone."""
    return deepcopy(shared_scene)
