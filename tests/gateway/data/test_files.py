"""The data API: what is served, in which form, and to whom."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pandas as pd
import pyarrow.parquet
import pytest
from pytest_django import Settings

from marketdata.catalogue import FEEDS, FILES
from marketdata.cells import moment_us
from marketdata.ingest import take_in
from marketdata.records import FollowedWallet, HlpPosition, WhaleAddress
from moondev.lib.clock import now
from moondev.lib.errors import Forbidden, Invalid, NotFound, PlanTooLow
from tests.gateway.data.conftest import NEWEST, Ask, content, row

pytestmark = pytest.mark.usefixtures("stored")


def sizes(response_body: bytes) -> list[str]:
    return [line.rsplit(",", 1)[1] for line in response_body.decode().splitlines()[1:]]


def test_it_serves_the_last_rows_ascending_by_time_below_a_header(ask: Ask) -> None:
    lines = content(ask("liq_data.csv?limit=3")).decode().splitlines()
    assert lines[0].startswith("symbol,side,order_type,")
    assert lines[-1] == "BTC,SELL,LIMIT,IOC,0.040,90399.20,90759.50,FILLED,0.020,0.040,1772366399039,39.50"
    assert [line.rsplit(",", 1)[1] for line in lines[1:]] == ["37.50", "38.50", "39.50"]


def test_it_leaves_the_header_out_when_asked(ask: Ask) -> None:
    assert content(ask("liq_data.csv?limit=1&header=0")).startswith(b"BTC,SELL")


def test_it_serves_every_row_when_the_limit_is_larger(ask: Ask) -> None:
    assert len(sizes(content(ask("liq_data.csv?limit=1000000")))) == 42


def test_it_gives_the_same_rows_in_every_format(ask: Ask) -> None:
    frame = pd.read_csv(io.BytesIO(content(ask("liq_data.csv?limit=42"))))
    objects = json.loads(content(ask("liq_data.csv?limit=42&format=json")))
    lines = [json.loads(line) for line in content(ask("liq_data.csv?limit=42&format=ndjson")).splitlines()]
    table = pyarrow.parquet.read_table(io.BytesIO(content(ask("liq_data.csv?limit=42&format=parquet"))))
    assert objects == lines == frame.to_dict("records") == table.to_pylist()
    assert list(objects[0]) == [column.name for column in FEEDS["liquidations"].columns] == table.column_names


def test_it_gives_empty_files_of_every_format_for_a_feed_without_rows(ask: Ask) -> None:
    assert content(ask("funding.csv")) == b"event_time,symbol,funding_rate,yearly_funding_rate\n"
    assert json.loads(content(ask("funding.csv?format=json"))) == []
    assert content(ask("funding.csv?format=ndjson")) == b""
    assert pyarrow.parquet.read_table(io.BytesIO(content(ask("funding.csv?format=parquet")))).num_rows == 0


@pytest.mark.parametrize("form", ["BTC", "btc", "BTCUSDT", "BTC-USDT", "BTC/USDT", "BTC/USDT:USDT"])
def test_it_finds_a_contract_in_every_form_of_its_name(ask: Ask, form: str) -> None:
    assert len(sizes(content(ask(f"liq_data.csv?symbol={form}")))) == 20


@pytest.mark.parametrize("name", ["NOBODY", "%00", "%20", "%F0%9F%98%80"])
def test_it_finds_nothing_under_a_name_that_no_contract_has(ask: Ask, name: str) -> None:
    assert sizes(content(ask(f"liq_data.csv?symbol={name}"))) == []


def test_it_finds_a_symbol_that_is_not_ascii(ask: Ask) -> None:
    assert content(ask("liq_data.csv?symbol=币安人生&header=0")).decode().startswith("币安人生,SELL")


@pytest.mark.parametrize(
    "start", ["2026-03-01T11:59:59.020Z", "2026-03-01T12:59:59.020+01:00", "1772366399020", "1772366399.02"]
)
def test_it_takes_a_span_in_every_form_of_time(ask: Ask, start: str) -> None:
    body = content(ask(f"liq_data.csv?start={start}&end=1772366399023"))
    assert sizes(body) == ["20.50", "21.50", "22.50"]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=1000001", "/limit"),
        ("limit=ten", "/limit"),
        ("limit=", "/limit"),
        ("limit=1_0", "/limit"),
        ("format=xml", "/format"),
        ("header=yes", "/header"),
        ("start=yesterday", "/start"),
        ("end=2026-13-01", "/end"),
        ("symbol=", "/symbol"),
    ],
)
def test_it_names_the_parameter_that_is_not_acceptable(ask: Ask, given: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(f"liq_data.csv?{given}")
    assert [error.pointer for error in refusal.value.errors] == [pointer]


def test_it_does_not_mind_parameters_that_it_does_not_know(ask: Ask) -> None:
    assert len(sizes(content(ask("liq_data.csv?limit=2&colour=red")))) == 2


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0", "99999999999"])
def test_it_survives_the_ends_of_the_calendar(ask: Ask, start: str) -> None:
    assert ask(f"liq_data.csv?start={start}&end={start}").status_code == 200


@pytest.mark.parametrize(
    "name", ["liq_data", "LIQ_DATA.CSV", "../liq_data.csv", "..%2Fliq_data.csv", "liq_data.csv/", ""]
)
def test_it_knows_files_by_their_exact_names_only(ask: Ask, name: str) -> None:
    with pytest.raises(NotFound):
        ask(name)


def test_it_refuses_a_key_without_the_scope(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.gateway.data.conftest.DEFAULT_SCOPES", ("alerts",))
    with pytest.raises(Forbidden, match="scope"):
        ask("liq_data.csv")


@pytest.mark.parametrize(("plan", "rows"), [("free", 40), ("pro", 41), ("team", 42), ("enterprise", 42)])
def test_it_cuts_what_lies_before_the_plans_history(ask: Ask, plan: str, rows: int) -> None:
    response = ask("liq_data.csv", plan=plan)
    assert len(sizes(content(response))) == rows
    assert response.has_header("X-History-From") == (rows < 42)


def test_it_tells_from_when_on_the_plan_sees(ask: Ask) -> None:
    assert ask("liq_data.csv", plan="free")["X-History-From"] == "2026-02-22T11:59:59.039000Z"


def test_it_refuses_only_an_explicit_start_before_the_plans_history(ask: Ask) -> None:
    assert ask("liq_data.csv?start=2026-02-23", plan="free").status_code == 200
    with pytest.raises(PlanTooLow) as refusal:
        ask("liq_data.csv?start=2026-02-21", plan="free")
    assert "later start" in refusal.value.detail
    assert "Pro plan" in refusal.value.detail


def test_it_refuses_a_format_that_the_plan_does_not_include(ask: Ask) -> None:
    with pytest.raises(PlanTooLow, match="parquet"):
        ask("liq_data.csv?format=parquet", plan="free")


def test_it_is_saved_never_shown_and_kept_by_nobody_else(ask: Ask) -> None:
    response = ask("liq_data.csv")
    assert response["Content-Disposition"] == 'attachment; filename="liq_data.csv"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_it_shows_one_source_only(ask: Ask, settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "simulated"
    assert sizes(content(ask("liq_data.csv"))) == []


def test_it_says_where_data_is_simulated(ask: Ask, settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "simulated"
    response = ask("liq_data.csv?format=parquet")
    assert response["X-Market-Data-Source"] == "simulated"
    assert response["Content-Disposition"] == 'attachment; filename="simulated-liq_data.parquet"'
    assert pyarrow.parquet.read_schema(io.BytesIO(content(response))).metadata[b"source"] == b"simulated"


def test_it_does_not_name_any_other_source(ask: Ask) -> None:
    assert not ask("liq_data.csv").has_header("X-Market-Data-Source")


def test_it_serves_addresses_one_a_line(ask: Ask) -> None:
    take_in(feed=FEEDS["whale_addresses"], source="files", rows=[WhaleAddress("0xb"), WhaleAddress("0xa")])
    response = ask("whale_addresses.txt")
    assert (response["Content-Type"], content(response)) == ("text/plain; charset=utf-8", b"0xb\n0xa\n")
    assert json.loads(content(ask("whale_addresses.txt?format=json"))) == [{"address": "0xb"}, {"address": "0xa"}]


def test_it_writes_truths_and_gaps_as_pandas_does(ask: Ask) -> None:
    position = HlpPosition(
        moment_us(NEWEST), "0xa", "BTC", "90500.10", "20", "1000.50", "-3.25", None, True, "2026-03-01 12:00:00"
    )
    take_in(feed=FEEDS["hlp_positions"], source="files", rows=[position])
    body = content(ask("positions_on_hlp.csv?header=0"))
    assert body == b"0xa,BTC,90500.10,20,1000.50,-3.25,,True,2026-03-01 12:00:00\n"
    assert json.loads(content(ask("positions_on_hlp.csv?format=json")))[0]["liquidation_price"] is None


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@a"])
def test_it_defuses_free_text_in_csv_only(ask: Ask, label: str) -> None:
    wallet = FollowedWallet(moment_us(NEWEST), "So1", label, "2026-03-01 12:00:00")
    take_in(feed=FEEDS["follow_list"], source="files", rows=[wallet])
    assert content(ask("follow_list?header=0")) == f"So1,'{label},2026-03-01 12:00:00\n".encode()
    assert json.loads(content(ask("follow_list?format=json")))[0]["label"] == label
    table = pyarrow.parquet.read_table(io.BytesIO(content(ask("follow_list?format=parquet"))))
    assert table["label"].to_pylist() == [label]


@pytest.mark.parametrize("name", FILES)
def test_it_answers_for_every_file_of_the_catalogue(ask: Ask, name: str) -> None:
    assert ask(f"{name}?symbol=BTC&start=2026-02-28&end=2026-03-02").status_code == 200


def test_it_tells_the_age_of_rows_whose_source_fails_and_shows_no_other(ask: Ask, settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "simulated"
    take_in(feed=FEEDS["liquidations"], source="simulated", rows=[row(1)], read_at=now() - timedelta(minutes=5))
    response = ask("liq_data.csv")
    assert int(response["X-Data-Age"]) >= 300
    assert sizes(content(response)) == ["1.50"]


def test_it_says_nothing_about_age_while_rows_are_fresh(ask: Ask) -> None:
    assert not ask("liq_data.csv").has_header("X-Data-Age")
