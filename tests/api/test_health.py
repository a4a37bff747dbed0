"""Alive and able to serve are two questions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client, override_settings

from moondev import health

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_health")]
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


def test_it_is_alive(client: Client) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"status", "time", "service", "checks"}
    assert body["time"].endswith("Z")
    assert set(body["checks"]) == {"database", "redis", "market_data"}
    assert body["checks"]["database"] == body["checks"]["redis"] == "ok"


def test_it_never_names_the_supplier(client: Client) -> None:
    with override_settings(MARKET_DATA_SOURCE="supplier"):
        assert "supplier" not in client.get("/health").content.decode()


def test_it_is_degraded_and_alive_without_redis(client: Client) -> None:
    with override_settings(REDIS_URL=NOBODY_LISTENS):
        response = client.get("/health")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["redis"] == "down"


def test_it_recovers_by_itself(client: Client) -> None:
    with override_settings(REDIS_URL=NOBODY_LISTENS):
        assert client.get("/health").json()["checks"]["redis"] == "down"
    health.checks.forget()
    assert client.get("/health").json()["checks"]["redis"] == "ok"


def test_it_looks_once_for_a_crowd(client: Client) -> None:
    client.get("/health")
    with override_settings(REDIS_URL=NOBODY_LISTENS):
        assert client.get("/health").json()["checks"]["redis"] == "ok"


def test_it_is_ready_when_everything_is_there(client: Client) -> None:
    response = client.get("/ready")
    assert response.status_code == 200
    assert response.json() == {"ready": True}


def test_it_is_not_ready_without_redis(client: Client) -> None:
    with override_settings(REDIS_URL=NOBODY_LISTENS):
        response = client.get("/ready")
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert "redis" in response.json()["detail"]


def test_it_is_not_ready_before_migrations(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'accounts'")
    health.forget_migrations()
    try:
        response = client.get("/ready")
    finally:
        health.forget_migrations()
    assert response.status_code == 503
    assert "migrations" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_it_does_not_let_anybody_keep_the_answer(client: Client, path: str) -> None:
    assert client.get(path)["Cache-Control"] == "no-store"
