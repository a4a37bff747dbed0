"""Alerting at the staff's desk: how far it is, what fails, and what staff send again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts.models import AuditEntry
from alerts.models import Delivery, Destination
from moondev.lib.queue import State
from tests.portal.alerts.rows import FAILURE
from tests.staff.conftest import page

Rows = dict[type[Any], Any]


def switch_off(place: Destination, because: str = "It answered 410: gone for good.") -> None:
    Destination.objects.filter(pk=place.pk).update(disabled_at="2026-03-02T12:00Z", disabled_because=because)


def test_it_shows_queue_failing_places_and_counts_by_customer(desk: Client, rows: Rows) -> None:
    switch_off(rows[Destination])
    shown = desk.get("/admin/alerts/delivery/overview/").content.decode()
    for words in ("Messages owed", "Oldest waits", "Given up", "gone for good", "Olivia &amp; Co", "Last round"):
        assert words in shown


def test_it_is_nobodys_without_the_permission(clerk: Callable[..., Client], db: None) -> None:
    assert clerk("accounts.view_workspace").get("/admin/alerts/delivery/overview/").status_code == 403


def test_it_knows_no_row_by_what_is_no_id(desk: Client) -> None:
    for path in ("destination/abc/change/", "delivery/%00/change/", "delivery/abc/send-again/"):
        assert desk.get(f"/admin/alerts/{path}").status_code == 404


def test_it_shows_a_message_with_every_try_and_no_secret(desk: Client, rows: Rows) -> None:
    shown = desk.get(page(Delivery, "change", rows[Delivery].pk)).content.decode()
    assert FAILURE in shown
    assert rows[Destination].name in shown
    assert rows[Destination].name in desk.get(page(Delivery, "changelist")).content.decode()
    place = desk.get(page(Destination, "change", rows[Destination].pk)).content.decode()
    assert rows[Destination].sealed not in shown + place


def test_it_finds_what_was_given_up(desk: Client, rows: Rows) -> None:
    assert FAILURE in desk.get(page(Delivery, "changelist") + "?look=parked").content.decode()
    assert FAILURE not in desk.get(page(Delivery, "changelist") + "?look=done").content.decode()


def test_it_sends_a_message_again_and_notes_who_did_so(desk: Client, rows: Rows) -> None:
    address = page(Delivery, "send_again", rows[Delivery].pk)
    switch_off(rows[Destination])
    assert desk.post(address).status_code == 403
    Destination.objects.update(disabled_at=None)
    assert desk.post(address).status_code == 302
    assert Delivery.objects.get().state == State.WAITING
    assert AuditEntry.objects.filter(action="staff.message_resent", actor_label="rita@example.com").exists()
    assert desk.post(address).status_code == 403


def test_it_switches_a_place_on_and_sends_what_it_missed(desk: Client, rows: Rows) -> None:
    place = rows[Destination]
    switch_off(place)
    assert desk.post(page(Destination, "send_missed", place.pk), {"reason": "x"}).status_code == 403
    assert desk.post(page(Destination, "switch_on", place.pk), {"reason": "they asked"}).status_code == 302
    assert Destination.objects.get().disabled_at is None
    assert desk.post(page(Destination, "send_missed", place.pk), {"reason": "they asked"}).status_code == 302
    assert Delivery.objects.get().state == State.WAITING
    assert AuditEntry.objects.filter(action="staff.destination_changed").count() == 2
