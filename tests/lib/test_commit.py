"""Deeds that follow a commit and cannot undo it."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from moondev.lib.commit import after_commit

pytestmark = pytest.mark.django_db(transaction=True)


def fail(what: str) -> None:
    raise ConnectionError(what)


def test_it_waits_for_the_commit() -> None:
    done: list[str] = []
    with transaction.atomic():
        after_commit(partial(done.append, "letter"))
        assert done == []
    assert done == ["letter"]


def test_it_does_nothing_for_what_was_undone() -> None:
    done: list[str] = []
    with transaction.atomic():
        after_commit(partial(done.append, "letter"))
        transaction.set_rollback(True)
    assert done == []


def test_it_fails_nobody_and_lets_the_next_deed_be_done(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    with transaction.atomic():
        after_commit(partial(fail, "the mail server is away"))
        after_commit(partial(done.append, "letter"))
    assert done == ["letter"]
    assert "the mail server is away" in caplog.text


def test_it_fails_nobody_outside_a_transaction(caplog: pytest.LogCaptureFixture) -> None:
    after_commit(partial(fail, "the mail server is away"))
    assert "the mail server is away" in caplog.text
