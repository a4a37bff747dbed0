"""Data sets of a workspace: uploads, decisions about faults, what is made from them, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction

from accounts.models import AuditEntry, User, Workspace
from backtests.datasets import builtin, frames, store, uploads, usual
from backtests.datasets.inside import framed
from backtests.datasets.inside.bars import unpack
from backtests.models import Dataset, Source, Upload
from backtests.sandbox import Sandbox
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExhausted
from moondev.lib.queue import State
from tests.backtests.datasets.test_quality import MINUTE, made
from tests.beside import start_beside

HEAD = "time,open,high,low,close,volume\n"
LINES = [f"2024-01-01 {hour:02}:00,{10 + hour},{12 + hour},{9 + hour},{11 + hour},5\n" for hour in range(24)]


def file_of(lines: list[str], name: str = "bars.csv") -> ContentFile[bytes]:
    return ContentFile((HEAD + "".join(lines)).encode(), name=name)


@pytest.fixture
def dataset(workspace: Workspace, olivia: User) -> Dataset:
    return store.add(arrays=made(), name="Bars", source=Source.UPLOAD, workspace=workspace, created_by=olivia)


@pytest.fixture
def gappy(workspace: Workspace, olivia: User) -> Dataset:
    arrays = {name: np.delete(values, slice(50, 53)) for name, values in made().items()}
    return store.add(arrays=arrays, name="Gaps", source=Source.UPLOAD, workspace=workspace, created_by=olivia)


@pytest.mark.django_db
def test_it_makes_a_data_set_of_an_uploaded_file(workspace: Workspace, olivia: User, sandbox: Sandbox) -> None:
    upload = store.add_upload(workspace=workspace, actor=olivia, file=file_of(LINES), symbol="BTC")
    assert uploads.work() == 1
    upload.refresh_from_db()
    found = upload.dataset
    assert found is not None
    assert (found.name, found.symbol, found.rows, found.timeframe_sec) == ("bars", "BTC", 24, 3600)
    assert (found.needs_decision, found.created_by, found.columns) == (False, olivia, ["volume"])
    assert framed.frame_of(frames.arrays(found))["Close"].tolist() == [11 + hour for hour in range(24)]


@pytest.mark.django_db
def test_it_holds_a_file_with_faults_back_until_somebody_decides(
    workspace: Workspace, olivia: User, sandbox: Sandbox
) -> None:
    lines = [*LINES[:8], "oops,1,1,1,1,1\n", *LINES[10:]]
    upload = store.add_upload(workspace=workspace, actor=olivia, file=file_of(lines))
    uploads.work()
    found = Upload.objects.get(pk=upload.pk).dataset
    assert found is not None
    assert found.needs_decision
    assert {fault["kind"]: fault["count"] for fault in found.quality["faults"]} == {"unreadable": 1, "missing": 2}
    assert found not in Dataset.objects.for_workspace(workspace).ready()
    store.accept(dataset=found, actor=olivia)
    assert found in Dataset.objects.for_workspace(workspace).ready()


@pytest.mark.django_db
def test_it_says_why_a_file_is_no_data_set_and_forgets_it(
    workspace: Workspace, olivia: User, sandbox: Sandbox, django_capture_on_commit_callbacks: Iterator[object]
) -> None:
    file = ContentFile(b"hello,world\n1,2\n", name="notes.csv")
    upload = store.add_upload(workspace=workspace, actor=olivia, file=file)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        uploads.work()
    upload.refresh_from_db()
    assert "names no columns" in upload.refused
    assert (upload.dataset, upload.state) == (None, State.DONE)
    assert not storages["artefacts"].exists(upload.path)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "pointer"), [("bars.xlsx", b"x", "/file"), ("bars.csv", b"", "/file"), ("bars", b"x", "/file")]
)
def test_it_refuses_files_that_it_cannot_read_before_storing_them(
    name: str, content: bytes, pointer: str, workspace: Workspace, olivia: User
) -> None:
    with pytest.raises(Invalid) as refused:
        store.add_upload(workspace=workspace, actor=olivia, file=ContentFile(content, name=name))
    assert refused.value.errors[0].pointer == pointer
    assert not Upload.objects.exists()


@pytest.mark.django_db
def test_it_takes_five_files_at_a_time(workspace: Workspace, olivia: User) -> None:
    for _ in range(5):
        store.add_upload(workspace=workspace, actor=olivia, file=file_of(LINES))
    with pytest.raises(QuotaExhausted):
        store.add_upload(workspace=workspace, actor=olivia, file=file_of(LINES))


@pytest.mark.django_db
def test_it_gives_a_second_file_of_one_name_another(workspace: Workspace, dataset: Dataset) -> None:
    again = store.add(arrays=made(), name="Bars", source=Source.UPLOAD, workspace=workspace)
    assert (again.name, again.sha256, again.path) == ("Bars 2", dataset.sha256, dataset.path)


@pytest.mark.django_db
def test_it_stores_no_handful_of_bars(workspace: Workspace) -> None:
    with pytest.raises(Invalid):
        store.add(arrays=made(9), name="Few", source=Source.UPLOAD, workspace=workspace)


@pytest.mark.django_db
@pytest.mark.parametrize("step", [1, 400 * 24 * 60 * MINUTE])
def test_it_stores_no_bars_within_a_second_or_years_apart(step: int, workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="column with the times"):
        store.add(arrays=made(12, step=step), name="Odd", source=Source.UPLOAD, workspace=workspace)


@pytest.mark.django_db
def test_it_makes_no_handful_of_longer_bars(dataset: Dataset, workspace: Workspace, olivia: User) -> None:
    with pytest.raises(Invalid, match="Choose a shorter timeframe") as refused:
        store.resampled(dataset=dataset, actor=olivia, workspace=workspace, timeframe="1d")
    assert refused.value.errors[0].pointer == "/timeframe"


@pytest.mark.django_db
def test_it_repairs_into_a_data_set_of_its_own(gappy: Dataset, olivia: User) -> None:
    mended = store.repaired(dataset=gappy, actor=olivia, fill_gaps=True)
    assert (mended.rows, mended.parent, mended.needs_decision) == (100, gappy, False)
    assert mended.provenance["done"] == ["3 missing bars filled, flat and without volume."]
    gappy.refresh_from_db()
    assert gappy.rows == 97
    assert AuditEntry.objects.filter(action="dataset.derived").exists()


@pytest.mark.django_db
def test_it_lets_nobody_accept_bars_that_no_backtest_can_run_on(workspace: Workspace, olivia: User) -> None:
    arrays = made()
    arrays["close"][3] = np.nan
    broken = store.add(arrays=arrays, name="Broken", source=Source.UPLOAD, workspace=workspace, created_by=olivia)
    with pytest.raises(Conflict):
        store.accept(dataset=broken, actor=olivia)
    assert store.repaired(dataset=broken, actor=olivia).rows == 99


@pytest.mark.django_db
def test_it_makes_longer_bars_of_everybodys_data_sets_too(workspace: Workspace, max: User) -> None:
    shared = store.add(arrays=made(), name="Shared", source=Source.BUNDLED)
    hourly = store.resampled(dataset=shared, actor=max, workspace=workspace, timeframe="1h")
    assert (hourly.workspace, hourly.name, hourly.timeframe_sec, hourly.rows) == (workspace, "Shared 1h", 3600, 25)


@pytest.mark.django_db
def test_it_keeps_simulated_bars_labelled_whatever_is_made_of_them(workspace: Workspace, olivia: User) -> None:
    shared = store.add(arrays=made(), name="Simulated", source=Source.SIMULATED, is_simulated=True)
    assert store.resampled(dataset=shared, actor=olivia, workspace=workspace, timeframe="1h").is_simulated


@pytest.mark.django_db
def test_it_keeps_the_word_in_the_name_of_simulated_bars(workspace: Workspace, olivia: User) -> None:
    shared = store.add(arrays=made(), name="Bars " + "x" * 80, source=Source.SIMULATED, is_simulated=True)
    mine = store.resampled(dataset=shared, actor=olivia, workspace=workspace, timeframe="1h")
    assert shared.name.endswith("xx simulated")
    assert mine.name.endswith("xx simulated 2")
    assert store.rename(dataset=mine, actor=olivia, name="My bars").name == "My bars simulated"
    assert store.rename(dataset=mine, actor=olivia, name="Simulated: mine").name == "Simulated: mine"
    with pytest.raises(Invalid, match="Use 1 to 70 characters"):
        store.rename(dataset=mine, actor=olivia, name="x" * 71)


@pytest.mark.django_db
def test_it_deletes_the_bars_and_keeps_the_row_for_results(
    dataset: Dataset, olivia: User, django_capture_on_commit_callbacks: Iterator[object]
) -> None:
    local = frames.path(dataset)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        store.remove(dataset=dataset, actor=olivia)
    assert not local.exists()
    assert not storages["artefacts"].exists(dataset.path)
    dataset.refresh_from_db()
    with pytest.raises(NotFound):
        frames.path(dataset)


@pytest.mark.django_db
def test_it_keeps_bars_that_another_data_set_has_too(
    dataset: Dataset, strangers_workspace: Workspace, olivia: User, django_capture_on_commit_callbacks: Iterator[object]
) -> None:
    other = store.add(arrays=made(), name="Same", source=Source.UPLOAD, workspace=strangers_workspace)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        store.remove(dataset=dataset, actor=olivia)
    assert frames.path(other).exists()


@pytest.mark.django_db(transaction=True)
def test_it_keeps_bars_that_are_brought_again_while_they_are_deleted(
    dataset: Dataset, strangers_workspace: Workspace, olivia: User
) -> None:
    with transaction.atomic():
        other = store.add(arrays=made(), name="Same", source=Source.UPLOAD, workspace=strangers_workspace)
        removed = start_beside(partial(store.remove, dataset=dataset, actor=olivia))
    removed.result()
    assert storages["artefacts"].exists(other.path)
    dataset.refresh_from_db()
    assert dataset.deleted_at is not None


@pytest.mark.django_db
def test_it_lets_members_change_their_own_only_and_strangers_see_nothing(
    dataset: Dataset, max: User, sam: User, strangers_workspace: Workspace
) -> None:
    with pytest.raises(Forbidden):
        store.rename(dataset=dataset, actor=max, name="Mine")
    with pytest.raises(NotFound):
        store.rename(dataset=dataset, actor=sam, name="Mine")
    with pytest.raises(NotFound):
        store.resampled(dataset=dataset, actor=sam, workspace=strangers_workspace, timeframe="1h")
    assert dataset not in Dataset.objects.for_workspace(strangers_workspace)


@pytest.mark.django_db
def test_it_lets_nobody_change_everybodys_data_sets(olivia: User) -> None:
    shared = store.add(arrays=made(), name="Shared", source=Source.BUNDLED)
    for deed in (store.accept, store.repaired, store.remove):
        with pytest.raises(NotFound):
            deed(dataset=shared, actor=olivia)


@pytest.mark.django_db
def test_it_renames_within_the_names_that_are_free(dataset: Dataset, gappy: Dataset, olivia: User) -> None:
    assert store.rename(dataset=dataset, actor=olivia, name=" Fine ").name == "Fine"
    for name in ("", "x" * 81, "Gaps"):
        with pytest.raises(Invalid):
            store.rename(dataset=dataset, actor=olivia, name=name)


@pytest.mark.django_db
def test_it_notices_a_file_that_is_not_the_one_that_was_stored(workspace: Workspace) -> None:
    dataset = store.add(arrays=made(77), name="Changed", source=Source.UPLOAD, workspace=workspace)
    path = Path(storages["artefacts"].path(dataset.path))
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(NotFound):
        frames.path(dataset)
    storages["artefacts"].delete(dataset.path)


@pytest.mark.django_db
def test_it_gives_the_bars_as_csv(dataset: Dataset) -> None:
    lines = "".join(frames.csv_of(dataset)).splitlines()
    assert lines[:2] == ["datetime,Open,High,Low,Close,Volume", "2024-01-01 00:00:00,99.5,101.0,98.5,100.0,1.0"]
    assert len(lines) == 101


@pytest.mark.django_db
@pytest.mark.slow
def test_it_has_the_bundled_and_the_simulated_ones_for_everybody(workspace: Workspace) -> None:
    assert set(builtin.seed()) == {*usual.BUNDLED, *builtin.SIMULATED}
    assert builtin.seed() == []
    rows = {row.name: row for row in Dataset.objects.for_workspace(workspace).ready()}
    assert (rows["GOOG"].rows, rows["EURUSD"].rows, rows["BTCUSD"].rows) == (2148, 5000, 156)
    assert {name for name, row in rows.items() if row.is_simulated} == set(builtin.SIMULATED)
    assert usual.default() == rows[usual.DEFAULT]


def test_it_simulates_the_same_market_every_time() -> None:
    once, again = (builtin.simulate(seed=5, price=100.0, step=0.005, bars=500) for _ in range(2))
    assert all((once[name] == again[name]).all() for name in once)
    assert (once["close"] != builtin.simulate(seed=6, price=100.0, step=0.005, bars=500)["close"]).all()


def test_it_stores_nothing_that_could_run(tmp_path: Path) -> None:
    file = tmp_path / "bars.npz"
    np.savez(file, time=np.array([{"not": "a number"}], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        unpack(file)
