"""Files that an operator imports: every form in which they come, what is refused, and that nothing is doubled."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from marketdata.models import FeedState, Funding, Liquidation, OpenInterest, OpenInterestTotal, WhaleAddress
from marketdata.sources.files.guess import UnknownFile
from marketdata.sources.files.importing import Import, import_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("served_files")]

Write = Callable[[str, str | bytes], Path]
OLDEST = "AMB,SELL,LIMIT,IOC,19136,0.0108285,0.0110380,FILLED,2718,19136,1717505218553,207.21417599999998\n"
YB = "YB,SELL,LIMIT,IOC,48219,0.4405000,0.4454705,FILLED,3012,48219,1765416983918,21240.4695\n"
CHINESE = "币安人生,BUY,LIMIT,IOC,50,0.1173600,0.1157100,FILLED,50,50,1765417311453,5.868\n"
HEADER = (
    "symbol,side,order_type,time_in_force,original_quantity,price,average_price,order_status,"
    "order_last_filled_quantity,order_filled_accumulated_quantity,order_trade_time,usd_size\n"
)


def added(done: Import) -> dict[str, int]:
    return {feed: intake.added for feed, intake in done.intakes.items()}


def test_it_keeps_the_exact_text_of_every_number(write: Write) -> None:
    import_file(path=write("liq_data.csv", OLDEST + YB))
    row = Liquidation.objects.get(symbol="YB")
    assert (str(row.price), str(row.usd_size)) == ("0.4405000", "21240.4695")
    assert str(Liquidation.objects.get(symbol="AMB").usd_size) == "207.21417599999998"


@pytest.mark.parametrize(
    "content",
    [
        (OLDEST + YB + CHINESE).encode(),
        (HEADER + OLDEST + YB + CHINESE).encode(),
        ("\ufeff" + HEADER + OLDEST + YB + CHINESE).encode(),
        ("\ufeff" + OLDEST + YB + CHINESE).encode(),
        (OLDEST + YB + CHINESE).replace("\n", "\r\n").encode(),
        (OLDEST + "\n\n" + YB + CHINESE.rstrip("\n")).encode(),
    ],
    ids=["bare", "header", "bom and header", "bom", "crlf", "blank lines, no last line feed"],
)
def test_it_reads_a_file_in_every_form_that_it_comes_in(write: Write, content: bytes) -> None:
    done = import_file(path=write("liq_data_2025-12-11.csv", content))
    assert (added(done), done.rejected.count) == ({"liquidations": 3}, 0)


def test_it_takes_the_first_line_for_a_row_even_when_it_is_years_older(write: Write) -> None:
    import_file(path=write("liq_data.csv", OLDEST + YB))
    state = FeedState.objects.get(source="files", feed="liquidations")
    assert state.oldest is not None
    assert (state.rows, state.oldest.year) == (2, 2024)


def test_it_changes_nothing_when_a_file_comes_twice(write: Write) -> None:
    path = write("liq_data.csv", OLDEST + YB + CHINESE)
    first = import_file(path=path)
    again = import_file(path=path)
    assert (again.intakes["liquidations"].added, again.intakes["liquidations"].known) == (0, 3)
    assert again.intakes["liquidations"].version == first.intakes["liquidations"].version
    assert Liquidation.objects.count() == 3


def test_it_keeps_equal_rows_of_one_file_and_knows_them_in_the_next(write: Write) -> None:
    import_file(path=write("liq_data.csv", YB + YB))
    done = import_file(path=write("liq_data_later.csv", YB + YB + CHINESE))
    assert added(done) == {"liquidations": 1}
    assert Liquidation.objects.filter(symbol="YB").count() == 2


def test_it_sets_bad_lines_aside_with_number_and_reason(write: Write, settings: Settings) -> None:
    bad_number = YB.replace("48219", "many")
    too_short = "BTC,SELL\n"
    formula = YB.replace("YB,", "=HYPERLINK(1),", 1)
    path = write("liq_data.csv", OLDEST + bad_number + too_short + formula + YB)
    done = import_file(path=path)
    assert added(done) == {"liquidations": 2}
    assert [line for line, _ in done.rejected.first] == [2, 3, 4]
    assert "original_quantity is not a number: 'many'" in done.rejected.first[0][1]
    assert done.rejected.path.is_relative_to(settings.DATA_DIR)
    assert done.rejected.path.read_text() == bad_number + too_short + formula


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe" + YB.encode(),
        YB.replace("21240.4695", "NaN").encode(),
        YB.replace("21240.4695", "1e999999").encode(),
        YB.replace("1765416983918", "1765416983").encode(),
        YB.replace("1765416983918", "17654169839180").encode(),
        b'"' + YB.encode(),
        b"A" * 200_000 + b"\n",
        YB.replace("YB", "Y\x00B", 1).encode(),
    ],
    ids=[
        "not utf-8",
        "nan",
        "huge exponent",
        "seconds for milliseconds",
        "the year 2529",
        "open quote",
        "endless line",
        "nul",
    ],
)
def test_it_refuses_a_broken_line_and_reads_on(write: Write, line: bytes) -> None:
    done = import_file(path=write("liq_data.csv", OLDEST.encode() + line + CHINESE.encode()))
    assert (added(done), [number for number, _ in done.rejected.first]) == ({"liquidations": 2}, [2])


def test_it_knows_a_file_by_its_header_whatever_its_name(write: Write) -> None:
    path = write(
        "download.csv", "event_time,symbol,funding_rate,yearly_funding_rate\n2025-12-11 08:00:00,BTC,0.0001,10.95\n"
    )
    assert added(import_file(path=path)) == {"funding": 1}


def test_it_asks_for_the_feed_of_a_file_that_it_does_not_know(write: Write) -> None:
    path = write("download.csv", YB)
    with pytest.raises(UnknownFile, match="--feed"):
        import_file(path=path)
    assert added(import_file(path=path, feed="liquidations")) == {"liquidations": 1}


def test_it_replaces_a_list_whole_and_keeps_its_order(write: Write) -> None:
    import_file(path=write("whale_addresses.txt", "0xb\n0xa\n"))
    import_file(path=write("whale_addresses.txt", "0xc\n0xb\n"))
    state = FeedState.objects.get(source="files", feed="whale_addresses")
    rows = WhaleAddress.objects.filter(version=state.version).order_by("id")
    assert (state.version, [row.address for row in rows]) == (2, ["0xc", "0xb"])


def test_it_does_not_empty_a_list_for_a_file_of_bad_lines(write: Write) -> None:
    import_file(path=write("whale_addresses.txt", "0xb\n"))
    import_file(path=write("whale_addresses.txt", "!!!\n"))
    assert FeedState.objects.get(source="files", feed="whale_addresses").rows == 1


CATALOGUE_LINES = {
    "funding.csv": "2025-12-11 08:00:00,BTC,0.00010000,10.950000000000001",
    "oi.csv": "BTCUSDT,75375.617,90500.10,1765416983918",
    "oi_total.csv": "2025-12-11 08:00:00,28188985780.50,,1.5",
    "new_token_addresses.csv": "So1,2025-12-11 08:00:00,1765440000,https://a,https://b,https://c?chain=solana",
    "whale_addresses.txt": "0x3b6996b7aa8371b0301167eefca33efca13307d6",
    "positions_on_hlp.csv": "0xab,BTC,90500.1,20,1000.50,-3.25,,True,2025-12-11 08:00:00",
    "agg_positions_on_hlp.csv": "BTC,False,1000.50,-3.25,2,20.5,91000,SHORT",
    "follow_list.csv": "So1,A friend,2025-01-05 00:00:00",
    "recent_txs.csv": "1765440000,So1,So2,PEPE,buy,12.5,300.10,https://birdeye.so/x",
}


@pytest.mark.parametrize("name", CATALOGUE_LINES)
def test_it_imports_every_other_file_of_the_catalogue_once(write: Write, name: str) -> None:
    path = write(name, CATALOGUE_LINES[name] + "\n")
    first, again = import_file(path=path), import_file(path=path)
    assert (list(added(first).values()), list(added(again).values()), first.rejected.first) == ([1], [0], [])


def test_it_reads_a_history_of_funding_rates(write: Write) -> None:
    import_file(path=write("funding_btc_8h.csv", "Symbol,Date,Funding Rate\nBTC-USDT,2020-01-01 16:00:00,2.6e-05\n"))
    row = Funding.objects.get()
    assert (row.symbol, row.time_text, row.funding_rate) == ("BTC", "2020-01-01 16:00:00", Decimal("0.000026"))
    assert row.yearly_funding_rate == Decimal("2.847")


def test_it_leaves_sums_empty_that_a_history_of_open_interest_does_not_tell(write: Write) -> None:
    import_file(path=write("oi_btc_daily.csv", "\ufeffDate,Data\n2019.3.30,605258083\n"))
    row = OpenInterestTotal.objects.get()
    assert (row.time_text, row.btc_usd) == ("2019-03-30 00:00:00", 605258083)
    assert row.total_usd is row.eth_usd is None


def test_it_fills_in_the_sums_that_an_earlier_file_did_not_tell(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    days = "Date,Data\n2019.3.30,{0}\n2019.3.31,{0}\n"
    call_command("import_market_data", str(write("oi_btc_daily.csv", days.format(605))))
    before = FeedState.objects.get(feed="open_interest_total")
    call_command("import_market_data", str(write("oi_eth_daily.csv", days.format(71) + "2019.4.1,72\n")))
    assert "1 rows added, 2 filled in, 0 known already" in capsys.readouterr().out
    rows = [(row.btc_usd, row.eth_usd, row.total_usd) for row in OpenInterestTotal.objects.order_by("time")]
    assert rows == [(605, 71, None), (605, 71, None), (None, 72, None)]
    after = FeedState.objects.get(feed="open_interest_total")
    assert (after.version, after.rows) == (before.version + 1, 3)


def test_it_changes_no_sum_that_is_there(write: Write) -> None:
    import_file(path=write("oi_btc_daily.csv", "Date,Data\n2019.3.30,605\n"))
    again = import_file(path=write("oi_btc_daily.csv", "Date,Data\n2019.3.30,999\n2019.3.30,998\n"))
    assert OpenInterestTotal.objects.get().btc_usd == 605
    intake = again.intakes["open_interest_total"]
    assert (intake.added, intake.filled, intake.known) == (0, 0, 2)


def test_it_turns_hourly_percent_into_a_fraction_per_eight_hours(write: Write) -> None:
    content = "symbol,hourly_rate,annual_rate,mark_price,open_interest\nBTC,0.00125,10.95,85905.0,25853.49498\n"
    import_file(path=write("perp_snapshot_20251124_084301.csv", content))
    funding, interest = Funding.objects.get(), OpenInterest.objects.get()
    assert (funding.funding_rate, funding.yearly_funding_rate) == (Decimal("0.0001"), Decimal("10.95"))
    assert (interest.symbol, str(interest.open_interest)) == ("BTCUSDT", "25853.49498")
    assert f"{interest.time:%Y-%m-%d %H:%M:%S}" == "2025-11-24 08:43:01"


def test_the_command_tells_what_it_did(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_market_data", str(write("liq_data.csv", OLDEST + YB)))
    assert "liq_data.csv -> liquidations: 2 rows added, 0 known already." in capsys.readouterr().out


def test_the_command_fails_when_a_line_was_refused(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError) as failure:
        call_command("import_market_data", str(write("liq_data.csv", OLDEST + "bad\n")))
    assert failure.value.returncode == 1
    assert "liq_data.csv, line 2: 1 cells where 12 belong" in capsys.readouterr().err


def test_the_command_goes_on_after_a_file_that_is_not_there(write: Write, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("import_market_data", str(tmp_path / "none.csv"), str(write("liq_data.csv", YB)))
    assert Liquidation.objects.count() == 1


def test_the_command_says_when_the_api_serves_another_source(
    write: Write, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MARKET_DATA_SOURCE = "simulated"
    call_command("import_market_data", str(write("liq_data.csv", YB)))
    assert "MARKET_DATA_SOURCE=files" in capsys.readouterr().out
