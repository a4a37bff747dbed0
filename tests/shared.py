"""Rows that all tests of a class start from: made once, where each would make them anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import TestCase
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="class")
def shared_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A transaction around those of the class's tests: what fixtures of the class write is there until its end.

    A test gets copies of objects (`copy.deepcopy`), as it may change its own, and has no use for `transactional_db`.
    """
    around: type = TestCase
    with django_db_blocker.unblock():
        atomics = around._enter_atomics()  # type: ignore[attr-defined]
        try:
            yield
        finally:
            around._rollback_atomics(atomics)  # type: ignore[attr-defined]
