"""The gate before a run: every kind of fault is found, named with its rows, and mended; whole bars are left alone."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from backtests.datasets.inside import bars, framed
from backtests.datasets.mending import repair, resample
from backtests.datasets.quality import Report, examine
from backtests.datasets.timeframes import name_of, seconds_of, usual_step
from moondev.lib.errors import Invalid

MINUTE = 60_000_000
MONDAY = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
Arrays = dict[str, np.ndarray]


def made(count: int = 100, *, step: int = 15 * MINUTE, start: int = MONDAY) -> Arrays:
    """Whole bars of a rising market."""
    close = np.linspace(100, 200, count)
    opened = close - 0.5
    return {
        "time": start + np.arange(count) * step,
        "open": opened,
        "high": close + 1,
        "low": opened - 1,
        "close": close,
        "volume": np.ones(count),
    }


def changed(arrays: Arrays, name: str, row: int, value: Any) -> Arrays:
    copy = {key: values.copy() for key, values in arrays.items()}
    copy[name][row] = value
    return copy


def kinds(report: Report) -> dict[str, int]:
    return {fault.kind: fault.count for fault in report.faults}


def test_it_finds_nothing_in_whole_bars() -> None:
    report = examine(made())
    assert report.is_clean
    assert (report.step_sec, report.has_sessions) == (900, False)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("close", np.nan, "not_a_number"),
        ("high", np.inf, "not_a_number"),
        ("low", -1.0, "not_positive"),
        ("high", 10.0, "inconsistent"),
        ("low", 190.0, "inconsistent"),
        ("volume", -1.0, "negative_volume"),
    ],
)
def test_it_finds_a_bar_that_cannot_be_and_shows_its_row(name: str, value: float, kind: str) -> None:
    report = examine(changed(made(), name, 6, value))
    assert kinds(report) == {kind: 1}
    assert report.faults[0].examples[0].row == 7
    assert report.faults[0].examples[0].time == MONDAY + 6 * 15 * MINUTE
    assert examine(repair(changed(made(), name, 6, value), fill_gaps=True)[0]).is_clean


def test_it_finds_bars_out_of_order_and_twice() -> None:
    arrays = made()
    arrays["time"][[10, 11]] = arrays["time"][[11, 10]]
    arrays["time"][20] = arrays["time"][19]
    report = examine(arrays)
    assert kinds(report) == {"unordered": 1, "duplicate": 1, "missing": 1}
    assert not report.may_be_accepted
    mended, done = repair(arrays, fill_gaps=True)
    assert examine(mended).is_clean
    assert len(mended["time"]) == 100
    assert done == [
        "The bars were sorted by time.",
        "1 bar at a time that had one already left out.",
        "1 missing bar filled, flat and without volume.",
    ]


def test_it_keeps_the_first_of_two_bars_at_one_time() -> None:
    arrays = made(20)
    arrays["time"][5] = arrays["time"][4]
    mended, _ = repair(arrays)
    assert mended["close"][4] == arrays["close"][4]


def test_it_fills_a_gap_with_flat_bars_at_the_close_before_only_when_asked() -> None:
    arrays = {name: np.delete(values, slice(50, 53)) for name, values in made().items()}
    assert kinds(examine(arrays)) == {"missing": 3}
    assert examine(arrays).may_be_accepted
    assert len(repair(arrays)[0]["time"]) == 97
    filled, _ = repair(arrays, fill_gaps=True)
    flat = {name: filled[name][50] for name in ("open", "high", "low", "close")}
    assert set(flat.values()) == {arrays["close"][49]}
    assert filled["volume"][50] == 0


def trading_hours(weeks: int = 8) -> Arrays:
    """A market with hours from 9 to 17 on weekdays."""
    arrays = made(weeks * 7 * 24, step=60 * MINUTE)
    hours = arrays["time"] // (60 * MINUTE)
    days = (hours // 24 + 3) % 7
    within = (days < 5) & (hours % 24 >= 9) & (hours % 24 < 17)
    return {name: values[within] for name, values in arrays.items()}


def test_it_takes_nights_weekends_and_holidays_for_no_gap() -> None:
    arrays = trading_hours()
    assert examine(arrays).is_clean
    assert examine(arrays).has_sessions
    holiday = slice(16, 24)
    report = examine({name: np.delete(values, holiday) for name, values in arrays.items()})
    assert (kinds(report), report.closed_days) == ({}, 1)


def test_it_finds_an_hour_missing_within_a_session() -> None:
    arrays = {name: np.delete(values, 20) for name, values in trading_hours().items()}
    report = examine(arrays)
    assert kinds(report) == {"missing": 1}
    assert report.faults[0].examples[0].row == 20


def test_it_counts_the_rest_of_a_day_and_the_beginning_of_another() -> None:
    """From a Monday at noon to a Wednesday at noon: Tuesday has no bar, so it was a holiday."""
    arrays = trading_hours()
    hours = arrays["time"] // (60 * MINUTE) - MONDAY // (60 * MINUTE)
    gap = (hours > 7 * 24 + 12) & (hours < 9 * 24 + 12)
    report = examine({name: values[~gap] for name, values in arrays.items()})
    assert (kinds(report), report.closed_days) == ({"missing": 4 + 3}, 1)


@contextmanager
def frugally() -> Iterator[None]:
    """Fails when more memory is taken than the slots of a week need: a year of seconds takes 250 MB."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def across(last: Arrays, years: float) -> Arrays:
    """The same bars, and the first once more after so many years."""
    later = {name: values[:1] for name, values in last.items()}
    later["time"] = later["time"] + int(years * 365) * 24 * 60 * MINUTE
    return {name: np.concatenate([values, later[name]]) for name, values in last.items()}


def test_it_counts_a_gap_of_years_between_bars_a_second_apart_without_listing_it() -> None:
    days = np.array([0, 1, 2, 3, 7, 8, 9, 10, 14, 15])
    arrays = made(20, step=MINUTE) | {"time": MONDAY + (np.repeat(days * 86400, 2) + np.tile([0, 1], 10)) * 1_000_000}
    with frugally():
        report = examine(across(arrays, 1))
    assert report.has_sessions
    with frugally():
        assert kinds(examine(across(made(step=MINUTE // 60), 1))) == {"missing": 365 * 86400 - 100}


def test_it_refuses_to_fill_a_gap_of_years_before_it_makes_room_for_it() -> None:
    with frugally(), pytest.raises(Invalid, match=r"31,535,900 bars are missing.*Repair without filling") as refused:
        repair(across(made(step=MINUTE // 60), 1), fill_gaps=True)
    assert refused.value.errors[0].pointer == "/fill_gaps"


def test_it_makes_longer_bars_of_those_that_are_there_and_none_of_a_gap() -> None:
    arrays = across(made(120, step=MINUTE // 60), 10)
    with frugally():
        longer = resample(arrays, 60)
    assert [int(moment - MONDAY) // MINUTE for moment in longer["time"]] == [0, 1, 3650 * 24 * 60]


def test_it_reports_as_json_and_back() -> None:
    report = examine(changed(made(), "high", 6, 10.0))
    assert Report.from_json(report.as_json()) == report


def test_it_makes_longer_bars_that_hold_the_shorter_ones() -> None:
    arrays = made(96) | {"funding": np.arange(96.0)}
    hourly = resample(arrays, 3600)
    assert len(hourly["time"]) == 24
    assert hourly["open"].tolist() == arrays["open"][::4].tolist()
    assert hourly["close"].tolist() == arrays["close"][3::4].tolist()
    assert hourly["high"].tolist() == arrays["high"].reshape(-1, 4).max(axis=1).tolist()
    assert hourly["low"].tolist() == arrays["low"].reshape(-1, 4).min(axis=1).tolist()
    assert set(hourly["volume"]) == {4.0}
    assert hourly["funding"].tolist() == arrays["funding"][3::4].tolist()


def test_it_begins_weeks_on_mondays() -> None:
    daily = made(30, step=24 * 60 * MINUTE, start=MONDAY + 2 * 24 * 60 * MINUTE)
    weekly = resample(daily, seconds_of("1w"))
    assert {int(moment - MONDAY) % (7 * 24 * 60 * MINUTE) for moment in weekly["time"]} == {0}


@pytest.mark.parametrize("seconds", [900, 600, 1000])
def test_it_makes_no_shorter_or_crooked_bars(seconds: int) -> None:
    with pytest.raises(Invalid) as refused:
        resample(made(), seconds)
    assert refused.value.errors[0].pointer == "/timeframe"


@pytest.mark.parametrize(("name", "seconds"), [("1m", 60), ("15m", 900), ("4h", 14400), ("1d", 86400), ("1w", 604800)])
def test_it_names_timeframes_both_ways(name: str, seconds: int) -> None:
    assert (seconds_of(name), name_of(seconds)) == (seconds, name)


@pytest.mark.parametrize("name", ["", "h", "0h", "15", "15x", "-1h", "1.5h"])
def test_it_names_the_remedy_for_an_unknown_timeframe(name: str) -> None:
    with pytest.raises(Invalid):
        seconds_of(name)


def test_it_takes_the_most_frequent_distance_for_the_timeframe() -> None:
    arrays = {name: np.delete(values, slice(5, 40)) for name, values in made().items()}
    assert usual_step(arrays["time"]) == 900


def test_it_gives_equal_bars_equal_bytes_and_reads_them_back() -> None:
    arrays = made()
    content = bars.pack(arrays)
    assert content == bars.pack(bars.unpack(content))
    frame = framed.frame_of(bars.unpack(content))
    assert list(frame.columns) == ["Open", "High", "Low", "Close", "Volume"]
    assert bars.pack(framed.arrays_of(frame)) == content
