"""From an idea to rows and files, in this process: real rows, a real sandbox."""

from __future__ import annotations

import csv
import io
import json

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User, Workspace
from backtests import artefacts, services, table
from backtests.models import Idea, Result, Run, Stage, StageState, Status, Strategy, Trial
from backtests.rows import COLUMNS
from tests.backtests.making import dataset_row
from tests.backtests.pipeline import ideas
from tests.backtests.pipeline.conftest import Finish, Start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(1)]
# Four values of each average, without the place where both have the same length.
CELLS = 15
STAGES = ["intake", "research", "draft", "check", "run", "optimise", "judge"]


def only(run: Run) -> Result:
    return Result.objects.get(run=run, is_optimised=False)


def test_it_takes_a_specification_through_every_stage(start: Start, finish: Finish) -> None:
    start(ideas.SPECIFICATION, name="waves", options={"optimise": True, "lookahead": True})
    (run,) = finish()
    assert (run.status, run.error_text) == (Status.COMPLETE, "")
    assert list(run.stages.values_list("name", flat=True)) == STAGES
    assert set(run.stages.values_list("state", flat=True)) == {StageState.DONE}
    plain, better = Result.objects.filter(run=run).order_by("is_optimised")
    assert plain.trades > 0
    assert better.return_pct > plain.return_pct
    assert {plain.lookahead, better.lookahead} == {"clean"}
    assert [row.lookahead_evidence[0]["optimised"] for row in (plain, better)] == [False, True]
    assert (plain.verdict, plain.sandbox_level != "") == ("not judged", True)


def test_it_turns_stated_rules_into_a_strategy(start: Start, finish: Finish) -> None:
    start(ideas.RULES)
    (run,) = finish()
    strategy = Strategy.objects.get(idea__run=run)
    assert (run.status, run.error_text) == (Status.COMPLETE, "")
    assert (strategy.origin, strategy.interpretation["path"]) == ("rules", "stated rules")
    assert (strategy.specification or {})["stop"]["kind"] == "percent"


def test_it_finds_a_blueprint_for_a_vague_idea(start: Start, finish: Finish) -> None:
    start(ideas.VAGUE)
    (run,) = finish()
    strategy = Strategy.objects.get(idea__run=run)
    assert (strategy.origin, strategy.interpretation["path"]) == ("blueprint", "blueprint")
    assert run.status in (Status.COMPLETE, Status.ERROR)
    assert Result.objects.filter(run=run).exists()


def test_it_says_that_an_idea_speaks_of_other_bars(start: Start, finish: Finish) -> None:
    start(f"{ideas.VAGUE} on the 4h")
    (run,) = finish()
    notes = {note["code"]: note["text"] for note in only(run).notes}
    assert notes["other_timeframe"] == "The idea speaks of 4h bars, which these have not: Waves."


def test_it_runs_a_customers_code_out_of_prose(start: Start, finish: Finish) -> None:
    start(f"Sure! Here is it:\n\n```python\n{ideas.CODE}```\n\nHave fun.")
    (run,) = finish()
    strategy = Strategy.objects.get(idea__run=run)
    assert (run.status, strategy.origin, strategy.name) == (Status.COMPLETE, "customer", "Crossing")
    assert only(run).trades > 0
    assert only(run).adaptations


def test_it_sets_the_numbers_that_were_edited_in_the_form(start: Start, finish: Finish) -> None:
    start(ideas.SPECIFICATION, edits={"0": {"parameters": {"fast": 15}}})
    (run,) = finish()
    assert only(run).parameters["fast"] == 15


def test_it_ends_an_idea_whose_edit_is_out_of_bounds(start: Start, finish: Finish) -> None:
    start(ideas.SPECIFICATION, edits={"0": {"parameters": {"fast": 99}}})
    (run,) = finish()
    assert run.status == Status.ERROR
    assert run.error_text == "fast is at most 20."


def test_it_lets_one_idea_fail_and_the_other_go_on(start: Start, finish: Finish) -> None:
    start(f"{ideas.VAGUE}\nthe moon is made of green cheese")
    (run,) = finish()
    good, bad = Idea.objects.filter(run=run)
    assert (run.status, good.status, bad.status) == (Status.COMPLETE, Status.COMPLETE, Status.ERROR)
    assert bad.error_code == "not_understood"
    assert run.progress["says"] == "1 of 2 ideas came to a result"


def test_it_fails_a_run_of_which_nothing_comes(start: Start, finish: Finish) -> None:
    start(ideas.BROKEN)
    (run,) = finish()
    assert (run.status, run.error_code) == (Status.ERROR, "runtime")
    assert "meen" in run.error_text
    made = run.stages.get(name="run").made
    assert (made["line"], "meen" in made["traceback"]) == (7, True)


def test_it_says_why_a_strategy_never_trades(start: Start, finish: Finish) -> None:
    start(ideas.NEVER)
    (run,) = finish()
    assert (run.status, run.error_code) == (Status.ERROR, "no_trades")
    assert run.error_text
    assert only(run).trades == 0
    assert "no_trades" in [note["code"] for note in only(run).notes]


def test_it_runs_on_every_data_set_that_was_named(
    start: Start, finish: Finish, workspace: Workspace, olivia: User
) -> None:
    sets = [dataset_row(workspace, olivia, count=count, name=f"{count} bars") for count in (500, 400, 300)]
    start(ideas.CODE, dataset_ids=[sets[2].pk, sets[0].pk, sets[1].pk])
    (run,) = finish()
    assert list(run.results.order_by("pk").values_list("dataset__name", flat=True)) == [
        "300 bars", "500 bars", "400 bars",
    ]  # fmt: skip
    assert run.stages.filter(name="datasets").count() == 2


def test_it_says_where_it_looked_for_look_ahead(
    start: Start, finish: Finish, workspace: Workspace, olivia: User
) -> None:
    """On the first data set with trades; what it finds there is not said of the others."""
    sets = [dataset_row(workspace, olivia, count=count, name=f"{count} bars").pk for count in (25, 400, 300)]
    start(ideas.CODE, dataset_ids=sets, options={"lookahead": True})
    (run,) = finish()
    none, first, other = run.results.order_by("pk")
    assert (none.trades, none.lookahead) == (0, "not_checked")
    assert (first.lookahead, other.lookahead) == ("clean", "not_checked")
    assert first.lookahead_evidence[0]["text"] == "Checked on this data set, with the strategy's own parameters."
    assert "not on this one" in other.lookahead_evidence[0]["text"]
    assert {row.lookahead_evidence[0]["dataset"] for row in (none, first, other)} == {sets[1]}


def test_it_calls_all_results_of_a_strategy_with_hindsight_suspect(
    start: Start, finish: Finish, workspace: Workspace, olivia: User
) -> None:
    sets = [dataset_row(workspace, olivia, count=count, name=f"{count} bars").pk for count in (400, 300)]
    start(ideas.HINDSIGHT, dataset_ids=sets, options={"lookahead": True})
    (run,) = finish()
    assert set(run.results.values_list("lookahead", flat=True)) == {"suspect"}
    assert all("With other bars" in row.lookahead_evidence[1]["text"] for row in run.results.all())


def test_it_counts_what_a_script_tried_before_it_failed(start: Start, finish: Finish) -> None:
    tries = "Backtest(pd.read_csv('x.csv'), Crossing).optimize(fast=[5, 8, 10], slow=[20, 30])\n"
    start(f"{ideas.CODE}{tries}raise BaseException('odd')\n")
    (run,) = finish()
    assert (run.status, run.error_code) == (Status.ERROR, "runtime")
    assert Trial.objects.get(run=run, kind="dataset").count >= 6


def test_it_counts_everything_that_was_tried(start: Start, finish: Finish) -> None:
    start(ideas.SPECIFICATION, options={"optimise": True})
    (run,) = finish()
    kinds = list(Trial.objects.filter(run=run).values_list("kind", flat=True))
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"revision": 1, "dataset": 1, "cell": CELLS}


def test_it_repeats_a_run_to_the_last_digit(start: Start, finish: Finish, olivia: User) -> None:
    start(ideas.SPECIFICATION, options={"optimise": True})
    (first,) = finish()
    services.start_rerun(run=first, actor=olivia)
    (second,) = finish()
    assert second.rerun_of == first
    assert [row.canonical_sha256 for row in first.results.order_by("is_optimised")] == [
        row.canonical_sha256 for row in second.results.order_by("is_optimised")
    ]
    assert second.stages.get(name="draft").made["way"] == "as in the run that this one repeats"


def test_it_keeps_files_in_the_layout_that_tools_know(start: Start, finish: Finish) -> None:
    start(ideas.CODE, name="my run / 1")
    (run,) = finish()
    folder = f"rbi_pp_multi/olivia-co/my_run_1-{run.pk}"
    folders, _ = artefacts.store().listdir(folder)
    assert set(folders) == {"backtests", "backtests_final", "execution_results", "charts"}
    assert artefacts.read(f"{folder}/backtests_final/T01_Crossing_v1.py").decode() == only(run).strategy.code
    document = json.loads(
        artefacts.read(f"{folder}/execution_results/T01_Crossing_v1_d{only(run).dataset_id}_result.json")
    )
    assert document["stats"]["Trades"] == only(run).trades
    assert artefacts.read(f"{folder}/charts/T01_Crossing_v1_d{only(run).dataset_id}_result.svg").startswith(b"<svg")


def test_it_keeps_curves_and_trades_beside_the_row(start: Start, finish: Finish) -> None:
    start(ideas.CODE)
    (run,) = finish()
    document = artefacts.load_result_document(only(run))
    assert {len(document[name]) for name in ("times", "open", "close", "equity", "drawdown", "buy_hold")} == {600}
    assert len(document["trades"]) == only(run).trades
    assert document["equity"][-1] == pytest.approx(10_000 * (1 + (only(run).return_pct or 0) / 100))
    assert document["trades"][0]["entry_time"] == document["times"][document["trades"][0]["entry_bar"]]


def test_it_keeps_the_table_in_step_with_the_rows(
    start: Start, finish: Finish, workspace: Workspace, olivia: User
) -> None:
    start(ideas.CODE.replace("class Crossing", "class Crossing"), name="=cmd")
    start(ideas.SPECIFICATION, options={"optimise": True})
    runs = finish()
    rows = list(csv.DictReader(io.StringIO(artefacts.read(table.path_of(workspace)).decode())))
    assert tuple(rows[0]) == COLUMNS
    assert [row["Strategy Name"] for row in rows] == ["Crossing", "Crossing averages", "Crossing averages (optimised)"]
    services.delete_run(run=runs[1], actor=olivia)
    rows = list(csv.DictReader(io.StringIO(artefacts.read(table.path_of(workspace)).decode())))
    assert [row["Strategy Name"] for row in rows] == ["Crossing"]
    assert not artefacts.store().exists(artefacts.run_folder(runs[1]))


def test_it_names_the_workspace_to_every_strategy(start: Start, finish: Finish) -> None:
    start("import os\nprint('workspace', os.environ['RBI_WORKSPACE_NAME'])\n" + ideas.CODE)
    (run,) = finish()
    assert "workspace olivia-co" in artefacts.load_result_document(only(run))["log"]


def test_it_tells_every_step_as_it_comes(start: Start, finish: Finish) -> None:
    run = start(ideas.CODE)
    before = run.version
    (run,) = finish()
    assert run.version > before + 2
    said = [line for _, line in run.progress["lines"]]
    assert "Checking the code" in said
    assert run.progress["done"] == run.progress["of"] == 9


def test_it_ends_a_run_that_takes_too_long(start: Start, finish: Finish, settings: Settings) -> None:
    settings.BACKTEST_RUN_SECONDS = 1
    start(ideas.ENDLESS)
    (run,) = finish()
    assert (run.status, run.error_code) == (Status.TIMEOUT, "timeout")
    assert (run.progress["says"], run.progress["lines"] != []) == ("It ran out of time", True)
    assert Idea.objects.get(run=run).status == Status.TIMEOUT
    stage = Stage.objects.get(run=run, name="run")
    assert (stage.state, stage.error_code) == (StageState.FAILED, "timeout")


def test_it_moves_no_size_and_takes_no_lucky_trade_for_an_improvement(start: Start, finish: Finish) -> None:
    start(ideas.SPECIFICATION, options={"optimise": True})
    (run,) = finish()
    made = run.stages.get(name="optimise").made
    plain = only(run)
    assert set(made["space"]) == {"fast", "slow"}
    assert made["trades"] * 3 >= plain.trades


@pytest.mark.parametrize(
    ("objective", "field"), [("return", "return_pct"), ("sharpe", "sharpe"), ("sortino", "sortino")]
)
def test_it_finds_more_of_what_the_run_is_after(start: Start, finish: Finish, objective: str, field: str) -> None:
    start(ideas.SPECIFICATION, options={"optimise": True, "objective": objective})
    (run,) = finish()
    plain, better = run.results.order_by("is_optimised")
    found = [
        cell.detail[field]
        for cell in run.trials.filter(kind="cell")
        if (cell.detail["trades"] or 0) * 3 >= plain.trades
    ]
    assert getattr(better, field) == pytest.approx(max(found))
    assert getattr(better, field) > getattr(plain, field)


def test_it_repeats_a_search_that_ran_out_of_time(
    start: Start, finish: Finish, olivia: User, settings: Settings
) -> None:
    start(ideas.SPECIFICATION, options={"optimise": True})
    (first,) = finish()
    better = first.results.get(is_optimised=True)
    # As if the best of all had not been reached.
    best = first.trials.get(kind="cell", detail__parameters=first.stages.get(name="optimise").made["parameters"])
    best.detail = {**best.detail, "return_pct": None, "trades": None, "failure": "timeout"}
    best.save()
    services.start_rerun(run=first, actor=olivia)
    (second,) = finish()
    again = second.stages.get(name="optimise").made
    assert (again["cells"], again["late"]) == (CELLS, 1)
    assert again["return_pct"] < (better.return_pct or 0)
