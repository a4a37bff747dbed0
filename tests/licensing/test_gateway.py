"""The licence check against the real gateway."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from accounts.models import User, Workspace
from billing.models import Plan
from billing.services import grant
from gateway.keys.services import create_key, revoke_key
from tests.licensing.conftest import Agent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(0.5)]
RUNS = "the agent runs"


@pytest.fixture
def key(workspace: Workspace, olivia: User) -> str:
    return create_key(workspace=workspace, actor=olivia, name="agent")[1]


def test_it_lets_a_licensed_agent_run(agent: Agent, live_server: LiveServer, key: str) -> None:
    done = agent(LICENSE_GATEWAY_URL=live_server.url, LICENSE_API_KEY=key, REQUIRE_LICENSE="1")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, RUNS, "")


def test_it_finds_the_gateway_by_the_shared_variable(agent: Agent, live_server: LiveServer, key: str) -> None:
    done = agent(API_GATEWAY_URL=live_server.url + "/", LICENSE_API_KEY=key, REQUIRE_LICENSE="1")
    assert done.returncode == 0


def test_it_needs_the_minimum_plan(agent: Agent, live_server: LiveServer, key: str) -> None:
    settings = {"LICENSE_GATEWAY_URL": live_server.url, "LICENSE_API_KEY": key, "LICENSE_MIN_PLAN_VIDEO": "team"}
    required = agent("video", REQUIRE_LICENSE="true", **settings)
    assert (required.returncode, required.stdout) == (1, "")
    assert "needs the plan team" in required.stderr
    relaxed = agent("video", **settings)
    assert (relaxed.returncode, relaxed.stdout.strip()) == (0, RUNS)
    assert "needs the plan team" in relaxed.stderr


def test_it_takes_a_higher_plan(
    agent: Agent, live_server: LiveServer, key: str, workspace: Workspace, rita: User
) -> None:
    until = timezone.now() + timedelta(days=1)
    grant(workspace=workspace, plan=Plan.objects.get(pk="enterprise"), reason="trial", ends_at=until, actor=rita)
    done = agent(
        "phone",
        LICENSE_GATEWAY_URL=live_server.url,
        LICENSE_API_KEY=key,
        LICENSE_MIN_PLAN_PHONE="team",
        REQUIRE_LICENSE="1",
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unknown", ["md_live_" + "0" * 38, "no key at all", "ключ", "a\tb"])
def test_it_refuses_an_unknown_key(agent: Agent, live_server: LiveServer, unknown: str) -> None:
    settings = {"LICENSE_GATEWAY_URL": live_server.url, "LICENSE_API_KEY": unknown}
    assert agent(REQUIRE_LICENSE="yes", **settings).returncode == 1
    relaxed = agent(**settings)
    assert (relaxed.returncode, relaxed.stdout.strip()) == (0, RUNS)
    assert unknown not in relaxed.stderr


def test_it_refuses_a_revoked_key(agent: Agent, live_server: LiveServer, workspace: Workspace, olivia: User) -> None:
    key, secret = create_key(workspace=workspace, actor=olivia, name="gone")
    revoke_key(key=key, actor=olivia)
    done = agent(LICENSE_GATEWAY_URL=live_server.url, LICENSE_API_KEY=secret, REQUIRE_LICENSE="1")
    assert done.returncode == 1


def test_it_refuses_a_missing_key_when_one_is_required(agent: Agent, live_server: LiveServer) -> None:
    for missing in ({}, {"LICENSE_API_KEY": "  "}):
        done = agent(LICENSE_GATEWAY_URL=live_server.url, REQUIRE_LICENSE="1", **missing)
        assert (done.returncode, done.stdout) == (1, "")
        assert "LICENSE_API_KEY is not set" in done.stderr


def test_it_warns_of_a_missing_key_when_none_is_required(agent: Agent, live_server: LiveServer) -> None:
    done = agent(LICENSE_GATEWAY_URL=live_server.url)
    assert (done.returncode, done.stdout.strip()) == (0, RUNS)
    assert "LICENSE_API_KEY is not set" in done.stderr


def test_it_answers_when_the_minute_is_spent(agent: Agent, live_server: LiveServer, key: str) -> None:
    Plan.objects.filter(pk="free").update(requests_per_minute=1)
    spent = [requests.get(f"{live_server.url}/usage", headers={"X-API-Key": key}, timeout=10) for _ in range(3)]
    assert spent[-1].status_code == 429
    done = agent(LICENSE_GATEWAY_URL=live_server.url, LICENSE_API_KEY=key, REQUIRE_LICENSE="1")
    assert done.returncode == 0, done.stderr
