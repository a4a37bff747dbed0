"""A tick of the live market when a source misbehaves, and two deliveries at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from freezegun import freeze_time
from pytest_django import Settings

from marketdata import live, sources
from marketdata.catalogue import FEEDS
from marketdata.cells import micros
from marketdata.ingest import take_in
from marketdata.models import Funding as FundingRow
from marketdata.records import Funding, Record
from marketdata.state import read_state
from moondev.lib.clock import now

START = datetime(2026, 3, 1, tzinfo=UTC)


class OneFeedOnly:
    """A source that fails for everything but funding."""

    def read(self, feed: str, *, after: datetime | None, until: datetime) -> Iterable[Record]:
        if feed != "funding":
            raise ConnectionError(f"{feed} is away")
        moment = until - timedelta(hours=7)
        return [] if after is not None else [Funding(micros(moment), f"{moment}", "BTC", "0.0001", "10.95")]


@pytest.mark.django_db
def test_it_reads_the_other_feeds_when_one_fails_and_reports_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "SOURCES", {"venue": OneFeedOnly})
    settings.MARKET_DATA_SOURCE = "venue"
    with pytest.raises(ConnectionError):
        live.read_source()
    assert read_state("venue", "funding").rows == 1
    assert read_state("venue", "liquidations").read_at is None


class CutOff:
    """A funding source of two rows, eight and twelve hours old; the first read of the older one is cut off."""

    def __init__(self) -> None:
        self.cuts = 1

    def read(self, feed: str, *, after: datetime | None, until: datetime) -> Iterable[Record]:
        if feed != "funding":
            return
        if after is None and self.cuts:
            self.cuts -= 1
            raise ConnectionError("cut off")
        for moment in (START - timedelta(hours=12), START - timedelta(hours=8)):
            if (after is None or moment > after) and moment <= until:
                yield Funding(micros(moment), f"{moment}", "BTC", "0.0001", "10.95")


@pytest.mark.django_db
def test_it_reads_what_lies_before_the_first_read_however_late(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = CutOff()
    monkeypatch.setattr(sources, "SOURCES", {"venue": lambda: source})
    monkeypatch.setattr(live, "_sources", {})
    settings.MARKET_DATA_SOURCE = "venue"
    with freeze_time(START), pytest.raises(ConnectionError):
        live.read_source()
    assert read_state("venue", "funding").rows == 1
    with freeze_time(START + timedelta(hours=20)):
        assert (live.read_source(), live.read_source()) == (1, 0)
    assert read_state("venue", "funding").oldest == START - timedelta(hours=12)


@pytest.mark.django_db
def test_it_reads_nothing_by_the_clock_from_files(settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "files"
    assert live.read_source() == 0


def test_two_deliveries_of_the_same_rows_at_once_are_one(transactional_db: None) -> None:
    moments = [START + timedelta(hours=8 * number) for number in range(300)]
    rows = [Funding(micros(moment), f"{moment}", "BTC", "0.0001", "10.95") for moment in moments]
    added: list[int] = []

    def deliver() -> None:
        added.append(take_in(feed=FEEDS["funding"], source="files", rows=rows, read_at=now()).added)
        connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [0, 0, 0, 300]
    assert (FundingRow.objects.count(), read_state("files", "funding").version) == (300, 1)
