"""Production settings: nothing missing, nothing weak, nothing made for development."""

from __future__ import annotations

import pytest
from django.test import override_settings

from moondev import checks
from tests.house.production import manage

REQUIRED = (
    "SECRET_KEY",
    "KEY_PEPPERS",
    "SEAL_KEYS",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "MARKET_DATA_SOURCE",
    "DATABASE_URL",
    "REDIS_URL",
)


def ids(found: list[object]) -> list[str]:
    return [getattr(message, "id", "") for message in found]


@pytest.mark.slow
def test_it_passes_the_deployment_checks_silently() -> None:
    done = manage("check", "--deploy")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", REQUIRED)
def test_it_does_not_start_without(name: str) -> None:
    done = manage("check", **{name: ""})
    assert done.returncode != 0
    assert f"{name} is not set" in done.stderr


@pytest.mark.slow
def test_it_refuses_simulated_numbers_unless_allowed() -> None:
    refused = manage("check", MARKET_DATA_SOURCE="simulated")
    assert refused.returncode != 0
    assert "moondev.E001" in refused.stderr
    assert manage("check", MARKET_DATA_SOURCE="simulated", ALLOW_SIMULATED="1").returncode == 0


@pytest.mark.slow
def test_it_refuses_the_demo() -> None:
    done = manage("seed_demo")
    assert done.returncode != 0
    assert "refused with DEBUG off" in done.stderr


@pytest.mark.slow
def test_it_refuses_to_lead_what_it_sends_elsewhere() -> None:
    done = manage("check", OUTBOUND_ROUTES="discord.com=127.0.0.1:9001")
    assert done.returncode != 0
    assert "OUTBOUND_ROUTES" in done.stderr


@pytest.mark.slow
def test_it_refuses_an_unknown_service() -> None:
    assert "MOONDEV_SERVICE" in manage("check", MOONDEV_SERVICE="shop").stderr


def test_it_says_how_to_mend_each_fault() -> None:
    with override_settings(
        SEAL_KEYS=["short"],
        TRUSTED_PROXIES=["0.0.0.0/0", "proxy"],
        KEY_PEPPERS={1: "short"},
        OPERATOR_TOKEN="short",
        ALLOWED_HOSTS=["*"],
        ALLOW_SIMULATED=False,
    ):
        parts = (checks.check_seal_keys, checks.check_trusted_proxies, checks.check_secrets)
        found = [
            message for check in (*parts, checks.check_market_data, checks.check_debug_only) for message in check(None)
        ]
    assert sorted(set(ids(list(found)))) == [
        "moondev.E001",
        "moondev.E002",
        "moondev.E003",
        "moondev.E004",
        "moondev.E005",
    ]
    assert all(message.hint for message in found)
