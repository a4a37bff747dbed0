"""Rows by COPY: the same as by the ORM, with every default of the model."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.forms.models import model_to_dict

from accounts.models import Workspace
from alerts.models import Alert, Delivery, Event
from moondev.lib import bulk


class EventRow(NamedTuple):
    id: int
    alert_id: str
    kind: Event.Kind
    excursion: int
    threshold: float
    window_minutes: int
    source: str


class DeliveryRow(NamedTuple):
    id: UUID
    event_id: int
    fallback: str


@pytest.fixture
def alert(workspace: Workspace) -> Alert:
    return Alert.objects.create(workspace=workspace, kind="liquidation_spike", threshold=1.0)


def rows_of(alert: Alert, count: int) -> list[EventRow]:
    ids = bulk.new_ids(Event, count)
    return [
        EventRow(pk, alert.pk, Event.Kind.FIRED, number, 0.1 + 0.2, 15, "a\tb\\N\n")
        for number, pk in enumerate(ids, start=1)
    ]


def plain(row: Event | Delivery) -> dict[str, object]:
    return {name: value for name, value in model_to_dict(row).items() if name not in ("id", "at", "excursion", "event")}


def test_it_stores_what_the_orm_stores(alert: Alert) -> None:
    (given,) = rows_of(alert, 1)
    bulk.insert(Event, [given])
    (copied,) = Event.objects.all()
    values = given._asdict() | {"id": None, "excursion": 2}
    made = Event.objects.create(**values)
    made.refresh_from_db()
    assert plain(copied) == plain(made)
    assert made.pk > copied.pk
    bulk.insert(Delivery, [DeliveryRow(uuid4(), copied.pk, "owner")])
    ordinary = Delivery.objects.create(event=made, fallback="owner")
    assert plain(copied.deliveries.get()) == plain(ordinary)


def test_it_gives_each_row_a_number_of_its_own(alert: Alert) -> None:
    rows = rows_of(alert, 300) + rows_of(alert, 0)
    bulk.insert(Event, rows)
    assert sorted(Event.objects.values_list("pk", "excursion")) == sorted((row.id, row.excursion) for row in rows)


def test_it_keeps_the_constraints(alert: Alert) -> None:
    (row,) = rows_of(alert, 1)
    with pytest.raises(IntegrityError):
        bulk.insert(Event, [row, row._replace(id=row.id + 1)])


def test_nothing_is_no_work(db: None) -> None:
    bulk.insert(Event, [])
    assert not Event.objects.exists()
