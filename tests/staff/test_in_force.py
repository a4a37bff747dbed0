"""What staff change holds in every process within a second: real servers, several processes, asked over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.test import Client

from accounts.models import User, Workspace
from billing.models import Entitlement, Plan
from gateway.keys.services import create_key
from gateway.models import ApiKey
from tests.staff.conftest import in_days, page
from tests.staff.test_plans import form_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(2)]
PROCESSES = 2
# The promise is one second; polling goes on for three times that.
DEADLINE = 3.0
# So many answers in a row come from every process, not from one that heard the news first.
ANSWERS = 12


@pytest.fixture
def secret(workspace: Workspace, olivia: User) -> str:
    return create_key(workspace=workspace, actor=olivia, name="Probe")[1]


@pytest.fixture
def ask(live_service: Callable[..., str], secret: str) -> Callable[[], requests.Response]:
    """/whoami on a connection of its own each time, so that any of the processes may answer."""
    url = live_service("gateway", processes=PROCESSES)

    def whoami() -> requests.Response:
        return requests.get(f"{url}/whoami", headers={"X-API-Key": secret}, timeout=5)

    for _ in range(ANSWERS):
        assert whoami().json()["plan"] == "free"
    return whoami


def soon(ask: Callable[[], requests.Response], told: Callable[[requests.Response], Any], expected: Any) -> None:
    """Until the deadline, ANSWERS in a row say what is expected."""
    ends, seen = time.monotonic() + DEADLINE, []
    while time.monotonic() < ends:
        seen = [told(ask()) for _ in range(ANSWERS)]
        if set(seen) == {expected}:
            return
    pytest.fail(f"expected {expected}, got {seen}")


def limit(answer: requests.Response) -> Any:
    return answer.json().get("limit_per_min")


def plan(answer: requests.Response) -> Any:
    return answer.json().get("plan")


def test_an_edited_plan_a_grant_and_its_end_hold_in_every_process(
    desk: Client, workspace: Workspace, ask: Callable[[], requests.Response]
) -> None:
    edited = form_of(Plan.objects.get(name="free"), requests_per_minute=77)
    assert desk.post(page(Plan, "change", "free"), edited).status_code == 302
    soon(ask, limit, 77)

    form = {"plan": "team", "reason": "pilot", "ends_at": f"{in_days(9):%Y-%m-%dT%H:%M}"}
    assert desk.post(page(Workspace, "grant_plan", workspace.pk), form).status_code == 302
    soon(ask, plan, "team")
    soon(ask, limit, 2400)

    grant = Entitlement.objects.get()
    assert desk.post(page(Entitlement, "end", grant.pk)).status_code == 302
    soon(ask, plan, "free")


def test_a_save_in_a_shell_holds_in_every_process(ask: Callable[[], requests.Response]) -> None:
    row = Plan.objects.get(name="free")
    row.requests_per_minute = 66
    row.save()
    soon(ask, limit, 66)
    Plan.objects.filter(name="free").update(requests_per_minute=65)
    soon(ask, limit, 65)


def test_a_disabled_a_slowed_and_a_revoked_key_hold_in_every_process(
    desk: Client, ask: Callable[[], requests.Response]
) -> None:
    key = ApiKey.objects.get(name="Probe")
    until = f"{in_days(1):%Y-%m-%dT%H:%M}"
    desk.post(page(ApiKey, "override", key.pk), {"limit": 5000, "until": until})
    soon(ask, limit, 5000)
    desk.post(page(ApiKey, "disable", key.pk))
    soon(ask, lambda answer: answer.status_code, 403)
    desk.post(page(ApiKey, "enable", key.pk))
    soon(ask, lambda answer: answer.status_code, 200)
    desk.post(page(ApiKey, "revoke", key.pk), {"reason": "test"})
    soon(ask, lambda answer: answer.status_code, 403)
