"""A new run: what ideas become while they are typed, parameters as a form, and the start."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User, Workspace
from backtests.models import Dataset, Run, RunDay
from backtests.portal.asking import PRICES, drafted
from backtests.rbi.blueprints import LIBRARY
from billing.models import Plan
from moondev.lib.clock import now
from tests.backtests.making import CODE, dataset_row
from tests.portal.backtests.conftest import Text

NEW, DRAFT = "/portal/backtests/new/", "/portal/backtests/draft/"
VAGUE = "Mean reversion after a funding rate extreme"
HALF = "Buy when RSI(14) is below 30 and flurb the gnarl"


@pytest.fixture
def dataset(team: Workspace, olivia: User) -> Dataset:
    return dataset_row(team, olivia)


def knobs_of(page: str) -> dict[str, str]:
    """The parameters' fields by their labels' names."""
    return {found[2]: found[1] for found in re.finditer(r'name="(p-[0-9a-f]{8}-(\w+))"', page)}


def asked(dataset: Dataset, **values: Any) -> dict[str, Any]:
    """A form as a browser sends it with everything usual."""
    usual = {"cash": "10000", "commission": "0.1", "spread": "0.02", "margin": "1", "exclusive_orders": "on",
             "finalize_trades": "on", "optimise": "on", "lookahead": "on", "cells": "60", "revisions": "10",
             "datasets": dataset.pk, "ideas": VAGUE}  # fmt: skip
    return usual | values


def test_it_offers_data_that_is_ready_and_names_the_rest(
    owner: Client, dataset: Dataset, team: Workspace, olivia: User, text: Text
) -> None:
    dataset_row(team, olivia, name="Faulty", needs_decision=True)
    page = text(owner, NEW)
    assert "BTC hourly: 1h, 400 bars, Jan 2024 to Jan 2024" in page
    assert "Faulty: 1h" not in page
    assert "Not ready, because faults were found" in page


def test_it_says_what_each_word_became_and_what_was_assumed(owner: Client, text: Text) -> None:
    page = text(owner, DRAFT, {"ideas": f"# a comment\n{VAGUE}\n\nhttps://example.com/paper.pdf"})
    for words in ("Idea 1", "Matched to a blueprint", "What each word became", "mean reversion", "Assumed",
                  "stand-in", "Idea 2", "A link"):  # fmt: skip
        assert words in page
    assert "Idea 3" not in page


def test_it_offers_what_else_may_be_meant_in_words_that_lead_there(owner: Client, text: Text) -> None:
    page = text(owner, DRAFT, {"ideas": VAGUE})
    offered = re.findall(rf'data-instead-of="{VAGUE}" data-idea="([^"]+)">([^<]+)<', page)
    assert offered
    for words, title in offered:
        assert title == LIBRARY[drafted(words, PRICES | {"volume"}).blueprint].title


def test_it_says_parameters_as_people_do(owner: Client, text: Text) -> None:
    page = text(owner, DRAFT, {"ideas": "buy when RSI(14) < 30, sell when RSI > 70, stop 2 ATR"})
    for label in (">RSI period (bars)<", ">RSI below<", ">Stop ATR<"):
        assert label in page


def test_what_else_it_may_mean_keeps_the_numbers(owner: Client, text: Text) -> None:
    page = text(owner, DRAFT, {"ideas": f"{VAGUE} on 4h, stop 3%, risk 1%"})
    offered = re.findall(r'data-idea="([^"]+)"', page)
    assert offered
    assert all(words.endswith(", 4h, stop 3%, risk 1%") for words in offered)


def test_it_names_what_it_does_not_understand_word_by_word(owner: Client, text: Text) -> None:
    page = text(owner, DRAFT, {"ideas": "flurb the gnarl"})
    assert "Will not run" in page
    assert "“flurb”" in page
    assert "“gnarl”" in page


def test_it_looks_at_code_and_never_runs_it(owner: Client, text: Text) -> None:
    pasted = f"Here you go:\n```python\n{CODE}\n    def next(self):\n        self.buy(size=self.data.Close[1])\n```"
    page = text(owner, DRAFT, {"ideas": pasted})
    assert "Your code" in page
    assert "taken out of its markdown fence" in page


def test_it_calls_a_script_that_is_cut_off_cut_off(owner: Client, text: Text) -> None:
    page = text(owner, DRAFT, {"ideas": CODE[: CODE.index("pass")] + "if self.data.Close[-1] > ("})
    assert "Cut off" in page


def test_it_keeps_what_was_changed_and_names_what_is_wrong(owner: Client, text: Text) -> None:
    names = knobs_of(text(owner, DRAFT, {"ideas": VAGUE}))
    page = text(owner, DRAFT, {"ideas": f"{VAGUE}\nbuy low sell high", names["stop_atr"]: "2.5"})
    assert re.search(rf'name="{names["stop_atr"]}" value="2.5"', page)
    page = text(owner, DRAFT, {"ideas": VAGUE, names["atr_period"]: "9999"})
    assert "At most" in page


def test_it_shows_nothing_for_an_empty_box(owner: Client, text: Text) -> None:
    assert "Write an idea, or press an example." in text(owner, DRAFT, {"ideas": "# only this"})


def test_it_starts_a_run_with_everything_that_was_asked_for(
    owner: Client, dataset: Dataset, olivia: User, text: Text
) -> None:
    names = knobs_of(text(owner, DRAFT, {"ideas": VAGUE}))
    values = asked(dataset, name="My try", commission="0.2", seed="7", **{names["stop_atr"]: "2.5"})
    page = text(owner, NEW, values)
    assert "Queued" in page
    assert "Waits for a worker" in page
    run = Run.objects.get()
    assert (run.name, run.created_by, run.seed) == ("My try", olivia, 7)
    assert list(run.datasets.all()) == [dataset]
    assert run.settings["commission"] == pytest.approx(0.002)
    assert run.settings["trade_on_close"] is False
    assert run.ideas.get().edits == {"parameters": {"stop_atr": 2.5}}


def test_it_takes_a_script_as_a_file(owner: Client, dataset: Dataset, text: Text) -> None:
    file = SimpleUploadedFile("strategy.py", CODE.encode())
    text(owner, NEW, asked(dataset, ideas="", script=file))
    assert Run.objects.get().ideas.get().kind == "code"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ideas": ""}, "Write at least one idea"),
        ({"cash": "0"}, "cash is at least 1"),
        ({"commission": "50"}, "commission is at least 0 and at most"),
        ({"cells": "0"}, "greater than or equal to 1"),
        ({"datasets": "999999"}, "not one of the available choices"),
        ({"script": "both"}, "not both"),
    ],
)
def test_it_names_what_is_wrong_and_starts_nothing(
    values: dict[str, Any], words: str, owner: Client, dataset: Dataset, text: Text
) -> None:
    if "script" in values:
        values = {"script": SimpleUploadedFile("strategy.py", CODE.encode())}
    assert words in text(owner, NEW, asked(dataset, **values), status=422)
    assert not Run.objects.exists()


def test_it_starts_nothing_with_a_parameter_out_of_its_bounds(owner: Client, dataset: Dataset, text: Text) -> None:
    names = knobs_of(text(owner, DRAFT, {"ideas": VAGUE}))
    page = text(owner, NEW, asked(dataset, **{names["atr_period"]: "0"}), status=422)
    assert "At least" in page
    assert not Run.objects.exists()


def test_it_reads_ideas_without_a_script_in_the_browser(owner: Client, dataset: Dataset, text: Text) -> None:
    assert "Matched to a blueprint" in text(owner, NEW, asked(dataset, look="1"))
    assert not Run.objects.exists()


def test_it_says_that_todays_runs_are_used_up(owner: Client, dataset: Dataset, team: Workspace, text: Text) -> None:
    Plan.objects.filter(name="pro").update(backtest_runs_per_day=2)
    RunDay.objects.create(workspace=team, day=now().date(), runs=2)
    assert "No run left today." in text(owner, NEW)
    assert "includes 2 backtest runs a day" in text(owner, NEW, asked(dataset), status=422)
