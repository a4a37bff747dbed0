"""What runs leave behind as files, through Django's storage, in the layout that tools of former times know.

    rbi_pp_multi/<workspace>/backtest_stats.csv
    rbi_pp_multi/<workspace>/<run name>-<run id>/{research,backtests,backtests_final,execution_results,charts}/

The operator's workspace `default` is the root itself.
"""

from __future__ import annotations

import gzip
import json
from typing import Any, Literal, cast

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from accounts.models import Workspace
from backtests.models import Result, Run
from backtests.rows import file_name

ROOT = "rbi_pp_multi"
LEGACY = "default"
Folder = Literal["research", "backtests", "backtests_final", "execution_results", "charts"]
# Of ten: files of one run are read a few times and written in between two steps.
PACKED = 4


def store() -> Storage:
    """Where artefacts are kept: the alias `artefacts` of STORAGES."""
    return storages["artefacts"]


def workspace_folder(workspace: Workspace) -> str:
    """The folder of a workspace below the storage's root."""
    return ROOT if workspace.slug == LEGACY else f"{ROOT}/{workspace.slug}"


def run_folder(run: Run) -> str:
    """The folder of a run below the storage's root."""
    return f"{workspace_folder(run.workspace)}/{run.folder}"


def write(run: Run, folder: Folder, name: str, content: str | bytes) -> str:
    """Write a file of a run and return its path in the storage; one of the same name is replaced."""
    data = content.encode() if isinstance(content, str) else content
    return put(f"{run_folder(run)}/{folder}/{name}", data)


def put(path: str, data: bytes) -> str:
    """Store a file in the place of the one that has its name, also where the storage would give it another name."""
    files = store()
    if files.get_available_name(path) != path:
        files.delete(path)
    return files.save(path, ContentFile(data))


def read(path: str) -> bytes:
    """The content of a stored file. Raises FileNotFoundError."""
    with store().open(path) as file:
        return cast(bytes, file.read())


def result_name(result: Result) -> str:
    """The name of a result's files, without an ending: unique in its run."""
    kind = "optimised" if result.is_optimised else "result"
    return f"{file_name(result.idea, result.strategy)}_d{result.dataset_id}_{kind}"


def save_result_document(result: Result, document: dict[str, Any]) -> str:
    """Store what is too large for a row and return its path: see `backtests.documents` for what is in it."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    packed = gzip.compress(text.encode(), PACKED, mtime=0)
    return write(result.run, "execution_results", f"{result_name(result)}.json.gz", packed)


def load_result_document(result: Result) -> dict[str, Any]:
    """What `save_result_document` stored. Raises FileNotFoundError when the result has no document."""
    if not result.path:
        raise FileNotFoundError(result.path)
    return cast(dict[str, Any], json.loads(gzip.decompress(read(result.path))))


def delete_folder(folder: str) -> None:
    """Delete everything below a folder of the storage; nothing happens when it is not there."""
    if not folder.startswith(f"{ROOT}/"):
        raise ValueError("only what belongs to a run or a workspace is deleted")
    _delete(store(), folder)


def _delete(files: Storage, folder: str) -> None:
    try:
        folders, names = files.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        files.delete(f"{folder}/{name}")
    for name in folders:
        _delete(files, f"{folder}/{name}")
    # On a disk an empty folder stays otherwise; object stores have none.
    files.delete(folder)
