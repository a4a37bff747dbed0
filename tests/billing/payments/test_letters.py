"""Letters to who pays late: three, to the owner, each once, and only while the plan is still there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.models import Workspace
from billing.models import Subscription
from billing.payments.letters import send_letters

pytestmark = pytest.mark.django_db
Late = Callable[..., Subscription]


@pytest.fixture(autouse=True)
def _letters_in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def late(subscription_row: Any) -> Late:
    """A subscription that is late since some days."""

    def make(days: float, **values: Any) -> Subscription:
        since = timezone.now() - timedelta(days=days)
        row = {"status": "past_due", "past_due_since": since, "grace_ends_at": since + timedelta(days=7)}
        made: Subscription = subscription_row("pro", **{**row, **values})
        return made

    return make


def subjects() -> list[str]:
    return [str(letter.subject) for letter in mail.outbox]


def test_it_writes_on_days_0_3_and_6(late: Late) -> None:
    row = late(0)
    for days in (0, 1, 2.9, 3.1, 5, 6.1, 6.9):
        since = timezone.now() - timedelta(days=days)
        Subscription.objects.update(past_due_since=since, grace_ends_at=since + timedelta(days=7))
        send_letters()
    row.refresh_from_db()
    assert row.letters == [0, 3, 6]
    assert subjects() == [
        "The payment for Olivia & Co did not go through",
        "The payment for Olivia & Co is still open",
        "Olivia & Co is about to lose its Pro plan",
    ]


def test_it_goes_to_the_owner_and_says_until_when_and_where(late: Late) -> None:
    row = late(0)
    assert send_letters() == 1
    letter = mail.outbox[0]
    assert letter.to == ["olivia@example.com"]
    assert row.grace_ends_at is not None
    assert f"until {row.grace_ends_at:%B} " in letter.body or f"{row.grace_ends_at:%B %Y}" in letter.body
    assert "/portal/plans/" in letter.body
    assert "nothing is deleted" in letter.body


def test_after_a_pause_of_the_worker_only_the_last_one_is_sent(late: Late) -> None:
    late(6.5)
    assert (send_letters(), send_letters()) == (1, 0)
    assert subjects() == ["Olivia & Co is about to lose its Pro plan"]


@pytest.mark.parametrize(
    "values",
    [
        {"workspace": None},
        {"suspended_at": timezone.now()},
        {"status": "active", "past_due_since": None, "grace_ends_at": None},
    ],
)
def test_who_is_not_late_gets_no_letter(values: dict[str, Any], late: Late) -> None:
    late(0, **values)
    assert send_letters() == 0


def test_past_the_grace_and_for_a_closed_workspace_there_is_none(late: Late, workspace: Workspace) -> None:
    row = late(8)
    assert send_letters() == 0
    Subscription.objects.filter(pk=row.pk).update(grace_ends_at=timezone.now() + timedelta(days=1))
    now = timezone.now()
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=now, erase_after=now + timedelta(days=30))
    assert send_letters() == 0


def test_one_that_the_mail_server_refuses_is_due_again(late: Late, settings: Any) -> None:
    row = late(0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert send_letters() == 0
    row.refresh_from_db()
    assert row.letters == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_letters() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one(late: Late) -> None:
    late(0)
    sent: list[int] = []

    def run() -> None:
        sent.append(send_letters())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(sent), len(mail.outbox)) == (1, 1)
