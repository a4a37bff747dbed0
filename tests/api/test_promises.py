"""What the OpenAPI document promises is what the calls do: Schemathesis asks each of them a hundred times.

It makes its requests up while pytest collects: seconds of work that `make quick` leaves out (conftest.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.case import Case

from accounts.models import User, Workspace
from billing.models import Plan
from billing.principal import SCOPES
from gateway.keys.services import create_key
from moondev import schema
from moondev.wsgi import application

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# In-process answers are not unpacked on their way, as a client's library would.
PLAIN = {"Accept-Encoding": "identity"}
Test = Callable[..., None]
ENOUGH = 1_000_000
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "429"]
# What no schema can say, so that a valid request may be 422: a cursor comes from the page before, `end` after `start`,
# a page is one of the installation's hosts, a symbol is one that the source knows, recovery is below the threshold, a
# day is one that there is, a backtest one that was made, an idea more than a comment.
UNSAYABLE = (
    "GET /usage",
    "GET /usage/summary",
    "GET /files/{name}",
    "GET /copybot/data/{name}",
    "POST /billing/create-checkout-session",
    "POST /billing/create-portal-session",
    "GET /alerts",
    "POST /alerts",
    "PATCH /alerts/{id}",
    "POST /alerts/preview",
    "GET /alerts/{id}/history",
    "GET /api/backtests",
    "GET /api/backtests/by-date/{date}",
    "POST /api/backtest/run",
    "POST /api/folders/add",
    "GET /download/{name}",
)
CONFIG = {
    "seed": 20261123,
    # Without made-up credentials: the tests send a key or none, and the checks leave it out or spoil it.
    "generation": {"max-examples": 100, "deterministic": True, "with-security-parameters": False},
    "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
    "operations": [
        {"include-name": name, "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "422"]}}}
        for name in UNSAYABLE
    ],
}


@pytest.fixture
def one_transaction() -> Iterator[None]:
    """The program itself closes its connection after a request; here that would end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def plentiful(settings: Any, one_transaction: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for thousands of requests a minute."""
    monkeypatch.setattr("gateway.keys.leaks.views.REPORTS_PER_MINUTE", ENOUGH)
    monkeypatch.setattr("billing.api.throttle.RATES", (f"{ENOUGH}/m",))
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = settings.UNKNOWN_KEYS_PER_MINUTE = ENOUGH
    Plan.objects.filter(pk="free").update(requests_per_minute=ENOUGH, alerts=100_000, backtest_runs_per_day=100_000)


@pytest.fixture
def api_key(plentiful: None, workspace: Workspace, olivia: User) -> str:
    return create_key(workspace=workspace, actor=olivia, name="schemathesis", scopes=SCOPES)[1]


def promises() -> Any:
    """The document, asked of the program itself without a network between."""
    config = SchemathesisConfig.from_dict(CONFIG)
    found = schemathesis.openapi.from_dict(deepcopy(schema.document()), config=config)
    found.app = application
    return found


promised = promises()
# The fixtures make room once; no example changes anything that the next one must not see.
one_room = settings(suppress_health_check=list(HealthCheck), deadline=None)


def for_every_call(test: Test) -> Test:
    """Runs a test with a hundred made-up requests to each call of the document."""
    made: Test = promised.parametrize()(one_room(test))
    return made


@for_every_call
def test_it_keeps_its_promises_to_nobody(case: Case[Any], plentiful: None) -> None:
    case.call_and_validate(headers=PLAIN)


@for_every_call
def test_it_keeps_its_promises_to_a_key(case: Case[Any], api_key: str) -> None:
    case.call_and_validate(headers={**PLAIN, "X-API-Key": api_key})
