"""Uploads on their way: a child reads the file, what it answers is checked, and bars become a data set."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import structlog
from django.core.files.storage import storages
from django.db import transaction

from backtests import warm
from backtests.datasets import store
from backtests.datasets.inside.bars import OPTIONAL, PRICES
from backtests.datasets.inside.moments import BEGIN, END
from backtests.datasets.quality import Example, Fault, examine
from backtests.engine.failing import OURS
from backtests.hold import stopping
from backtests.models import Source, Upload
from backtests.sandbox import BoundaryMissing, Job, Limits, Outcome
from moondev.lib.errors import AppError

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
LIMITS = Limits(cpu_sec=60, wall_sec=90, memory_mb=1536, output_mb=96)
MOST_ROWS = 1_000_000
MOST_TRIES = 3
# After something of ours broke.
PAUSE = timedelta(seconds=5)
LONGEST_TEXT = 500
LOST = "Reading was begun three times and each time the machine that did it stopped. Upload the file again, or tell us."
BROKEN = "Something broke on our side three times. We have been told; nothing is wrong with your file."
UNREAD = "The file could not be read: it is not what its name says, or too large to be read in time."


class _Refused(Exception):
    """The file is no data set; the text is for the customer."""


class _Interrupted(RuntimeError):
    """The sandbox broke and not the file: it is read again."""


def work() -> int:
    """Read the files that wait; returns how many. One whose reading is cut short is read again, three times at most."""
    done = 0
    while not stopping.is_set() and (claimed := Upload.objects.claim(1, lease=LEASE)):
        _perform(claimed[0])
        done += 1
    return done


def _perform(upload: Upload) -> None:
    """Bring a claimed file to its end, or give it back for another try or another worker."""
    if upload.attempts > MOST_TRIES:
        _refuse(upload, LOST)
        return
    try:
        _read(upload)
    except BoundaryMissing as missing:
        upload.give_back()
        warm.end_process(str(missing))
    except Exception:
        log.exception("reading an upload broke", upload=upload.pk)
        _broke(upload)


def _broke(upload: Upload) -> None:
    if stopping.is_set():
        upload.give_back()
    elif upload.attempts >= MOST_TRIES:
        _refuse(upload, BROKEN)
    else:
        upload.retry("broke", after=PAUSE)


def _read(upload: Upload) -> None:
    try:
        arrays, unreadable = _arrays(_outcome(upload), upload)
        _finish(upload, arrays, unreadable)
    except _Refused as refusal:
        _refuse(upload, str(refusal))
    except AppError as error:
        _refuse(upload, error.detail)


def _outcome(upload: Upload) -> Outcome:
    with storages["artefacts"].open(upload.path) as file:
        content = file.read()
    suffix = "." + upload.path.rpartition(".")[2]
    return warm.sandbox().run(Job("table", {"suffix": suffix}, {"file": content}, LIMITS))


def _arrays(outcome: Outcome, upload: Upload) -> tuple[dict[str, np.ndarray], Fault | None]:
    """The bars and the lines that were set aside, out of an answer that nobody vouches for."""
    document: Any = outcome.document
    # A child's own word comes as "error", so none can claim this.
    if outcome.ended == "crashed" and outcome.error and outcome.error.kind == OURS:
        raise _Interrupted(outcome.error.message)
    if outcome.ended != "done" or not isinstance(document, dict):
        log.info("an upload could not be read", upload=upload.pk, ended=outcome.ended)
        raise _Refused(UNREAD)
    if isinstance(document.get("refused"), str):
        raise _Refused(document["refused"][:LONGEST_TEXT])
    try:
        return _columns(document["columns"]), _unreadable(document["unreadable"])
    except (KeyError, TypeError, ValueError, binascii.Error, zlib.error) as error:
        raise _Refused(UNREAD) from error


def _columns(packed: Mapping[str, Any]) -> dict[str, np.ndarray]:
    names = [name for name in ("time", *PRICES, *OPTIONAL) if name in packed]
    arrays = {name: _unpack(packed[name], "<i8" if name == "time" else "<f8") for name in names}
    lengths = {len(values) for values in arrays.values()}
    if len(lengths) != 1 or not set(PRICES) | {"time"} <= set(arrays):
        raise ValueError("The columns do not fit together.")
    if ((arrays["time"] < BEGIN) | (arrays["time"] >= END)).any():
        raise ValueError("A time is in no year of which there are bars.")
    return arrays


def _unpack(text: str, kind: str) -> np.ndarray:
    inflating = zlib.decompressobj()
    content = inflating.decompress(base64.b64decode(text, validate=True), MOST_ROWS * 8 + 1)
    if len(content) > MOST_ROWS * 8 or len(content) % 8:
        raise ValueError("A column is too long.")
    return np.frombuffer(content, dtype=kind).astype(kind[1:])


def _unreadable(found: Mapping[str, Any]) -> Fault | None:
    count = int(found["count"])
    examples = tuple(Example(int(line), None, str(text)[:80]) for line, text in found["lines"][:20])
    return Fault("unreadable", count, examples) if 0 < count <= MOST_ROWS else None


@transaction.atomic
def _finish(upload: Upload, arrays: dict[str, np.ndarray], unreadable: Fault | None) -> None:
    dataset = store.add(
        arrays=arrays, name=upload.name, source=Source.UPLOAD, workspace=upload.workspace, symbol=upload.symbol,
        created_by=upload.created_by, provenance={"file": upload.file_name, "bytes": upload.size},
        report=examine(arrays, unreadable=unreadable),
    )  # fmt: skip
    upload.dataset = dataset
    _settle(upload)


def _refuse(upload: Upload, text: str) -> None:
    upload.refused = text[:LONGEST_TEXT]
    with transaction.atomic():
        _settle(upload)


def _settle(upload: Upload) -> None:
    """Under the caller's transaction: whoever lost the lease stores nothing."""
    if not upload.finish():
        transaction.set_rollback(True)
        return
    upload.save(update_fields=["dataset", "refused"])
    transaction.on_commit(lambda: storages["artefacts"].delete(upload.path))
