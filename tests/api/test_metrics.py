"""The metrics are the operator's."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import requests
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from tests.live import LiveService

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


def total(text: str, route: str) -> float:
    """Requests of a route that a scrape shows, over all labels."""
    families = {family.name: family for family in text_string_to_metric_families(text)}
    samples = families["moondev_requests"].samples
    return sum(s.value for s in samples if s.name.endswith("_total") and s.labels["route"] == route)


@pytest.mark.slow
def test_it_sums_over_the_processes_of_a_service(live_service: LiveService, tmp_path: Path) -> None:
    url = live_service("gateway", processes=2, PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    for _ in range(20):
        assert requests.get(f"{url}/plans", timeout=60).status_code == 200
    assert total(requests.get(f"{url}/metrics", timeout=60).text, "plans") == 20
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


@pytest.mark.slow
def test_a_live_service_writes_no_secret(live_service: LiveService) -> None:
    secret = "md_live_" + "Zz9" * 12 + "ab"
    url = live_service("gateway", ANONYMOUS_REQUESTS_PER_MINUTE="601")
    for path in ("/whoami", f"/files/{secret}", "/nothing"):
        requests.get(f"{url}{path}", params={"key": secret}, headers={"X-API-Key": secret}, timeout=60)
        requests.post(
            f"{url}{path}", json={"password": secret}, headers={"Authorization": f"Bearer {secret}"}, timeout=60
        )
    [log] = Path(os.environ["DATA_DIR"]).glob(f"gateway-{url.rpartition(':')[2]}.log")
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert len([line for line in lines if line.get("logger") == "moondev.access"]) >= 6
    assert "Zz9" not in log.read_text()
