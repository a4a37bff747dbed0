"""Letters that anybody can have sent to anybody: how many a mailbox gets, however many addresses ask for them."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from django.core import mail
from django.test import Client

from tests.accounts.conftest import PASSWORD, person
from tests.accounts.test_door import OWNER, link_in_letter

pytestmark = pytest.mark.django_db


def ask_for_a_reset(address: str, email: str = "victim@example.com") -> str:
    answer = Client().post("/accounts/password/reset/", {"email": email}, REMOTE_ADDR=address, follow=True)
    return str(answer.content.decode())


def test_it_fills_nobodys_mailbox_from_many_addresses() -> None:
    person("victim@example.com")
    pages = {ask_for_a_reset(f"203.0.113.{n}") for n in range(8)}
    assert len(mail.outbox) == 3
    assert len(pages) == 1
    assert "at most three letters in ten minutes" in pages.pop()


def test_it_writes_again_after_a_while_and_to_others_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        ask_for_a_reset(f"203.0.113.{n}", f"victim+{n}@example.com")
    assert len(mail.outbox) == 3
    ask_for_a_reset(OWNER, "zoe@example.com")
    assert len(mail.outbox) == 4
    later = time.time() + 601
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: later))
    ask_for_a_reset(OWNER)
    assert len(mail.outbox) == 5


def test_it_keeps_no_letter_away_with_those_of_another_kind(client: Client) -> None:
    person("victim@example.com")
    for n in range(5):
        fields = {"email": "victim@example.com", "password1": PASSWORD, "password2": PASSWORD}
        Client().post("/accounts/signup/", fields, REMOTE_ADDR=f"203.0.113.{n}")
    ask_for_a_reset(OWNER)
    assert [letter.subject for letter in mail.outbox[:3]] == ["You already have a Moon Dev account"] * 3
    assert link_in_letter("/accounts/password/reset/key/")
