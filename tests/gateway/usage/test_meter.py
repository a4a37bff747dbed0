"""What a process counts in memory, and that it cannot grow without end."""

from __future__ import annotations

import threading
from http import HTTPStatus

import pytest
from django.test import Client
from freezegun import freeze_time

from gateway.usage import meter as metering
from gateway.usage.meter import NOWHERE, OVERFLOW, Meter, endpoint_of, template_of

HOUR = 1_772_366_400


@freeze_time("2026-03-01 12:34:56")
def test_it_counts_by_workspace_key_endpoint_class_and_hour() -> None:
    meter = Meter()
    for key_id, status in [(1, 200), (1, 304), (1, 404), (2, 503), (1, 204)]:
        meter.count(7, key_id, "/usage", status)
    assert meter.take() == {
        (7, 1, "/usage", 2, HOUR): 2,
        (7, 1, "/usage", 3, HOUR): 1,
        (7, 1, "/usage", 4, HOUR): 1,
        (7, 2, "/usage", 5, HOUR): 1,
    }
    assert meter.take() == {}


def test_it_counts_from_many_threads() -> None:
    meter = Meter()

    def count() -> None:
        for _ in range(2_000):
            meter.count(1, 1, "/usage", 200)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(meter.take().values()) == 16_000


def test_it_stays_bounded_and_loses_no_request() -> None:
    meter = Meter()
    for number in range(metering.MAX_COUNTERS + 500):
        meter.count(number % 3, number, "/usage", 200)
    counts = meter.take()
    assert len(counts) <= metering.MAX_COUNTERS + 3
    assert sum(counts.values()) == metering.MAX_COUNTERS + 500
    assert sum(requests for counter, requests in counts.items() if counter[2] == OVERFLOW) == 500


@pytest.mark.parametrize(
    ("route", "endpoint"),
    [("files/<str:name>", "/files/{name}"), ("usage/summary", "/usage/summary"), ("", "/"), ("a/<b>", "/a/{b}")],
)
def test_it_names_an_endpoint_as_the_documentation_does(route: str, endpoint: str) -> None:
    assert template_of(route) == endpoint


def test_it_never_keeps_what_a_client_typed() -> None:
    assert endpoint_of(None) == NOWHERE


@pytest.mark.django_db
def test_it_counts_no_request_that_nobody_pays_for(client: Client) -> None:
    before = metering.meter.take()
    assert client.get("/plans").status_code == HTTPStatus.OK
    assert metering.meter.take() == {}, before
