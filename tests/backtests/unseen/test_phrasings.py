"""Forty phrasings by somebody who had not seen the grammar, with what each means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from backtests.rbi import drafter
from tests.backtests.unseen.judging import PHRASINGS, mistakes

# Not read yet: such a text runs nothing and says why.
NOT_YET = ("up to nothing else open",)
DOCS = Path(__file__).resolve().parents[3] / "docs" / "backtest_dashboard.md"
STATED = [phrasing for phrasing in PHRASINGS if phrasing["kind"] == "stated"]


def test_it_has_forty() -> None:
    assert len(PHRASINGS) == 40


@pytest.mark.parametrize("phrasing", PHRASINGS, ids=lambda phrasing: phrasing["text"][:50])
def test_it_reads_what_is_meant(phrasing: dict[str, Any]) -> None:
    if any(words in phrasing["text"] for words in NOT_YET):
        assert drafter.draft(phrasing["text"]).specification is None
        return
    assert mistakes(phrasing) == []


@pytest.mark.parametrize(("kind", "title"), [("stated", "stated rules"), ("vague", "vague ideas")])
def test_it_reads_as_many_as_the_docs_say(kind: str, title: str) -> None:
    chosen = [phrasing for phrasing in PHRASINGS if phrasing["kind"] == kind]
    right = sum(not mistakes(phrasing) for phrasing in chosen)
    found = re.search(rf"^\| {title} \| (\d+) \| \d+ \| (\d+) \|$", DOCS.read_text(), re.MULTILINE)
    assert found is not None
    assert (int(found[1]), int(found[2])) == (len(chosen), right)


@pytest.mark.parametrize("phrasing", STATED, ids=lambda phrasing: phrasing["text"][:50])
def test_it_never_runs_something_else_than_the_rules_that_are_stated(phrasing: dict[str, Any]) -> None:
    assert drafter.draft(phrasing["text"]).path != "blueprint"
