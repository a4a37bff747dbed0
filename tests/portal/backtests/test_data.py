"""Data sets on the portal: uploading, the quality report, and what is done about faults."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User, Workspace
from backtests import artefacts, table
from backtests.datasets import store
from backtests.models import Dataset, Source, Upload
from moondev.lib.queue import State
from tests.backtests.making import bars, dataset_row, finished
from tests.portal.backtests.conftest import Text

LIST = "/portal/backtests/data/"


@pytest.fixture
def faulty(team: Workspace, olivia: User) -> Dataset:
    """A hundred bars of which ten are missing in the middle."""
    kept = {name: values[[*range(50), *range(60, 100)]] for name, values in bars(100).items()}
    return store.add(arrays=kept, name="Faulty", source=Source.UPLOAD, workspace=team, created_by=olivia)


def test_it_takes_a_file_and_says_that_it_is_read(owner: Client, team: Workspace, text: Text) -> None:
    file = SimpleUploadedFile("my bars.csv", b"time,open,high,low,close\n")
    page = text(owner, f"{LIST}new/", {"file": file, "name": "Mine", "symbol": "BTC-USD"})
    assert "The file is here and is being read." in page
    assert "my bars.csv" in page
    upload = Upload.objects.for_workspace(team).get()
    assert (upload.name, upload.symbol) == ("Mine", "BTC-USD")
    assert "It is being read." in text(owner, f"{LIST}uploads/live/")


def test_it_takes_a_file_that_is_larger_than_other_bodies(owner: Client, team: Workspace, text: Text) -> None:
    content = b"x" * 1_500_000
    text(owner, f"{LIST}new/", {"file": SimpleUploadedFile("bars.csv", content)})
    upload = Upload.objects.for_workspace(team).get()
    assert (upload.size, upload.name) == (1_500_000, "bars")
    elsewhere = owner.post("/portal/backtests/new/", {"script": SimpleUploadedFile("bars.py", content)})
    nobody = Client().post(f"{LIST}new/", {"file": SimpleUploadedFile("bars.csv", content)})
    assert (elsewhere.status_code, nobody.status_code) == (413, 413)


def test_two_files_of_one_name_wait_beside_one_another(owner: Client, team: Workspace, text: Text) -> None:
    for content in (b"first", b"second"):
        text(owner, f"{LIST}new/", {"file": SimpleUploadedFile("bars.csv", content)})
    uploads = Upload.objects.for_workspace(team).order_by("pk")
    assert [artefacts.read(upload.path) for upload in uploads] == [b"first", b"second"]


def test_it_says_why_a_file_became_nothing(owner: Client, team: Workspace, text: Text) -> None:
    values = {"name": "x", "file_name": "notes.csv", "path": "x", "size": 9}
    Upload.objects.create(workspace=team, state=State.DONE, refused="There is no column with a time.", **values)
    page = text(owner, f"{LIST}uploads/live/")
    assert "There is no column with a time." in page
    assert "data-poll-over" in page


@pytest.mark.parametrize("name", ["bars.exe", "bars"])
def test_it_refuses_other_files_at_the_field(name: str, owner: Client, text: Text) -> None:
    page = text(owner, f"{LIST}new/", {"file": SimpleUploadedFile(name, b"x")}, status=422)
    assert "CSV, Parquet or Feather file." in page


def test_it_shows_what_is_wrong_row_by_row(owner: Client, faulty: Dataset, text: Text) -> None:
    page = text(owner, f"{LIST}{faulty.pk}/")
    for words in ("Missing bars: 10", "10 bars missing after it", "Fill gaps with flat bars", "Accept as it is"):
        assert words in page
    assert "Faults found" in text(owner, LIST)


def test_it_renames_and_the_table_of_results_with_it(
    owner: Client, team: Workspace, olivia: User, text: Text, django_capture_on_commit_callbacks: Any
) -> None:
    row = dataset_row(team, olivia, name="Before")
    finished(team, olivia, dataset=row)
    assert f'href="{LIST}{row.pk}/rename/"' in text(owner, f"{LIST}{row.pk}/")
    with django_capture_on_commit_callbacks(execute=True):
        assert "The name is saved." in text(owner, f"{LIST}{row.pk}/rename/", {"name": "After"})
    assert "After" in artefacts.read(table.path_of(team)).decode()
    text(owner, f"{LIST}{row.pk}/rename/", {"name": "x" * 81}, status=422)


def test_it_accepts_faults(owner: Client, faulty: Dataset, text: Text) -> None:
    assert "backtests may run on it" in text(owner, f"{LIST}{faulty.pk}/accept/", {})
    faulty.refresh_from_db()
    assert not faulty.needs_decision


def test_it_repairs_into_another_data_set(owner: Client, faulty: Dataset, text: Text) -> None:
    page = text(owner, f"{LIST}{faulty.pk}/repair/", {"fill_gaps": "1"})
    assert "This is the repaired data set" in page
    assert "10 missing bars filled" in page
    made = Dataset.objects.get(parent=faulty)
    assert (made.rows, made.needs_decision) == (100, False)


def test_it_makes_longer_bars_of_everybodys_data_too(owner: Client, team: Workspace, text: Text) -> None:
    shared = dataset_row(None, name="Everybody's")
    page = text(owner, f"{LIST}{shared.pk}/")
    assert "Make longer bars" in page
    assert "Repair" not in page
    assert "Everybody's 4h" in text(owner, f"{LIST}{shared.pk}/resample/", {"timeframe": "4h"})
    assert Dataset.objects.get(parent=shared).workspace == team
    for deed in ("accept", "repair", "delete"):
        assert owner.post(f"{LIST}{shared.pk}/{deed}/").status_code == 403


def test_it_sends_the_bars_as_an_attachment(owner: Client, team: Workspace, olivia: User) -> None:
    row = dataset_row(team, olivia, name="A/B; x", is_simulated=True)
    answer = owner.get(f"{LIST}{row.pk}/bars.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="simulated-A-B--x.csv"'
    assert "sandbox" in answer["Content-Security-Policy"]
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "datetime,Open,High,Low,Close,Volume"
    assert len(lines) == 401


def test_it_deletes_a_data_set(owner: Client, faulty: Dataset, text: Text) -> None:
    assert "is deleted" in text(owner, f"{LIST}{faulty.pk}/delete/", {})
    assert owner.get(f"{LIST}{faulty.pk}/").status_code == 404
