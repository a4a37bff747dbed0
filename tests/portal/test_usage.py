"""The usage table: grouped, filtered, paged, exported."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from gateway.models import ApiKey, Usage
from moondev.lib import clock
from moondev.lib.cells import defuse


def count(
    key: ApiKey,
    *,
    requests: int = 1,
    hours_ago: int = 0,
    endpoint: str = "/files/oi.csv",
    status: int = 2,
    at: datetime | None = None,
) -> datetime:
    hour = at or clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    Usage.objects.create(
        hour=hour,
        workspace_id=key.workspace_id,
        key_id=key.pk,
        endpoint=endpoint,
        status_class=status,
        requests=requests,
    )
    return hour


def rows_of(browser: Client, **filters: str | int) -> list[dict[str, str]]:
    """The export of what the table shows for these filters."""
    answer = browser.get("/portal/usage/export/", filters)
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"].startswith("attachment; ")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_it_adds_up_the_hours_of_a_day(owner: Client, key: ApiKey) -> None:
    noon = clock.now().replace(hour=12)
    back = int((clock.now() - noon).total_seconds() // 3600) + 24
    count(key, requests=3, hours_ago=back)
    count(key, requests=4, hours_ago=back + 1)
    (row,) = rows_of(owner)
    assert (row["key"], row["requests"], row["status"]) == ("Olivia's bot", "7", "2xx")


def test_it_groups_by_hour_when_asked(owner: Client, key: ApiKey) -> None:
    hours = [count(key, hours_ago=back) for back in (26, 25)]
    rows = rows_of(owner, by="hour")
    assert [row["time"] for row in rows] == [f"{hour:%Y-%m-%dT%H:00:00Z}" for hour in reversed(hours)]


# Hours in UTC, and the local days (their starts in UTC) and hours that they belong to; all lie in the past, in winter.
ZONES = {
    "UTC": ["2026-01-08T00:00:00Z", "2026-01-07T00:00:00Z"],
    "America/New_York": ["2026-01-07T05:00:00Z"],
    "Asia/Kolkata": ["2026-01-07T18:30:00Z", "2026-01-06T18:30:00Z"],
}


@pytest.mark.parametrize("zone", ZONES)
def test_it_exports_the_days_and_hours_of_the_table(zone: str, owner: Client, key: ApiKey, olivia: User) -> None:
    User.objects.filter(pk=olivia.pk).update(time_zone=zone)
    hours = [
        datetime(2026, 1, 7, 18, tzinfo=UTC),
        datetime(2026, 1, 7, 20, tzinfo=UTC),
        datetime(2026, 1, 8, 2, tzinfo=UTC),
    ]
    for hour in hours:
        count(key, at=hour)
    period = {"start": "2026-01-06", "end": "2026-01-09"}
    for by, expected in (("day", ZONES[zone]), ("hour", [f"{hour:%Y-%m-%dT%H:%M:%SZ}" for hour in reversed(hours)])):
        table = owner.get("/portal/usage/", {**period, "by": by}).context["rows"]
        exported = rows_of(owner, **period, by=by)
        assert [row["time"] for row in exported] == expected
        assert [f"{row.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for row in table] == expected
        assert [row["requests"] for row in exported] == [str(row.requests) for row in table]


@pytest.mark.parametrize(
    ("filters", "left"),
    [({"endpoint": "/files/oi.csv"}, 2), ({"status": "4"}, 1), ({"endpoint": "/nowhere"}, 0), ({}, 3)],
)
def test_it_narrows_by_endpoint_and_status(filters: dict[str, str], left: int, owner: Client, key: ApiKey) -> None:
    count(key)
    count(key, status=4)
    count(key, endpoint="/files/funding.csv")
    assert len(rows_of(owner, **filters)) == left


def test_it_narrows_by_key(owner: Client, key: ApiKey, own_key: ApiKey) -> None:
    count(key)
    count(own_key)
    assert [row["key_id"] for row in rows_of(owner, key=own_key.pk)] == [str(own_key.pk)]


def test_it_narrows_by_day_including_the_last(owner: Client, key: ApiKey) -> None:
    count(key, hours_ago=24 * 40)
    count(key)
    today = timezone.localdate()
    long_ago, month_ago = str(today - timedelta(days=60)), str(today - timedelta(days=30))
    assert len(rows_of(owner)) == 1
    assert len(rows_of(owner, start=long_ago, end=str(today))) == 2
    assert len(rows_of(owner, start=long_ago, end=month_ago)) == 1


def test_it_narrows_to_the_last_days_of_the_calendar(owner: Client, key: ApiKey) -> None:
    count(key)
    assert rows_of(owner, start="9999-12-30", end="9999-12-31") == []


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"start": "2026-02-02", "end": "2026-01-01"}, "lies after"),
        ({"start": "2020-01-01", "end": "2026-01-01"}, "at most 400 days"),
        ({"start": "2025-01-01", "end": "2025-03-01", "by": "hour"}, "at most 31 days"),
        ({"start": "yesterday"}, "Enter a valid date"),
    ],
)
def test_it_names_a_filter_that_makes_no_sense(filters: dict[str, str], said: str, owner: Client, key: ApiKey) -> None:
    count(key)
    answer = owner.get("/portal/usage/", filters)
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_it_pages_and_sums_over_all_pages(owner: Client, key: ApiKey) -> None:
    for number in range(30):
        count(key, requests=10, endpoint=f"/files/{number}")
    first, second = (owner.get("/portal/usage/", {"page": page}).content.decode() for page in (1, 2))
    assert "300 requests in 30 rows" in first
    assert "Page 2 of 2" in second
    assert "/files/0<" in first.replace("</code>", "<")


def test_it_names_sessions_and_deleted_keys(owner: Client, key: ApiKey) -> None:
    count(ApiKey(pk=0, workspace=key.workspace))
    count(ApiKey(pk=987654, workspace=key.workspace))
    assert {row["key"] for row in rows_of(owner)} == {"Browser session", "Deleted key 987654"}


def test_it_defuses_a_formula_in_a_keys_name(owner: Client, key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(name='=HYPERLINK("http://x")')
    count(key)
    assert rows_of(owner)[0]["key"] == '\'=HYPERLINK("http://x")'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_it_defuses_every_start_of_a_formula(text: str) -> None:
    assert defuse(text) == f"'{text}"


@pytest.mark.parametrize(("cell", "text"), [("BTC", "BTC"), (-5, "-5"), (1.5, "1.5"), ("", "")])
def test_it_leaves_numbers_and_plain_text_alone(cell: object, text: str) -> None:
    assert defuse(cell) == text


def test_it_shows_the_way_where_nothing_was_counted(owner: Client, team: Workspace, olivia: User) -> None:
    assert "No requests yet" in owner.get("/portal/usage/").content.decode()
