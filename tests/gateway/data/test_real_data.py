"""The supplier's own files and those of other tools, in and out again."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from marketdata.models import Funding, Liquidation, OpenInterest, OpenInterestTotal
from marketdata.sources.files.importing import import_file
from tests.gateway.data.conftest import Ask, content


@pytest.fixture(autouse=True)
def _served_files(db: None, settings: Settings, tmp_path: Path) -> None:
    settings.MARKET_DATA_SOURCE = "files"
    settings.DATA_DIR = tmp_path


def test_it_serves_the_suppliers_own_file_byte_for_byte(ask: Ask, real_data: Path) -> None:
    path = real_data / "liq_data_sample.csv"
    first, again = import_file(path=path), import_file(path=path)
    assert (first.intakes["liquidations"].added, first.rejected.count) == (10_001, 0)
    assert (again.intakes["liquidations"].added, Liquidation.objects.count()) == (0, 10_001)
    # Ascending by time; rows of one millisecond in the order of the file. The file is sorted so already.
    lines = path.read_bytes().splitlines(keepends=True)
    ordered = sorted(lines, key=lambda line: int(line.split(b",")[10]))
    assert content(ask("liq_data.csv?header=0&limit=1000000")) == b"".join(ordered)


def test_it_serves_the_last_rows_of_the_suppliers_file(ask: Ask, real_data: Path) -> None:
    path = real_data / "liq_data_sample.csv"
    import_file(path=path)
    last = path.read_bytes().splitlines(keepends=True)[-100:]
    assert content(ask("liq_data.csv?header=0&limit=100")) == b"".join(last)


def test_it_cuts_the_suppliers_oldest_line_by_plan(ask: Ask, real_data: Path) -> None:
    import_file(path=real_data / "liq_data_sample.csv")
    response = ask("liq_data.csv?limit=1000000", plan="team")
    assert content(response).count(b"\n") == 10_001
    assert response.has_header("X-History-From")


@pytest.mark.parametrize("coin", ["btc", "eth"])
def test_it_reads_the_real_funding_rates(coin: str, real_data: Path) -> None:
    path = real_data / f"funding_{coin}_8h.csv"
    done = import_file(path=path)
    assert done.rejected.first == []
    assert Funding.objects.filter(symbol=coin.upper()).count() == done.intakes["funding"].read > 4_000


def test_it_reads_the_real_open_interest_of_btc(real_data: Path) -> None:
    done = import_file(path=real_data / "oi_btc_daily.csv")
    assert (done.rejected.first, OpenInterestTotal.objects.count()) == ([], 2_063)


def test_it_reads_the_real_snapshots_of_perpetuals(real_data: Path) -> None:
    for path in sorted(real_data.glob("perp_snapshot_*.csv")):
        assert import_file(path=path).rejected.first == []
    assert (Funding.objects.count(), OpenInterest.objects.count()) == (5 * 221, 5 * 221)
