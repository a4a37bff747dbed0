"""Data sets of a workspace: taken in, accepted, repaired, resampled, removed. Every deed is audited."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User, Workspace
from accounts.services.access import check_open, lock_workspace
from backtests import table
from backtests.datasets import frames, mending
from backtests.datasets.inside.bars import OPTIONAL, Arrays
from backtests.datasets.quality import Report, examine
from backtests.datasets.timeframes import DAY, name_of, seconds_of
from backtests.models import Dataset, Source, Upload
from billing.doers import Actor, Doer, access_row, access_workspace
from billing.wake import wake
from moondev.lib.commit import after_commit
from moondev.lib.errors import Conflict, Invalid, NotFound, QuotaExhausted
from moondev.lib.queue import State

SUFFIXES = (".csv", ".txt", ".tsv", ".parquet", ".feather")
LARGEST_BYTES = 60 * 1024 * 1024
MOST_DATASETS = 200
MOST_WAITING = 5
FEWEST_BARS = 10
LONGEST_STEP = 366 * DAY
LONGEST_NAME = 80
# In the name of every data set that is: results and tables of former times say by that name alone what was traded.
SIMULATED = "simulated"


@transaction.atomic
def add_upload(*, workspace: Workspace, actor: Actor, file: File[Any], name: str = "", symbol: str = "") -> Upload:
    """Take a customer's file; a worker reads it. What comes of it is in the upload: a data set, or why there is none.

    Raises NotFound, Conflict (closed), QuotaExhausted (200 data sets, 5 files waiting) and Invalid at `/file`, `/name`.
    """
    doer = access_workspace(actor, workspace)
    found = lock_workspace(workspace)
    check_open(found)
    file_name = str(file.name or "bars.csv").replace("\\", "/").rpartition("/")[2][:120]
    suffix = _check_file(file, file_name)
    _check_room(found)
    title = _free_name(found, name.strip() or file_name.rpartition(".")[0] or file_name)
    # A name of its own: a save under a taken one replaces the file that still waits.
    path = storages["artefacts"].save(f"uploads/{found.slug}/{secrets.token_hex(8)}{suffix}", file)
    upload = Upload.objects.create(
        workspace=found, name=title, symbol=symbol.strip()[:40], file_name=file_name, path=path, size=file.size,
        created_by=doer.user,
    )  # fmt: skip
    wake("backtests.tasks.read_uploads")
    return upload


@transaction.atomic
def add(
    *,
    arrays: Arrays,
    name: str,
    source: Source,
    workspace: Workspace | None = None,
    symbol: str = "",
    created_by: User | None = None,
    provenance: dict[str, Any] | None = None,
    parent: Dataset | None = None,
    report: Report | None = None,
    is_simulated: bool = False,
    accepted: bool = False,
) -> Dataset:
    """Store bars as a data set; one with faults waits for a decision, unless they were `accepted` before.

    Raises Invalid at `/file` for too few bars, and for bars that are less than a second or more than a year apart.
    """
    found = report or examine(arrays)
    moments = np.asarray(arrays["time"])
    if len(moments) < FEWEST_BARS:
        raise Invalid.field("/file", f"There are {len(moments)} bars; a backtest needs at least {FEWEST_BARS}.")
    if not 0 < found.step_sec <= LONGEST_STEP:
        raise Invalid.field("/file", "The bars must be a second to a year apart. Look at the column with the times.")
    path, sha256 = frames.keep(arrays)
    return Dataset.objects.create(
        workspace=workspace, name=_free_name(workspace, name, is_simulated=is_simulated), symbol=symbol,
        timeframe_sec=found.step_sec, source=source, is_simulated=is_simulated,
        provenance=provenance or {}, parent=parent, sha256=sha256, path=path, rows=len(moments),
        first=_moment(moments.min()), last=_moment(moments.max()),
        columns=[column for column in OPTIONAL if column in arrays], quality=found.as_json(),
        needs_decision=not found.is_clean and not accepted, created_by=created_by,
        accepted_at=timezone.now() if accepted and not found.is_clean else None,
    )  # fmt: skip


@transaction.atomic
def accept(*, dataset: Dataset, actor: Actor) -> Dataset:
    """Run on the bars as they are, faults included. Raises NotFound, Forbidden, and Conflict where that cannot be."""
    found, doer = _lock(dataset, actor)
    if not Report.from_json(found.quality).may_be_accepted:
        raise Conflict("No backtest can be run on these bars as they are: repair them.")
    if found.needs_decision:
        found.needs_decision, found.accepted_at = False, timezone.now()
        found.save(update_fields=["needs_decision", "accepted_at"])
        _record("dataset.accepted", found, doer)
    return found


@transaction.atomic
def repaired(*, dataset: Dataset, actor: Actor, fill_gaps: bool = False) -> Dataset:
    """A data set with the faults of this one mended; this one stays. Gaps that are left are accepted with it.

    Raises NotFound, Forbidden, QuotaExhausted and Invalid.
    """
    found, doer = _lock(dataset, actor)
    _check_room(_owner(found))
    bars, done = mending.repair(frames.arrays(found), fill_gaps=fill_gaps)
    return _derive(found, doer, bars, f"{found.name} repaired", {"done": done})


@transaction.atomic
def resampled(*, dataset: Dataset, actor: Actor, workspace: Workspace, timeframe: str) -> Dataset:
    """A data set of longer bars made from this one, which may be one of everybody's.

    Raises NotFound, Forbidden, Conflict (faults undecided), QuotaExhausted and Invalid at `/timeframe`.
    """
    doer = access_workspace(actor, workspace)
    found = _readable(dataset, workspace)
    if found.needs_decision:
        raise Conflict("Accept or repair its faults first.")
    _check_room(lock_workspace(workspace))
    seconds = seconds_of(timeframe)
    bars = mending.resample(frames.arrays(found), seconds)
    if (count := len(bars["time"])) < FEWEST_BARS:
        text = f"That makes {count} bars; a backtest needs at least {FEWEST_BARS}. Choose a shorter timeframe."
        raise Invalid.field("/timeframe", text)
    name = f"{found.name} {name_of(seconds)}"
    return _derive(found, doer, bars, name, {"timeframe": name_of(seconds)}, workspace=workspace)


@transaction.atomic
def rename(*, dataset: Dataset, actor: Actor, name: str) -> Dataset:
    """Give a data set another name, in the table of results too; one of simulated bars goes on to say so.

    Raises NotFound, Forbidden and Invalid at `/name`.
    """
    found, doer = _lock(dataset, actor)
    wanted = name.strip()
    title = _labelled(wanted) if found.is_simulated else wanted
    if not wanted or len(title) > LONGEST_NAME:
        longest = LONGEST_NAME - len(title) + len(wanted)
        raise Invalid.field("/name", f"Use 1 to {longest} characters.")
    if Dataset.objects.for_workspace(_owner(found)).filter(name=title).exclude(pk=found.pk).exists():
        raise Invalid.field("/name", "There is a data set of this name.")
    before, found.name = found.name, title
    found.save(update_fields=["name"])
    _record("dataset.renamed", found, doer, before=before)
    workspace = _owner(found)
    after_commit(lambda: table.write(workspace))
    return found


@transaction.atomic
def remove(*, dataset: Dataset, actor: Actor) -> None:
    """Delete a data set. Results on it stay and name it; its bars are gone. Raises NotFound and Forbidden."""
    found, doer = _lock(dataset, actor)
    found.deleted_at = timezone.now()
    found.save(update_fields=["deleted_at"])
    _record("dataset.deleted", found, doer)
    transaction.on_commit(lambda: frames.forget(found))


def _derive(
    parent: Dataset, doer: Doer, bars: Arrays, name: str, how: dict[str, Any], workspace: Workspace | None = None
) -> Dataset:
    made = add(
        arrays=bars, name=name, source=Source.DERIVED, workspace=workspace or parent.workspace, symbol=parent.symbol,
        created_by=doer.user, provenance={**how, "from": parent.name, "sha256": parent.sha256}, parent=parent,
        is_simulated=parent.is_simulated,
        # What a repair or longer bars leave, gaps, was seen with the parent.
        accepted=True,
    )  # fmt: skip
    _record("dataset.derived", made, doer, parent=parent.pk)
    return made


def _lock(dataset: Dataset, actor: Actor) -> tuple[Dataset, Doer]:
    """The workspace's data set as it is now, locked, if the actor may change it; everybody's are nobody's to change."""
    rows = Dataset.objects.select_for_update(of=("self",)).select_related("workspace")
    found = rows.filter(pk=dataset.pk, deleted_at=None, workspace__isnull=False).first()
    if found is None:
        raise _none()
    return found, access_row(actor, found, what="data set")


def _owner(dataset: Dataset) -> Workspace:
    if dataset.workspace is None:
        raise _none()
    return dataset.workspace


def _readable(dataset: Dataset, workspace: Workspace) -> Dataset:
    found: Dataset | None = Dataset.objects.for_workspace(workspace).filter(pk=dataset.pk).first()
    if found is None:
        raise _none()
    return found


def _check_file(file: File[Any], file_name: str) -> str:
    suffix = "." + file_name.rpartition(".")[2].lower()
    if suffix not in SUFFIXES:
        raise Invalid.field("/file", "Bring a CSV, Parquet or Feather file.")
    if not 0 < file.size <= LARGEST_BYTES:
        raise Invalid.field("/file", f"The file must have 1 byte to {LARGEST_BYTES // 1024 // 1024} MB.")
    return suffix


def _check_room(workspace: Workspace) -> None:
    """Under the lock of the workspace's row."""
    if Dataset.objects.filter(workspace=workspace, deleted_at=None).count() >= MOST_DATASETS:
        raise QuotaExhausted(f"This workspace has {MOST_DATASETS} data sets. Delete one first.")
    waiting = Upload.objects.for_workspace(workspace).filter(state__in=[State.WAITING, State.RUNNING])
    if waiting.count() >= MOST_WAITING:
        raise QuotaExhausted(f"{MOST_WAITING} files are still to be read. Wait until one of them is done.")


def _free_name(workspace: Workspace | None, wanted: str, *, is_simulated: bool = False) -> str:
    """The name, with a number behind it when there is one such already."""
    longest, number = LONGEST_NAME - 5, 1
    name = wanted[:longest]
    if is_simulated and SIMULATED not in name.lower():
        name = _labelled(wanted[: longest - len(SIMULATED) - 1])
    rows = Dataset.objects.for_workspace(workspace) if workspace else Dataset.objects.filter(workspace=None)
    taken = set(rows.filter(name__startswith=name, deleted_at=None).values_list("name", flat=True))
    while (title := name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return title


def _labelled(name: str) -> str:
    return name if SIMULATED in name.lower() else f"{name} {SIMULATED}"


def _moment(micros: np.int64) -> datetime:
    return datetime.fromtimestamp(int(micros) / 1_000_000, tz=UTC)


def _none() -> NotFound:
    return NotFound("There is no such data set.")


def _record(action: str, dataset: Dataset, doer: Doer, **data: Any) -> None:
    audit.record(
        action=action, workspace=dataset.workspace, actor=doer.user, actor_label=doer.label, target=dataset.name,
        dataset=dataset.pk, **data,
    )  # fmt: skip
