"""The charts' arithmetic, and the buckets as the reader's clock has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Workspace
from gateway.models import Usage
from gateway.portal.charts import HEIGHT, Point, build_chart, round_up
from gateway.portal.series import daily_chart, hourly_chart

NOON = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)


def usage(workspace: Workspace, hour: datetime, requests: int = 1, status_class: int = 2) -> None:
    Usage.objects.create(
        hour=hour.replace(minute=0),
        workspace_id=workspace.pk,
        key_id=1,
        endpoint="/files/oi.csv",
        status_class=status_class,
        requests=requests,
    )


@pytest.mark.parametrize(
    ("number", "top"), [(0, 2), (2, 2), (3, 4), (5, 6), (9, 10), (11, 20), (101, 200), (5400, 6000)]
)
def test_it_rounds_the_scale_up_to_an_even_number(number: int, top: int) -> None:
    assert round_up(number) == top


def test_it_stacks_a_bar_up_to_its_share_of_the_scale() -> None:
    (bar,) = build_chart("x", "X", "Hour", [Point(NOON, "12:00", good=50, refused=30, failed=20)]).bars
    assert [block.kind for block in bar.blocks] == ["good", "refused", "failed"]
    assert sum(block.height for block in bar.blocks) == HEIGHT
    assert bar.blocks[-1].y == 0


def test_it_lets_one_failure_among_thousands_be_seen() -> None:
    (bar,) = build_chart("x", "X", "Hour", [Point(NOON, "12:00", good=99_999, failed=1)]).bars
    assert bar.blocks[-1].height >= 1


def test_it_draws_nothing_where_nothing_happened() -> None:
    chart = build_chart("x", "X", "Hour", [Point(NOON, "12:00")])
    assert chart.total == 0
    assert chart.bars[0].blocks == ()


def test_it_has_24_hours_the_present_one_last(workspace: Workspace) -> None:
    usage(workspace, NOON, 3)
    usage(workspace, NOON - timedelta(hours=23), 5, status_class=4)
    usage(workspace, NOON - timedelta(hours=24), 7)
    chart = hourly_chart(Usage.objects.for_workspace(workspace), NOON)
    assert len(chart.bars) == 24
    assert chart.bars[-1].point.good == 3
    assert chart.bars[0].point.refused == 5
    assert chart.total == 8


def test_it_counts_a_day_by_the_readers_calendar(workspace: Workspace) -> None:
    usage(workspace, datetime(2026, 6, 14, 22, tzinfo=UTC), 4)
    rows = Usage.objects.for_workspace(workspace)
    assert daily_chart(rows, NOON).bars[-2].point.good == 4
    with timezone.override(ZoneInfo("Europe/Rome")):
        assert daily_chart(rows, NOON).bars[-1].point.good == 4


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)])
def test_it_loses_nothing_when_the_clocks_change(workspace: Workspace, day: datetime) -> None:
    for back in range(24):
        usage(workspace, day - timedelta(hours=back))
    rows = Usage.objects.for_workspace(workspace)
    with timezone.override(ZoneInfo("Europe/Rome")):
        assert hourly_chart(rows, day).total == 24
        assert daily_chart(rows, day).total == 24
