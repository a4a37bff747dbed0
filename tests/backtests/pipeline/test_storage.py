"""Files of runs and data sets in a storage that is no disk and has no paths, as object stores."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.storage import storages
from pytest_django.fixtures import Settings

from accounts.models import User
from backtests import artefacts, services
from backtests.models import Result, Status
from tests.backtests.pipeline import ideas
from tests.backtests.pipeline.conftest import Finish, Start

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def memory(settings: Settings) -> None:
    """Comes before the data set that runs are made on. It gives a second file of one name another name."""
    settings.STORAGES = {
        **settings.STORAGES,
        "artefacts": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }


def below(folder: str) -> list[str]:
    """The files below a folder."""
    folders, names = storages["artefacts"].listdir(folder)
    held = [f"{folder}/{name}" for name in names]
    return sorted([*held, *(name for one in folders for name in below(f"{folder}/{one}"))])


def test_it_keeps_files_in_a_storage_without_paths(memory: None, start: Start, finish: Finish, olivia: User) -> None:
    for _ in range(2):
        start(ideas.SPECIFICATION)
        (run,) = finish()
        assert (run.status, run.error_text) == (Status.COMPLETE, "")
    root, folder = f"{artefacts.ROOT}/{run.workspace.slug}", artefacts.run_folder(run)
    assert [name for name in below(root) if "stats" in name] == [f"{root}/backtest_stats.csv"]
    rows = list(csv.DictReader(io.StringIO(artefacts.read(f"{root}/backtest_stats.csv").decode())))
    assert [row["Strategy Name"] for row in rows] == ["Crossing averages"] * 2
    assert artefacts.read(f"{root}/{rows[1]['File Path']}").decode().startswith(('"""', "from", "import", "#"))
    assert len(artefacts.load_result_document(Result.objects.get(run=run))["equity"]) == 600
    services.delete_run(run=run, actor=olivia)
    assert [name for name in below(root) if name.startswith(folder)] == []
