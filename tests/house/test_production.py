"""Production settings: nothing missing, nothing weak, nothing made for development."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from moondev import checks
from moondev.settings import versioned
from tests.fakes.discord import webhook
from tests.house.production import manage, refusal

REQUIRED = (
    "SECRET_KEY",
    "KEY_PEPPERS",
    "SEAL_KEYS",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "MARKET_DATA_SOURCE",
    "DATABASE_URL",
    "REDIS_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
)


def ids(found: list[object]) -> list[str]:
    return [getattr(message, "id", "") for message in found]


@pytest.mark.slow
def test_it_passes_the_deployment_checks_silently() -> None:
    done = manage("check", "--deploy")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


@pytest.mark.slow
def test_it_does_not_start_with_settings_that_are_refused() -> None:
    done = manage("check", SECRET_KEY="")
    assert done.returncode != 0
    assert refusal(SECRET_KEY="") in done.stderr


@pytest.mark.parametrize("name", REQUIRED)
def test_it_is_not_set_up_without(name: str) -> None:
    assert f"{name} is not set" in refusal(**{name: ""})


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


def test_it_refuses_to_lead_what_it_sends_elsewhere() -> None:
    assert "OUTBOUND_ROUTES" in refusal(OUTBOUND_ROUTES="discord.com=127.0.0.1:9001")


def test_it_refuses_an_unknown_service() -> None:
    assert "MOONDEV_SERVICE" in refusal(MOONDEV_SERVICE="shop")


def test_it_refuses_a_sandbox_that_holds_nobody() -> None:
    assert "SANDBOX_LEVEL is 'none'; it must be one of namespaces" in refusal(SANDBOX_LEVEL="none")


@pytest.mark.slow
def test_it_does_not_start_with_a_pepper_that_has_no_version() -> None:
    done = manage("check", KEY_PEPPERS="p3-QrT-without-a-version")
    assert done.returncode != 0
    assert "KEY_PEPPERS is not like 1:secret" in done.stderr
    assert "p3-QrT" not in done.stderr


@pytest.mark.parametrize("text", ["secret", "1:", ":secret", "one:secret", "1:a,secret", "1:a,1:b", ",", "-1:a", "²:a"])
def test_it_refuses_peppers_of_another_form(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="KEY_PEPPERS is not like"):
        versioned("KEY_PEPPERS", text)


def test_it_reads_peppers_with_their_versions() -> None:
    assert list(versioned("KEY_PEPPERS", "2:new:er, 1:old,").items()) == [(2, "new:er"), (1, "old")]


def test_it_refuses_a_source_that_there_is_not() -> None:
    with override_settings(MARKET_DATA_SOURCE="filse"):
        (message,) = checks.check_market_data(None)
    assert (message.id, "files, simulated" in (message.hint or "")) == ("moondev.E013", True)


@pytest.mark.parametrize("name", checks.PUBLIC_URLS)
def test_it_refuses_a_public_address_that_customers_cannot_use(name: str) -> None:
    good = dict.fromkeys(checks.PUBLIC_URLS, "https://api.example.com") | {"ALLOWED_HOSTS": ["api.example.com"]}
    bad = ["http://api.example.com", "https://localhost", "https://127.0.0.1:8010", "https://[::1]", "api.example.com"]
    for address in [*bad, "https://0.0.0.0", "https://[", "", "https://"]:
        with override_settings(**good | {name: address}):
            (message,) = checks.check_debug_only(None)
        assert (message.id, name in message.msg, name in (message.hint or "")) == ("moondev.E006", True, True)
    with override_settings(**good):
        assert checks.check_debug_only(None) == []


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
        "moondev.E006",
    ]
    assert all(message.hint for message in found)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", []),
        (f"{webhook()}/ ", []),
        ("https://hooks.example.com/api/webhooks/1/secret", ["moondev.E014"]),
        ("https://discord.com/channels/1/2", ["moondev.E014"]),
    ],
)
def test_it_checks_the_operators_channel(url: str, expected: list[str]) -> None:
    with override_settings(ALERTS_DISCORD_WEBHOOK_URL=url):
        found: list[Any] = list(checks.check_operators_channel(None))
    assert ids(found) == expected
    assert all(message.hint and "secret" not in message.msg for message in found)


@pytest.mark.slow
def test_it_refuses_the_sandbox_that_plays_stripe() -> None:
    refused = manage("check", STRIPE_SECRET_KEY="sk_test_sandbox")
    assert refused.returncode != 0
    assert "moondev.E007" in refused.stderr
    assert "plays Stripe for development" in refusal(MOONDEV_SERVICE="sandbox")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_LIVE_MODE": False}, []),
        ({"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_LIVE_MODE": True}, []),
        ({"STRIPE_SECRET_KEY": "sk_test_sandbox", "STRIPE_SANDBOX": True}, ["moondev.E007"]),
        ({"STRIPE_SECRET_KEY": "sk_test_sandbox", "STRIPE_SANDBOX": True, "DEBUG": True}, []),
        ({"STRIPE_SECRET_KEY": "pk_live_1"}, ["moondev.E008"]),
        ({"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_LIVE_MODE": True, "DEBUG": True}, ["moondev.W001"]),
    ],
)
def test_it_looks_at_the_key_of_stripe(changes: dict[str, object], expected: list[str]) -> None:
    with override_settings(**changes):
        found = checks.check_stripe_key(None)
    assert ids(list(found)) == expected
    assert all(message.hint for message in found)


def test_it_warns_of_a_deployment_that_takes_no_money() -> None:
    with override_settings(STRIPE_LIVE_MODE=False):
        assert ids(list(checks.check_stripe_mode(None))) == ["moondev.W002"]
    with override_settings(STRIPE_LIVE_MODE=True):
        assert checks.check_stripe_mode(None) == []


@pytest.mark.parametrize("secrets", [[], ["sk_test_1"], ["whsec_1", "whsec_2 "], ["whsec_1", "we_1"]])
def test_it_looks_at_the_secrets_of_webhooks(secrets: list[str]) -> None:
    with override_settings(STRIPE_WEBHOOK_SECRETS=secrets):
        assert ids(list(checks.check_billing(None))) == ["moondev.E009"]


@pytest.mark.parametrize(
    "host",
    [
        "shop.example.com",
        "https://shop.example.com/",
        "https://shop.example.com/thanks",
        "https://shop.example.com?x=1",
        "https://me:pw@shop.example.com",
        "https://shop.example.com:port",
        "http://shop.example.com",
        "ftp://shop.example.com",
        "https://",
        "*",
    ],
)
def test_it_refuses_a_return_host_that_is_none(host: str) -> None:
    with override_settings(BILLING_RETURN_HOSTS=["https://ok.example.com", host]):
        (message,) = checks.check_billing(None)
    assert (message.id, host in message.msg) == ("moondev.E010", True)


@pytest.mark.parametrize("host", ["https://shop.example.com", "https://shop.example.com:8443", "http://127.0.0.1:8002"])
def test_it_accepts_a_return_host(host: str) -> None:
    with override_settings(BILLING_RETURN_HOSTS=[host]):
        assert checks.check_billing(None) == []


@pytest.mark.parametrize("days", [-1, 61])
def test_it_refuses_a_grace_that_is_none(days: int) -> None:
    with override_settings(BILLING_GRACE_DAYS=days):
        assert ids(list(checks.check_billing(None))) == ["moondev.E011"]
