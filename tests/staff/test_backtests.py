"""Backtesting at the staff's desk: the queue, what isolates runs, what models cost, and cancelling."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEntry, User, Workspace
from backtests.models import Run, Spend, Status
from tests.backtests.making import finished
from tests.staff.conftest import page

Rows = dict[type[Any], Any]
OVERVIEW = "/admin/backtests/run/overview/"


def test_it_shows_queue_levels_and_spend_by_customer(
    desk: Client, rows: Rows, workspace: Workspace, settings: Settings
) -> None:
    settings.SANDBOX_LEVEL = "setuid"
    Run.objects.filter(pk=rows[Run].pk).update(created_at=timezone.now() - timedelta(hours=1))
    values = {"stage": "draft", "model": "m", "tokens_in": 1200, "tokens_out": 300, "micro_usd": 2_500_000}
    Spend.objects.create(workspace=workspace, **values)
    finished(workspace)
    shown = desk.get(OVERVIEW).content.decode()
    for words in ("Runs waiting", "setuid", "namespaces 1", "Olivia &amp; Co", "2.50", "1,209"):
        assert words in shown
    assert re.search(r"3,6\d\d s", shown)


def test_it_is_nobodys_without_the_permission(clerk: Callable[..., Client], db: None) -> None:
    assert clerk("accounts.view_workspace").get(OVERVIEW).status_code == 403


def test_it_shows_a_run_with_its_ideas_and_steps(desk: Client, rows: Rows) -> None:
    shown = desk.get(page(Run, "change", rows[Run].pk)).content.decode()
    assert "crosses over SMA(30)" in shown
    assert "Not understood." in shown


def test_it_cancels_a_run_and_notes_who_did_so_and_why(desk: Client, rows: Rows) -> None:
    address = page(Run, "cancel", rows[Run].pk)
    assert desk.post(address, {}).status_code == 200
    assert desk.post(address, {"reason": "it hangs"}).status_code == 302
    assert Run.objects.get().status == Status.CANCELLED
    entry = AuditEntry.objects.get(action="staff.run_cancelled")
    assert (entry.actor_label, entry.data["reason"]) == ("rita@example.com", "it hangs")
    assert desk.post(address, {"reason": "again"}).status_code == 403


def test_who_may_only_look_cancels_nothing(clerk: Callable[..., Client], rows: Rows, olivia: User) -> None:
    browser = clerk("backtests.view_run")
    assert browser.get(page(Run, "change", rows[Run].pk)).status_code == 200
    assert browser.post(page(Run, "cancel", rows[Run].pk), {"reason": "x"}).status_code == 403
