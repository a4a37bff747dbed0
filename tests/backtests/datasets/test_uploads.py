"""Uploads whose reading breaks on our side: the file is not blamed, and no worker reads without a boundary."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from accounts.models import User, Workspace
from backtests import hold, warm
from backtests.datasets import store, uploads
from backtests.models import Upload
from backtests.sandbox import BoundaryMissing, Job, Level, Outcome, Sandbox
from moondev.lib.queue import State
from tests.backtests.datasets.test_store import LINES, file_of

pytestmark = pytest.mark.django_db
Put = Callable[[Sandbox], None]


class Dying(Sandbox):
    """Its warm parent dies as soon as a job was sent off."""

    def run(self, job: Job, **_: Any) -> Outcome:
        started = self.start(job)
        self.close()
        return started.wait()


class Open(Sandbox):
    """It finds no boundary any more."""

    def run(self, job: Job, **_: Any) -> Outcome:
        raise BoundaryMissing("clone: not permitted")


@pytest.fixture
def put() -> Iterator[Put]:
    """Puts a sandbox in the place of this process's own."""
    warm.close()
    yield warm._started.append
    warm.close()


@pytest.fixture
def upload(workspace: Workspace, olivia: User) -> Upload:
    return store.add_upload(workspace=workspace, actor=olivia, file=file_of(LINES))


def again(upload: Upload) -> Upload:
    """After one more try."""
    Upload.objects.filter(pk=upload.pk).update(due_at=timezone.now())
    assert uploads.work() == 1
    upload.refresh_from_db()
    return upload


@contextmanager
def asked_to_end() -> Iterator[list[int]]:
    """Signals that this process was sent, which ends for none of them."""
    signals: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: signals.append(number))
    try:
        yield signals
    finally:
        signal.signal(signal.SIGTERM, before)
        hold.stopping.clear()


@pytest.mark.slow
def test_it_reads_a_file_again_when_the_sandbox_died_and_blames_itself_after_three_times(
    upload: Upload, put: Put
) -> None:
    put(Dying(weakest=Level.SECCOMP_NO_OPEN, load="nothing"))
    assert (again(upload).state, upload.attempts, upload.refused) == (State.WAITING, 1, "")
    Upload.objects.filter(pk=upload.pk).update(attempts=2)
    assert again(upload).state == State.DONE
    assert (
        upload.refused == "Something broke on our side three times. We have been told; nothing is wrong with your file."
    )


def test_it_tries_again_when_the_storage_is_away(upload: Upload) -> None:
    storages["artefacts"].delete(upload.path)
    assert (again(upload).state, upload.attempts, upload.refused) == (State.WAITING, 1, "")


def test_it_ends_the_worker_that_has_no_boundary_and_leaves_the_file_to_another(upload: Upload, put: Put) -> None:
    put(Open(weakest=Level.SECCOMP_NO_OPEN, load="nothing"))
    with asked_to_end() as signals:
        again(upload)
        assert hold.stopping.is_set()
    assert signals == [signal.SIGTERM]
    assert (upload.state, upload.attempts, upload.refused) == (State.WAITING, 0, "")


def test_it_does_not_blame_a_file_whose_readers_were_killed(upload: Upload) -> None:
    Upload.objects.filter(pk=upload.pk).update(attempts=3)
    assert "each time the machine that did it stopped" in again(upload).refused
