"""One result: its numbers with their formulas, its curves, its files."""

from __future__ import annotations

import csv
import io
import json

from django.test import Client

from accounts.models import User, Workspace
from backtests import artefacts
from backtests.models import Dataset, Folder, Result
from backtests.portal import documents, drawing
from backtests.portal.curves import CANDLES, PARTS
from tests.backtests.making import dataset_row, finished
from tests.portal.backtests.conftest import Text


def page_of(result: Result) -> str:
    return f"/portal/backtests/results/{result.pk}/"


def test_it_shows_numbers_formulas_notes_and_where_they_come_from(owner: Client, result: Result, text: Text) -> None:
    page = text(owner, page_of(result))
    for words in (
        "+12.34 %",
        "(E last − E first) ÷ E first.",
        "not judged",
        "Clean",
        "One trade was open at the end",
        "fast 10, slow 30",
        "class Cross(Strategy)",
        "hello from the strategy",
        "Monthly returns",
    ):
        assert words in page


def test_it_says_of_simulated_data_what_they_are(owner: Client, team: Workspace, olivia: User, text: Text) -> None:
    made = finished(team, olivia, dataset=dataset_row(team, olivia, name="Made up", is_simulated=True))
    assert "Simulated data." in text(owner, page_of(made))
    name = owner.get(f"{page_of(made)}trades.csv")["Content-Disposition"]
    assert 'filename="simulated-' in name


def test_it_warns_of_what_may_see_the_future(owner: Client, result: Result, text: Text) -> None:
    evidence = [{"text": "The order of bar 12 changed."}]
    Result.objects.filter(pk=result.pk).update(lookahead="suspect", lookahead_evidence=evidence)
    page = text(owner, page_of(result))
    assert "It may see the future" in page
    assert "The order of bar 12 changed." in page


def test_it_says_how_the_idea_was_read(owner: Client, result: Result, text: Text) -> None:
    read = {
        "path": "stated rules",
        "rules": ["Buy when SMA(10) crosses over SMA(30)."],
        "pieces": [{"words": "buy when", "became": "Opens a long position."}],
        "assumptions": [{"name": "size", "value": "95 % of the equity", "why": "None was stated."}],
        "not_understood": [{"text": "flurb", "hint": "Nobody knows it."}],
    }
    type(result.strategy).objects.filter(pk=result.strategy_id).update(interpretation=read)
    page = text(owner, page_of(result))
    for words in ("Opens a long position.", "Size: 95 % of the equity", "“flurb”", "crosses over SMA(30)."):
        assert words in page


def test_it_maps_an_optimisation_and_marks_the_chosen_place(owner: Client, result: Result, text: Text) -> None:
    page = text(owner, page_of(result))
    assert "9 sets of parameters tried" in page
    assert "<b>-5.00 %</b> ◆" in page


def test_it_sends_its_curves_to_the_script(owner: Client, result: Result) -> None:
    found = owner.get(f"{page_of(result)}series/").json()
    assert len(found["times"]) == len(found["equity"]) == len(found["hold"]) == len(found["drawdown"]) == 400
    assert len(found["trades"]) == 4
    span = owner.get(f"{page_of(result)}series/", {"from": found["times"][100], "to": found["times"][149]}).json()
    assert len(span["times"]) == 50
    assert len(span["trades"]) == 1


def test_it_sends_of_a_long_result_what_a_screen_can_show(owner: Client, team: Workspace, olivia: User) -> None:
    result = finished(team, olivia, dataset=dataset_row(team, olivia, count=50_000))
    answer = owner.get(f"{page_of(result)}series/")
    found = answer.json()
    # Three curves keep two points each of every part, and the ends.
    assert 1_000 < len(found["times"]) == len(found["equity"]) <= 6 * PARTS + 2
    assert len(found["candles"]["times"]) <= CANDLES
    assert len(answer.content) < 250_000


def test_it_answers_a_span_of_nothing_with_two_bars(owner: Client, result: Result) -> None:
    for query in ({"from": 1, "to": 0}, {"from": 10**12}, {"to": -5}, {"from": "x"}):
        assert len(owner.get(f"{page_of(result)}series/", query).json()["times"]) >= 2


def test_it_shows_the_numbers_when_the_curves_are_gone(owner: Client, result: Result, text: Text) -> None:
    artefacts.store().delete(result.path)
    page = text(owner, page_of(result))
    assert "not kept any more" in page
    assert "+12.34 %" in page
    assert owner.get(f"{page_of(result)}series/").status_code == 404


def test_it_sends_files_as_attachments_without_rights(owner: Client, result: Result) -> None:
    for name in ("trades.csv", "result.json", "report.html", "strategy.py"):
        answer = owner.get(f"{page_of(result)}{name}")
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment; ")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]


def test_it_writes_trades_as_csv_that_no_spreadsheet_runs(owner: Client, result: Result) -> None:
    document = artefacts.load_result_document(result)
    document["trades"][0]["tag"] = "=cmd()"
    result.path = artefacts.save_result_document(result, document)
    result.save()
    rows = list(csv.DictReader(io.StringIO(owner.get(f"{page_of(result)}trades.csv").content.decode())))
    assert len(rows) == 4
    assert rows[0]["tag"] == "'=cmd()"
    assert rows[1]["side"] == "short"
    assert rows[0]["entry_time"] == "2024-01-01T20:00:00Z"


def test_it_writes_everything_as_json(owner: Client, result: Result) -> None:
    found = json.loads(owner.get(f"{page_of(result)}result.json").content)
    assert found["Return %"] == 12.34
    assert len(found["equity"]) == 400
    assert found["parameters"] == {"fast": 10, "slow": 30}


def test_a_report_runs_nothing_that_a_strategy_wrote(owner: Client, result: Result) -> None:
    code = "<script>alert(1)</script>"
    type(result.strategy).objects.filter(pk=result.strategy_id).update(code=code, name=code)
    report = owner.get(f"{page_of(result)}report.html").content.decode()
    assert "<script" not in report
    assert "&lt;script&gt;" in report


def test_it_goes_into_a_folder_once(owner: Client, team: Workspace, olivia: User, result: Result, text: Text) -> None:
    folder = Folder.objects.create(workspace=team, name="Best", created_by=olivia)
    for words in ("It is in “Best” now.", "It is in “Best” already."):
        assert words in text(owner, f"{page_of(result)}file/", {"folder": folder.pk})
    assert folder.entries.count() == 1


def test_it_is_put_into_no_folder_of_others(
    owner: Client, stranger: Client, strangers_workspace: Workspace, result: Result, text: Text
) -> None:
    other = Folder.objects.create(workspace=strangers_workspace, name="Sam's")
    assert "Choose a folder." in text(owner, f"{page_of(result)}file/", {"folder": other.pk})
    assert not other.entries.exists()


def test_long_curves_reach_the_browser_in_few_points(team: Workspace, olivia: User) -> None:
    dataset: Dataset = dataset_row(team, olivia, count=50_000)
    document = documents.load(finished(team, olivia, dataset=dataset))
    assert document is not None
    found = drawing.drawn(document)
    assert len(found["times"]) <= 3_100
    assert len(found["candles"]["times"]) <= 400
    assert max(found["equity"]) == float(f"{document.equity.max():.7g}")
    assert min(found["drawdown"]) == float(f"{document.drawdown.min():.7g}")
