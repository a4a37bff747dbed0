"""The bars of a data set: from Django's storage into a file on this machine that a child may read."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, transaction

from backtests.datasets.inside import bars
from backtests.models import Dataset
from moondev.lib.errors import NotFound

FOLDER = "datasets"
CACHE = "cache/datasets"
# Files on this machine that nobody has read for longer are taken away when there are more of them than this.
MOST_CACHED = 200
CSV_ROWS = 2_000
# Any number that no other part of the product takes; the beginning of the bars' hash is the second.
LOCK = 0x62617273


def keep(arrays: bars.Arrays) -> tuple[str, str]:
    """Write bars into storage; returns their path and hash. Equal bars have one file, whoever brought them.

    Inside the transaction that stores their row: until its end nobody forgets the file.
    """
    content = bars.pack(arrays)
    sha256 = hashlib.sha256(content).hexdigest()
    _lock(sha256)
    name = f"{FOLDER}/{sha256[:2]}/{sha256}.npz"
    storage = storages["artefacts"]
    if not storage.exists(name):
        name = storage.save(name, ContentFile(content))
    return name, sha256


def path(dataset: Dataset) -> Path:
    """The bars as a local file, read-only, fetched from storage when it is not here yet.

    Raises NotFound when the data set was deleted or its file is gone or is another than it was.
    """
    local = Path(settings.DATA_DIR) / CACHE / f"{dataset.sha256}.npz"
    if dataset.deleted_at is not None:
        raise NotFound("This data set was deleted.")
    if local.exists():
        os.utime(local)
        return local
    content = _fetch(dataset)
    local.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=local.parent, delete=False) as file:
        file.write(content)
    Path(file.name).chmod(0o444)
    # Whole or not at all, also when two workers fetch it at once.
    Path(file.name).replace(local)
    _tidy(local.parent)
    return local


def arrays(dataset: Dataset) -> dict[str, np.ndarray]:
    """The bars as arrays. Raises as `path`."""
    return bars.unpack(path(dataset))


def forget(dataset: Dataset) -> None:
    """Take a deleted data set's file out of storage, unless another data set has the same bars."""
    with transaction.atomic():
        _lock(dataset.sha256)
        if Dataset.objects.filter(sha256=dataset.sha256, deleted_at=None).exists():
            return
        storages["artefacts"].delete(dataset.path)
        (Path(settings.DATA_DIR) / CACHE / f"{dataset.sha256}.npz").unlink(missing_ok=True)


def csv_of(dataset: Dataset) -> Iterator[str]:
    """The bars as CSV, in pieces: times in ISO 8601 without a zone (UTC), then the columns by their titles."""
    held = arrays(dataset)
    names = [name for name in held if name != "time"]
    yield ",".join(["datetime", *(bars.TITLES[name] for name in names)]) + "\r\n"
    moments = held["time"].astype("datetime64[us]")
    for start in range(0, len(moments), CSV_ROWS):
        piece = slice(start, start + CSV_ROWS)
        texts = np.datetime_as_string(moments[piece], unit="s")
        columns = [np.char.replace(texts, "T", " ").tolist(), *(held[name][piece].tolist() for name in names)]
        text = io.StringIO()
        csv.writer(text).writerows(zip(*columns, strict=True))
        yield text.getvalue()


def _lock(sha256: str) -> None:
    """Until the end of the transaction: a row that is not committed yet is seen by nobody who looks for equal bars."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, int(sha256[:8], 16) - 2**31])


def _fetch(dataset: Dataset) -> bytes:
    storage = storages["artefacts"]
    if not storage.exists(dataset.path):
        raise NotFound("The bars of this data set are gone.")
    with storage.open(dataset.path) as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != dataset.sha256:
        raise NotFound("The file of this data set is not the one that was stored.")
    return content


def _tidy(folder: Path) -> None:
    files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime)
    for file in files[:-MOST_CACHED]:
        file.unlink(missing_ok=True)
