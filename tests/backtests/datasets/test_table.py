"""Files of bars as exchanges, brokers and spreadsheets write them, and files that are none."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtests.datasets.inside import table

NEW_YEAR = 1_704_067_200_000_000
HOUR = 3_600_000_000
PLAIN = "time,open,high,low,close,volume\n2024-01-01 00:00:00,1,2,0.5,1.5,10\n2024-01-01 01:00:00,1.5,3,1,2,20\n"
FORMS = {
    "plain": PLAIN,
    "blanks after commas and a trailing one": PLAIN.replace(",", ", ").replace("\n", ", \n"),
    "titled, quoted, with a byte order mark": '\ufeff"Date","Open","High","Low","Close","Volume"\n'
    '"2024-01-01","1","2","0.5","1.5","10"\n"2024-01-01 01:00","1.5","3","1","2","20"\n',
    "seconds": PLAIN.replace("2024-01-01 00:00:00", "1704067200").replace("2024-01-01 01:00:00", "1704070800"),
    "milliseconds": PLAIN.replace("2024-01-01 00:00:00", "1704067200000").replace(
        "2024-01-01 01:00:00", "1704070800000"
    ),
    "an exchange's, without a header": "1704067200000,1,2,0.5,1.5,10,1704070799999,15,3,5,7,0\n"
    "1704070800000,1.5,3,1,2,20,1704074399999,40,3,5,7,0\n",
    "a broker's, with day and hour apart": "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n"
    "2024.01.01\t00:00:00\t1\t2\t0.5\t1.5\t10\n2024.01.01\t01:00:00\t1.5\t3\t1\t2\t20\n",
    "decimal commas": "Date;Open;High;Low;Close;Volume\n01.01.2024 00:00;1,0;2,0;0,5;1,5;10\n"
    "01.01.2024 01:00;1,5;3,0;1,0;2,0;20\n",
    "a zone": PLAIN.replace("00:00:00", "02:00:00+02:00", 1).replace("01:00:00", "03:00:00+02:00", 1),
    "a title above": "https://data.example.com\nunix,date,symbol,open,high,low,close,Volume BTC\n"
    "1704067200,2024-01-01 00:00:00,BTC/USD,1,2,0.5,1.5,10\n1704070800,2024-01-01 01:00:00,BTC/USD,1.5,3,1,2,20\n",
    "names of tickers below": "Price,Close,High,Low,Open,Volume\nTicker,BTC,BTC,BTC,BTC,BTC\nDatetime,,,,,\n"
    "2024-01-01 00:00:00,1.5,2,0.5,1,10\n2024-01-01 01:00:00,2,3,1,1.5,20\n",
    "thousands and suffixes": '"Date","Price","Open","High","Low","Vol."\n'
    '"01/01/2024 00:00","1.5","1","$2","0.5","0.01K"\n"01/01/2024 01:00","2","1.5","3","1","20"\n',
}


def read(folder: Path, content: str | bytes, suffix: str = ".csv") -> dict[str, Any]:
    file = folder / f"bars{suffix}"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return table.main({"suffix": suffix}, {"file": file}, lambda message: None)


def columns(answer: dict[str, Any]) -> dict[str, list[float]]:
    kinds = {"time": "<i8"}
    held = {name: zlib.decompress(base64.b64decode(text)) for name, text in answer["columns"].items()}
    return {name: np.frombuffer(content, kinds.get(name, "<f8")).tolist() for name, content in held.items()}


@pytest.mark.parametrize("form", FORMS)
def test_it_reads_what_people_have(form: str, tmp_path: Path) -> None:
    assert columns(read(tmp_path, FORMS[form])) == {
        "time": [NEW_YEAR, NEW_YEAR + HOUR],
        "open": [1.0, 1.5],
        "high": [2.0, 3.0],
        "low": [0.5, 1.0],
        "close": [1.5, 2.0],
        "volume": [10.0, 20.0],
    }


def test_it_takes_a_day_above_12_for_what_it_is_in_the_whole_column(tmp_path: Path) -> None:
    rows = "Date,Open,High,Low,Close\n01/02/2024,1,1,1,1\n31/01/2024,1,1,1,1\n"
    days = np.array(columns(read(tmp_path, rows))["time"]).astype("datetime64[us]").astype("datetime64[D]")
    assert [str(day) for day in days] == ["2024-02-01", "2024-01-31"]


def test_it_takes_points_between_day_and_month_for_days_first(tmp_path: Path) -> None:
    rows = "Datum;Open;High;Low;Close\n01.01.2024;1;1;1;1\n01.02.2024;1;1;1;1\n"
    days = np.array(columns(read(tmp_path, rows.replace("Datum", "Date")))["time"]).astype("datetime64[us]")
    assert [str(day)[:10] for day in days] == ["2024-01-01", "2024-02-01"]
    short = np.array(columns(read(tmp_path, "Date;Open;High;Low;Close\n01.02.24;1;1;1;1\n02.02.24;1;1;1;1\n"))["time"])
    assert [str(day)[:10] for day in short.astype("datetime64[us]")] == ["2024-02-01", "2024-02-02"]


def test_it_reads_the_days_that_spreadsheets_count(tmp_path: Path) -> None:
    rows = "Date,Open,High,Low,Close\n45292,1,1,1,1\n45292.041666667,1,1,1,1\n"
    assert columns(read(tmp_path, rows))["time"] == [NEW_YEAR, NEW_YEAR + HOUR]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("16.250,50", "16.251"), [16250.5, 16251]),
        (("1,0851", "1,085"), [1.0851, 1.085]),
        (("0,125", "250,125"), [0.125, 250.125]),
        (("16250.5", "16,251"), [16250.5, 16251]),
        (("1,250,500", "999"), [1250500, 999]),
        # Nothing shows what the sign is, so that it parts thousands.
        (("1,250", "999"), [1250, 999]),
        (("16 250,5K", "1,5M"), [16250500, 1500000]),
    ],
)
def test_it_reads_numbers_as_the_whole_file_writes_them(
    cells: tuple[str, str], numbers: list[float], tmp_path: Path
) -> None:
    rows = "".join(f"0{day}.01.2024;{cell};{cell};{cell};{cell};7\n" for day, cell in enumerate(cells, 1))
    found = columns(read(tmp_path, f"Date;Open;High;Low;Close;Volume\n{rows}"))
    assert (found["close"], found["volume"]) == (numbers, [7, 7])


@pytest.mark.parametrize("suffix", [".parquet", ".feather"])
def test_it_reads_binary_tables(suffix: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"date": pd.date_range("2024", periods=2, freq="h", tz="Europe/Berlin")})
    for name in ("open", "high", "low", "close"):
        frame[name] = [1.0, 2.0]
    file = tmp_path / f"made{suffix}"
    frame.to_parquet(file) if suffix == ".parquet" else frame.to_feather(file)
    answer = read(tmp_path, file.read_bytes(), suffix)
    assert columns(answer)["time"] == [NEW_YEAR - HOUR, NEW_YEAR]


def test_it_sets_aside_lines_that_cannot_be_read_and_names_them(tmp_path: Path) -> None:
    lines = [f"2024-01-01 {hour:02}:00,1,2,0.5,1.5,10" for hour in range(20)]
    lines[3], lines[7] = "oops,1,2,0.5,1.5,10", "2024-01-01 07:00,x,2,0.5,1.5,10"
    answer = read(tmp_path, "\n".join(["time,open,high,low,close,volume", *lines]))
    assert answer["rows"] == 18
    assert answer["unreadable"]["count"] == 2
    assert [line for line, _ in answer["unreadable"]["lines"]] == [5, 9]


@pytest.mark.parametrize("moment", ["-9000000000000", "9000000000000", "1e300"])
def test_it_believes_no_number_of_a_year_without_bars(moment: str, tmp_path: Path) -> None:
    seconds = "".join(f"{1704067200 + 3600 * hour},1,2,0.5,1.5,10\n" for hour in range(9))
    answer = read(tmp_path, f"time,open,high,low,close,volume\n{seconds}{moment},1,2,0.5,1.5,10\n")
    assert (answer["rows"], answer["unreadable"]["count"]) == (9, 1)


def test_it_keeps_a_bar_without_a_price_for_the_gate(tmp_path: Path) -> None:
    answer = read(tmp_path, PLAIN.replace("1.5,3,1,2,20", "1.5,,1,2,20"))
    assert np.isnan(columns(answer)["high"][1])
    assert answer["unreadable"]["count"] == 0


@pytest.mark.parametrize(
    ("content", "suffix", "says"),
    [
        ("", ".csv", "names no columns"),
        ("hello\nworld\n", ".csv", "names no columns"),
        ("open,high,low,close\n1,2,0,1\n", ".csv", "no column for time"),
        ("time,price,note\n2024-01-01,1,a\n", ".csv", "no column for open, high and low"),
        ("time,open,high,low,close\n", ".csv", "has no rows"),
        ("time,open,high,low,close\na,b,c,d,e\nf,g,h,i,j\n", ".csv", "Most lines"),
        (b"\x00\x01\xff\xfe" * 100, ".csv", "names no columns"),
        (b"PAR1 and nothing", ".parquet", "no Parquet file"),
        (b"junk", ".feather", "no Feather file"),
    ],
)
def test_it_says_what_is_wrong_with_other_files(content: str | bytes, suffix: str, says: str, tmp_path: Path) -> None:
    assert says in read(tmp_path, content, suffix)["refused"]
