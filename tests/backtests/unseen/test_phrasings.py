"""Forty phrasings by somebody who had not seen the grammar, with what each means."""

from __future__ import annotations

from typing import Any

import pytest

from backtests.rbi import drafter
from tests.backtests.unseen.judging import PHRASINGS, mistakes

STATED = [phrasing for phrasing in PHRASINGS if phrasing["kind"] == "stated"]


def test_it_has_forty() -> None:
    assert len(PHRASINGS) == 40


@pytest.mark.parametrize("phrasing", PHRASINGS, ids=lambda phrasing: phrasing["text"][:50])
def test_it_reads_what_is_meant(phrasing: dict[str, Any]) -> None:
    assert mistakes(phrasing) == []


@pytest.mark.parametrize("phrasing", STATED, ids=lambda phrasing: phrasing["text"][:50])
def test_it_never_runs_something_else_than_the_rules_that_are_stated(phrasing: dict[str, Any]) -> None:
    assert drafter.draft(phrasing["text"]).path != "blueprint"
