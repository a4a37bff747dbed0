"""The curve of a value: gaps, scales, thresholds and marks where they belong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.portal.charts import curve_of, days_of, round_up, short
from alerts.preview import Preview
from alerts.rules.numbers import digits

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def seen(*values: float | None, threshold: float = 5.0, times: tuple[int, ...] = ()) -> Preview:
    """A preview with a value a day."""
    series = [(NOON + timedelta(days=day), value) for day, value in enumerate(values)]
    return Preview([NOON + timedelta(days=day) for day in times], series, threshold, "USD", NOON)


def test_it_draws_from_the_first_to_the_last_moment() -> None:
    curve = curve_of(seen(0.0, 5.0, 10.0))
    assert curve
    assert curve.path == "M0.00 100.00 h0.5 L180.00 75.00 L360.00 50.00"
    assert curve.scale == ("20", "10", "0")
    assert curve.threshold_y == 75.0


def test_it_breaks_where_there_are_no_data() -> None:
    curve = curve_of(seen(1.0, None, 2.0))
    assert curve
    assert curve.path.count("M") == 2


def test_it_shows_values_below_zero() -> None:
    curve = curve_of(seen(-4.0, 4.0, threshold=4.0))
    assert curve
    assert curve.scale == ("5", "0", "-5")


def test_it_marks_every_firing() -> None:
    curve = curve_of(seen(1.0, 9.0, 1.0, times=(1,)))
    assert curve
    assert [mark.x for mark in curve.marks] == [180.0]


def test_it_draws_nothing_without_a_value() -> None:
    assert curve_of(seen(None, None)) is None
    assert curve_of(Preview([], [], 1.0, "USD", None)) is None
    assert days_of(Preview([], [], 1.0, "USD", None)) == 0


@pytest.mark.parametrize(("days", "shown"), [(1, 1), (7, 7), (30, 30)])
def test_it_counts_whole_days(days: int, shown: int) -> None:
    assert days_of(seen(*[1.0] * (days + 1))) == shown


@pytest.mark.parametrize(
    ("value", "top"), [(0.0, 1.0), (1.0, 1.0), (1.1, 2.0), (2.3, 2.5), (26_000_000, 40_000_000), (0.0011, 0.002)]
)
def test_its_scale_ends_at_a_round_number(value: float, top: float) -> None:
    assert round_up(value) == pytest.approx(top)


@pytest.mark.parametrize(
    ("value", "text"), [(2_500_000, "2.5M"), (1e9, "1B"), (950, "950"), (0.0005, "0.0005"), (0, "0"), (-5000, "-5k")]
)
def test_it_says_numbers_in_few_characters(value: float, text: str) -> None:
    assert short(value) == text


@pytest.mark.parametrize(("value", "text"), [(1e6, "1000000"), (0.00025, "0.00025"), (1e-7, "0.0000001"), (2.5, "2.5")])
def test_it_writes_numbers_into_fields_without_exponents(value: float, text: str) -> None:
    assert digits(value) == text
