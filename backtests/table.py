"""`backtest_stats.csv` of a workspace: always what its rows say, rewritten whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.db import connection, transaction

from accounts.models import Workspace
from backtests import artefacts
from backtests.models import Result
from backtests.rows import COLUMNS, columns_of
from moondev.lib.cells import defuse

NAME = "backtest_stats.csv"
# Any number that no other part of the product takes; the workspace's is the second.
LOCK = 0x63737620


def write(workspace: Workspace) -> None:
    """Bring the file to what the rows are now. Called once a change of them is committed.

    Under a lock from before the reading until after the writing, so that of two writers the later has all rows.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, workspace.pk])
        text = "".join(lines(workspace))
        artefacts.put(path_of(workspace), text.encode())


def path_of(workspace: Workspace) -> str:
    """Where the file lies below the storage's root."""
    return f"{artefacts.workspace_folder(workspace)}/{NAME}"


def lines(workspace: Workspace) -> Iterator[str]:
    """The file's lines, the oldest result first. Cells that a spreadsheet would take for formulas are defused."""
    yield _line(COLUMNS)
    rows = Result.objects.for_workspace(workspace).select_related("strategy", "idea", "run", "dataset")
    for result in rows.order_by("created_at", "id").iterator(chunk_size=500):
        yield _line(tuple("" if value is None else value for value in columns_of(result).values()))


def _line(cells: tuple[object, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([defuse(cell) for cell in cells])
    return line.getvalue()
