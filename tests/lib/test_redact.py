"""Nothing that opens a door may reach a log line."""

from __future__ import annotations

import pytest

from moondev.lib.redact import REMOVED, redact, redact_text

SECRETS = {
    "md_live_4fJ9sKq2LmN8": "GET /files/md_live_4fJ9sKq2LmN8",
    "md_test_00ZZ": "key md_test_00ZZ was refused",
    "a1" * 32: "legacy md_" + "a1" * 32,
    "sk_live_51Hxyz": "stripe said no to sk_live_51Hxyz",
    "rk_test_51Hxyz": "stripe said no to rk_test_51Hxyz",
    "sk_org_live_51Hxyz": "stripe said no to sk_org_live_51Hxyz",
    "ek_test_YWNjdA": "an ephemeral key ek_test_YWNjdA",
    "whsec_abc123": "signing secret whsec_abc123",
    "Mv/q+Zw==": "signing secrets whsec_Mv/q+Zw==,whsec_abc",
    "kSx7Hd2": "confirmed with pi_3QRecorded_secret_kSx7Hd2",
    "nPq8": "set up with seti_1Abcd_secret_nPq8",
    "fidkdWxOYHwn": '{"client_secret": "cs_test_a1B2c3_secret_fidkdWxOYHwn"}',
    "test_YWNjdF8x": "to https://billing.stripe.com/p/session/test_YWNjdF8x?locale=en",
    "eyJhbGciOi.J9.abc": "Authorization: Bearer eyJhbGciOi.J9.abc",
    "b2xpdmlhOnB3": "{'HTTP_AUTHORIZATION': 'Basic b2xpdmlhOnB3'}",
    "plain-old-key": '{"X-API-Key": "plain-old-key"}',
    "hunter2hunter2": "email=olivia%40example.com&password1=hunter2hunter2&next=/",
    "s3ss10n": "Cookie: sessionid=s3ss10n; csrftoken=abc",
    "pg-password": "postgres://moondev:pg-password@db:5432/moondev",
    "redis-password": "redis://:redis-password@cache:6379/0",
}


@pytest.mark.parametrize("secret", SECRETS)
def test_it_removes_secrets_from_texts(secret: str) -> None:
    text = redact_text(SECRETS[secret])
    assert secret not in text
    assert REMOVED in text


def test_it_leaves_ordinary_lines_alone() -> None:
    for text in (
        "request",
        "files/<str:name>",
        "the token was refused",
        "https://example.com/a?b=c",
        "a key was made",
        "evt_1Abc about sub_1Abc at price_1Abc of cus_Abc",
        "cs_test_a1B2c3 was paid by pi_3Abc",
    ):
        assert redact_text(text) == text


def test_it_looks_into_nested_values_and_foreign_objects() -> None:
    found = redact(
        {
            "headers": {"X-Api-Key": 7, "Accept": "*/*"},
            "list": ["md_live_abc"],
            "error": ValueError("md_test_abc"),
            "n": 1,
        }
    )
    assert found == {
        "headers": {"X-Api-Key": REMOVED, "Accept": "*/*"},
        "list": [f"md_live_{REMOVED}"],
        "error": f"md_test_{REMOVED}",
        "n": 1,
    }


def test_it_takes_out_what_lets_one_post_to_a_customers_channel() -> None:
    for text, kept in (
        ("POST https://discord.com/api/webhooks/123/to-ken_1?wait=true", "/webhooks/123/"),
        ("https://hooks.slack.com/services/T1/B1/secret1", "hooks.slack.com/services/"),
        ("https://api.telegram.org/bot123:secret-1/sendMessage", "/bot123:"),
    ):
        found = redact_text(text)
        assert kept + REMOVED in found
        assert not any(secret in found for secret in ("to-ken_1", "secret1", "secret-1"))
