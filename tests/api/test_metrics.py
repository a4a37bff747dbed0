"""The metrics are the operator's."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.django_db
TOKEN = "an-operators-token"


def test_it_answers_a_caller_on_this_machine(client: Client) -> None:
    client.get("/health")
    response = client.get("/metrics")
    assert response.status_code == 200
    families = {family.name: family for family in text_string_to_metric_families(response.content.decode())}
    routes = {sample.labels.get("route") for sample in families["moondev_requests"].samples}
    assert "health" in routes
    assert families["moondev_build_info"].samples[0].labels["version"]


@pytest.mark.parametrize("peer", ["10.0.0.7", "192.0.2.1", "2001:db8::1", ""])
def test_it_asks_everybody_else_for_the_token(client: Client, peer: str) -> None:
    response = client.get("/metrics", REMOTE_ADDR=peer)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via"]
)
def test_it_asks_for_the_token_behind_a_proxy(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 401


def test_it_asks_for_the_token_behind_a_trusted_proxy_too(client: Client) -> None:
    with override_settings(TRUSTED_PROXIES=["127.0.0.1"]):
        assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401


def test_it_answers_the_operator_from_anywhere(client: Client) -> None:
    with override_settings(OPERATOR_TOKEN=TOKEN):
        response = client.get("/metrics", REMOTE_ADDR="192.0.2.1", headers={"authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200


@pytest.mark.parametrize("given", ["Bearer wrong", "Bearer ", "Bearer", f"Basic {TOKEN}", TOKEN])
def test_it_refuses_a_wrong_token_even_on_this_machine(client: Client, given: str) -> None:
    with override_settings(OPERATOR_TOKEN=TOKEN):
        assert client.get("/metrics", headers={"authorization": given}).status_code in (401, 403)


def test_it_takes_no_empty_token_when_none_is_set(client: Client) -> None:
    with override_settings(OPERATOR_TOKEN=""):
        response = client.get("/metrics", REMOTE_ADDR="192.0.2.1", headers={"authorization": "Bearer "})
    assert response.status_code in (401, 403)


def test_it_counts_unknown_paths_as_one_route(client: Client) -> None:
    for number in range(3):
        client.get(f"/nothing/{number}")
    text = client.get("/metrics").content.decode()
    assert 'route="unmatched"' in text
    assert "/nothing/" not in text


def test_it_counts_unknown_methods_as_one(client: Client) -> None:
    client.generic("BREW", "/health")
    text = client.get("/metrics").content.decode()
    assert "BREW" not in text
