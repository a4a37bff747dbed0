"""Reports of keys that were found in public: verified, acted on, answered."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import AuditEntry, User
from gateway.keys import records, secrets, services
from gateway.keys.leaks import keyring
from gateway.keys.leaks.views import MOST_BYTES, REPORTS_PER_MINUTE
from gateway.keys.leaks.views import _keyring as keyrings
from gateway.models import ApiKey
from moondev.lib import redis
from tests.fakes.key_list import HOST, Scanner
from tests.gateway.keys.conftest import MakeKey

pytestmark = pytest.mark.slow(1)

URL = "https://github.com/somebody/something/blob/main/.env"


@pytest.fixture
def scanner(settings: Settings) -> Iterator[Scanner]:
    """A secret scanner whose key list the settings name; no address has reported in this minute."""
    redis.client().flushdb()
    keyrings.cache_clear()
    with Scanner() as found:
        settings.LEAK_REPORT_KEYS_URL, settings.OUTBOUND_ROUTES = found.url, {HOST: found.place}
        yield found
    keyrings.cache_clear()


def report(scanner: Scanner, *tokens: str, identifier: str = "key-1") -> Any:
    body = json.dumps([{"token": token, "type": "moondev_api_key", "url": URL} for token in tokens]).encode()
    return send(body, scanner.sign(body, identifier))


def send(body: bytes, headers: dict[str, str]) -> Any:
    return Client().post("/keys/leaked", body, content_type="application/json", headers=headers)


def labels(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [item["label"] for item in response.json()]


def test_it_stops_a_leaked_key_and_answers_in_the_partners_form(scanner: Scanner, make_key: MakeKey) -> None:
    key, secret = make_key()
    response = report(scanner, secret)
    assert response.json() == [{"token_raw": secret, "token_type": "moondev_api_key", "label": "true_positive"}]
    key.refresh_from_db()
    assert key.revoked_at is not None
    record = records.find(secret)
    assert record is not None
    assert record.revoked


def test_it_tells_the_owner_and_the_maker_and_the_audit_log(
    scanner: Scanner,
    make_key: MakeKey,
    max: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    key, secret = make_key(actor=max, name="price bot")
    caplog.set_level(logging.DEBUG)
    with django_capture_on_commit_callbacks(execute=True):
        report(scanner, secret)
    assert {letter.to[0] for letter in mail.outbox} == {"olivia@example.com", "max@example.com"}
    assert all(f"price bot, found at {URL}\n" in str(letter.body) for letter in mail.outbox)
    entry = AuditEntry.objects.get(action="key.leaked")
    assert (entry.actor_label, entry.data["found_at"], entry.data["key"]) == ("leak report", URL, key.pk)
    written = caplog.text + str(entry.data) + "".join(str(letter.message()) for letter in mail.outbox)
    assert secret not in written


def test_it_keeps_no_token_that_stands_in_the_address_of_its_find(
    scanner: Scanner,
    make_key: MakeKey,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    _, secret = make_key()
    body = json.dumps([{"token": secret, "type": "x", "url": f"https://example.com/?key={secret}&page=2"}]).encode()
    with django_capture_on_commit_callbacks(execute=True):
        assert labels(send(body, scanner.sign(body))) == ["true_positive"]
    kept = AuditEntry.objects.get(action="key.leaked").data["found_at"]
    assert kept == "https://example.com/?key=md_live_[removed]&page=2"
    assert kept in str(mail.outbox[0].body)


def test_it_tells_of_one_leak_once(
    scanner: Scanner, make_key: MakeKey, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    _, secret = make_key()
    with django_capture_on_commit_callbacks(execute=True):
        assert labels(report(scanner, secret, secret)) == ["true_positive"] * 2
        assert labels(report(scanner, secret)) == ["true_positive"]
    assert len(mail.outbox) == 1
    assert AuditEntry.objects.filter(action="key.leaked").count() == 1


def test_it_stops_every_key_of_a_report_live_and_test(scanner: Scanner, make_key: MakeKey) -> None:
    made = [make_key()[1], make_key(mode="test")[1]]
    unknown = secrets.new_secret("live")
    strange = ["hello", "md_live_wrong", "schl\u00fcssel", "x" * 500]
    assert labels(report(scanner, *made, unknown, *strange)) == ["true_positive"] * 2 + ["false_positive"] * 5
    assert not ApiKey.objects.filter(revoked_at=None).exists()


def test_it_stops_only_the_old_secret_of_a_rotated_key(scanner: Scanner, make_key: MakeKey, olivia: User) -> None:
    key, old = make_key()
    services.rotate_key(key=key, actor=olivia, grace=timedelta(days=7))
    assert labels(report(scanner, old)) == ["true_positive"]
    key.refresh_from_db()
    assert key.revoked_at is None
    assert not key.secrets.filter(expires_at__gt=timezone.now()).exists()
    assert AuditEntry.objects.get(action="key.leaked").data["stopped"] == "old secret"


def test_it_does_not_say_that_a_key_works_on_whose_both_secrets_leaked(
    scanner: Scanner,
    make_key: MakeKey,
    olivia: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    key, old = make_key()
    _, new = services.rotate_key(key=key, actor=olivia, grace=timedelta(days=7))
    with django_capture_on_commit_callbacks(execute=True):
        assert labels(report(scanner, old, new)) == ["true_positive"] * 2
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert "works on" not in mail.outbox[0].body


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'"text"', b"[1]", b'[{"token": 1}]', b'[{"type": "x"}]', b"[" * 30000, b"\xff"]
)
def test_it_refuses_what_is_no_report(scanner: Scanner, body: bytes, db: None) -> None:
    response = send(body, scanner.sign(body))
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_it_refuses_a_body_that_was_changed(scanner: Scanner, make_key: MakeKey) -> None:
    key, secret = make_key()
    body = json.dumps([{"token": secret, "type": "x", "url": URL}]).encode()
    assert send(body + b" ", scanner.sign(body)).status_code == 403
    key.refresh_from_db()
    assert key.revoked_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Github-Public-Key-Identifier": "key-1"},
        {"Github-Public-Key-Identifier": "key-1", "Github-Public-Key-Signature": "not base64!"},
        {"Github-Public-Key-Identifier": "key-1", "Github-Public-Key-Signature": "AAAA"},
    ],
)
def test_it_refuses_a_bad_signature(scanner: Scanner, headers: dict[str, str], db: None) -> None:
    assert send(b"[]", headers).status_code == 403


def test_it_looks_for_new_keys_once_when_it_does_not_know_one(scanner: Scanner, db: None) -> None:
    assert labels(report(scanner)) == []
    headers = {**scanner.sign(b"[]"), "Github-Public-Key-Identifier": "forged"}
    assert [send(b"[]", headers).status_code for _ in range(5)] == [403] * 5
    # The list had just been read, so nothing newer can be there.
    assert scanner.asked == 1


def test_it_finds_a_key_that_came_later(scanner: Scanner, db: None) -> None:
    assert labels(report(scanner)) == []
    scanner.add("key-2")
    # A minute later.
    keyrings(scanner.url)._asked_at -= keyring.REFRESH_SECONDS + 1
    assert labels(report(scanner, identifier="key-2")) == []
    assert scanner.asked == 2


def test_it_passes_over_keys_of_another_kind(scanner: Scanner, settings: Settings, tmp_path: Path, db: None) -> None:
    document = json.loads(scanner.document())
    other = ed25519.Ed25519PrivateKey.generate().public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    document["public_keys"] += [{"key_identifier": name, "key": key} for name, key in (("new", pem), ("odd", "-"))]
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(document))
    settings.LEAK_REPORT_KEYS_URL = str(path)
    assert labels(report(scanner)) == []
    assert send(b"[]", {**scanner.sign(b"[]"), "Github-Public-Key-Identifier": "new"}).status_code == 403


def test_it_keeps_its_keys_while_the_list_is_away(scanner: Scanner, db: None) -> None:
    assert labels(report(scanner)) == []
    scanner.status = 500
    ring = keyrings(scanner.url)
    ring._read_at -= keyring.KEEP_SECONDS + 1
    ring._asked_at -= keyring.KEEP_SECONDS + 1
    assert labels(report(scanner)) == []
    assert scanner.asked == 2


def test_it_is_away_without_a_list(scanner: Scanner, db: None) -> None:
    scanner.status = 500
    assert report(scanner).status_code == 503


def test_it_reads_the_list_from_a_file(scanner: Scanner, settings: Settings, tmp_path: Path, db: None) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(scanner.document())
    for name in (str(path), f"file://{path}"):
        settings.LEAK_REPORT_KEYS_URL = name
        assert labels(report(scanner)) == []
    assert scanner.asked == 0


def test_it_refuses_huge_reports(scanner: Scanner, db: None) -> None:
    body = b"[]" + b" " * MOST_BYTES
    assert send(body, scanner.sign(body)).status_code == 413
    assert report(scanner, *["x"] * 101).status_code == 413


@pytest.mark.slow
def test_it_limits_reports_of_an_address(scanner: Scanner, db: None) -> None:
    # Twice as many and one, because the minute may turn over once in between.
    headers = scanner.sign(b"something else")
    statuses = {send(b"[]", headers).status_code for _ in range(2 * REPORTS_PER_MINUTE + 1)}
    assert statuses == {403, 429}


def test_it_takes_no_reports_where_no_list_is_set(settings: Settings, db: None) -> None:
    redis.client().flushdb()
    settings.LEAK_REPORT_KEYS_URL = ""
    headers = {"Github-Public-Key-Identifier": "key-1", "Github-Public-Key-Signature": "AAAA"}
    assert send(b"[]", headers).status_code == 404


def test_it_answers_no_other_method(scanner: Scanner, db: None) -> None:
    assert Client().get("/keys/leaked").status_code == 405
