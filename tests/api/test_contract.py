"""What holds for every call of the API, whichever part made it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User, Workspace
from billing.principal import SCOPES
from gateway.keys.services import create_key
from moondev import schema

pytestmark = pytest.mark.django_db
UNKNOWN_KEY = "md_" + "0" * 64
METHODS = ("get", "post", "put", "patch", "delete")


OPERATIONS = {
    (method, path.replace("{", "").replace("}", "")): operation
    for path, operations in schema.document()["paths"].items()
    for method, operation in operations.items()
}
# With something in place of each parameter: `/files/name`. The gate decides before anybody looks at it.
KEYED = sorted(call for call, operation in OPERATIONS.items() if operation.get("security"))
PATHS = sorted({path for _, path in OPERATIONS})


@pytest.fixture
def api_key(workspace: Workspace, olivia: User) -> str:
    return create_key(workspace=workspace, actor=olivia, name="contract", scopes=SCOPES)[1]


def check_problem(response: Any, status: int) -> None:
    """Fails unless an answer is a whole problem with this status."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = json.loads(response.content)
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= set(problem)
    assert problem["request_id"] == response["X-Request-Id"]


@pytest.mark.parametrize(("method", "path"), KEYED)
def test_it_is_401_without_a_key(client: Client, method: str, path: str) -> None:
    response = client.generic(method.upper(), path)
    check_problem(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["X-API-Key", "Authorization"])
@pytest.mark.parametrize(("method", "path"), KEYED)
def test_it_is_403_with_an_unknown_key(client: Client, settings: Settings, method: str, path: str, header: str) -> None:
    # Together these are more than one address may try in a minute.
    settings.UNKNOWN_KEYS_PER_MINUTE = 1_000
    value = UNKNOWN_KEY if header == "X-API-Key" else f"Bearer {UNKNOWN_KEY}"
    check_problem(client.generic(method.upper(), path, headers={header: value}), 403)


@pytest.mark.parametrize(("method", "path"), KEYED)
def test_it_takes_no_key_from_the_query(client: Client, method: str, path: str, api_key: str) -> None:
    for name in ("key", "api_key", "apikey", "X-API-Key", "access_token", "token"):
        check_problem(client.generic(method.upper(), f"{path}?{name}={api_key}"), 401)


@pytest.mark.parametrize(("method", "path"), KEYED)
def test_it_is_404_for_another_workspace(client: Client, method: str, path: str, api_key: str) -> None:
    headers = {"X-API-Key": api_key}
    check_problem(client.generic(method.upper(), f"{path}?workspace=sam-co", headers=headers), 404)


@pytest.mark.parametrize("path", PATHS)
def test_it_is_405_for_a_method_that_it_does_not_have(client: Client, path: str, api_key: str) -> None:
    allowed = {method for method, known in OPERATIONS if known == path}
    for method in set(METHODS) - allowed:
        response = client.generic(method.upper(), path, headers={"X-API-Key": api_key})
        check_problem(response, 405)
        assert "Allow" in response


@pytest.mark.parametrize("path", PATHS)
def test_it_is_413_for_a_body_that_is_too_large(client: Client, path: str) -> None:
    check_problem(client.generic("POST", path, b"x" * 1_048_577), 413)


@pytest.mark.parametrize("path", PATHS)
def test_it_is_404_with_a_slash_too_many(client: Client, path: str, api_key: str) -> None:
    check_problem(client.get(f"{path}/", headers={"X-API-Key": api_key}), 404)


def test_it_covers_the_calls_of_the_contract() -> None:
    keyed = {"/whoami", "/quota", "/usage", "/usage/summary", "/files/name", "/copybot/data/name"}
    keyed.add("/billing/create-portal-session")
    keyed |= {
        "/alerts",
        "/alerts/preview",
        "/alerts/destinations",
        "/alerts/id",
        "/alerts/id/test",
        "/alerts/id/history",
    }
    runs = {"run", "status/run_name", "cancel/run_name"}
    keyed |= {
        "/api/stats",
        "/api/backtests",
        "/api/backtests/by-date/date",
        *(f"/api/backtest/{name}" for name in runs),
    }
    keyed |= {f"/api/folders{name}" for name in ("", "/list", "/dates", "/name/paths", "/add", "/delete")}
    keyed |= {"/api/data-status", "/api/refresh-data", "/api/liquidations/recent"}
    keyed |= {"/download/name", "/download/testdata/name"}
    assert {path for _, path in KEYED} == keyed
    assert set(PATHS) - keyed == {"/plans", "/health", "/ready", "/keys/leaked", "/billing/create-checkout-session"}
