"""Language models: a scripted server with OpenAI's API, asked over real HTTP."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from backtests import artefacts
from backtests.models import Result, Run, Spend, Stage, Status, Strategy
from backtests.rbi.model.calling import joined
from backtests.rbi.model.server import server_of
from tests.backtests.pipeline import ideas
from tests.backtests.pipeline.conftest import Finish, Start
from tests.fakes.openai import Fault, Model, Said
from tests.fakes.taker import Reply

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(1)]
IDEA = "trade the crossing of two averages"


def fenced(code: str) -> str:
    return f"Here it is:\n\n```python\n{code}```\n"


def notes_of(run: Run) -> dict[str, str]:
    result = Result.objects.get(run=run)
    return {note["code"]: note["text"] for note in result.notes}


def test_it_turns_a_models_specification_into_code(start: Start, finish: Finish, model: Model) -> None:
    model.script = [f"```json\n{ideas.SPECIFICATION}\n```"]
    start(IDEA)
    (run,) = finish()
    strategy = Strategy.objects.get(idea__run=run)
    assert (run.status, strategy.origin, strategy.kind) == (Status.COMPLETE, "model", "module")
    assert IDEA in model.asked[0]["messages"][0]["content"]
    (said,) = Stage.objects.get(run=run, name="draft").made["models"]
    assert said["asked"] == model.asked[0]["messages"][0]["content"]
    assert ideas.SPECIFICATION in said["answered"]


def test_it_sends_an_invalid_specification_back(start: Start, finish: Finish, model: Model) -> None:
    wrong = json.dumps({**ideas.CROSSING, "sizing": {"kind": "fraction", "amount": "unknown_name"}})
    model.script = [wrong, ideas.SPECIFICATION]
    start(IDEA)
    (run,) = finish()
    assert (run.status, len(model.asked)) == (Status.COMPLETE, 2)
    assert "unknown_name" in model.asked[1]["messages"][-1]["content"]


def test_it_lets_a_model_mend_its_faulty_code(start: Start, finish: Finish, model: Model) -> None:
    model.script = [fenced(ideas.BROKEN), fenced(ideas.CODE)]
    start(IDEA)
    (run,) = finish()
    assert (run.status, run.error_text) == (Status.COMPLETE, "")
    rows = Stage.objects.filter(run=run, name__in=["draft", "run", "debug"])
    assert list(rows.values_list("name", "number", "state")) == [
        ("draft", 1, "done"), ("run", 1, "failed"), ("debug", 1, "done"), ("run", 2, "done"),
    ]  # fmt: skip
    assert list(Strategy.objects.filter(idea__run=run).values_list("version", flat=True)) == [1, 2]
    assert "meen" in model.asked[1]["messages"][0]["content"]
    assert run.trials.filter(kind="revision").count() == 2


def test_it_stops_when_the_same_error_comes_back(start: Start, finish: Finish, model: Model) -> None:
    model.script = [fenced(ideas.BROKEN)]
    start(IDEA)
    (run,) = finish()
    assert (run.status, run.error_code) == (Status.ERROR, "runtime")
    assert run.error_text.startswith("The same error came back after a repair.")
    assert len(model.asked) == 2


def test_it_stops_when_two_errors_take_turns(start: Start, finish: Finish, model: Model) -> None:
    other = ideas.CODE.replace("rolling(count).mean()", "no_such(count)")
    model.script = [fenced(ideas.BROKEN), fenced(other), fenced(ideas.BROKEN), fenced(other)]
    start(IDEA)
    (run,) = finish()
    assert run.error_text.startswith("The same error came back after a repair.")
    assert len(model.asked) == 3


def test_it_mends_ten_times_and_no_more(start: Start, finish: Finish, model: Model) -> None:
    model.script = [fenced(ideas.CODE.replace("rolling(count).mean()", f"no_{mark}(count)")) for mark in "abcdefghijkl"]
    start(IDEA)
    (run,) = finish()
    rows = Stage.objects.filter(run=run, name="debug").order_by("number")
    assert (run.status, list(rows.values_list("number", flat=True))) == (Status.ERROR, [*range(1, 11)])
    assert "no_k" in run.error_text


def test_it_mends_a_customers_code_as_often_as_was_asked(start: Start, finish: Finish, model: Model) -> None:
    start(ideas.BROKEN, options={"revisions": 0})
    (run,) = finish()
    assert (run.status, model.asked) == (Status.ERROR, [])


def test_it_continues_an_answer_that_was_cut_off(start: Start, finish: Finish, model: Model) -> None:
    whole = fenced(ideas.CODE)
    half = len(whole) // 2
    model.script = [Said(whole[:half], "length"), whole[half:]]
    start(IDEA)
    (run,) = finish()
    assert (run.status, Strategy.objects.get(idea__run=run).code) == (Status.COMPLETE, ideas.CODE)
    assert [message["role"] for message in model.asked[1]["messages"]] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("answer", "piece", "whole"),
    [
        ("```python\na = 1\n", "b = 2\n```", "```python\na = 1\nb = 2\n```"),
        ("```python\na = 1\n", "```python\nb = 2\n```", "```python\na = 1\nb = 2\n```"),
        ("def rather_long(", "def rather_long(self):", "def rather_long(self):"),
    ],
)
def test_it_joins_an_answer_and_its_continuation(answer: str, piece: str, whole: str) -> None:
    assert joined(answer, piece) == whole


def test_it_writes_down_what_a_call_took(start: Start, finish: Finish, model: Model, settings: Settings) -> None:
    settings.RBI_MODEL_PRICES = {"scribe": "2/8"}
    model.script = [Said(fenced(ideas.CODE), tokens_in=1000, tokens_out=500)]
    start(IDEA)
    (run,) = finish()
    spend = Spend.objects.get(run=run)
    assert (spend.tokens_in, spend.tokens_out, spend.micro_usd, spend.stage) == (1000, 500, 6000, "draft")
    assert spend.settled_at is not None


def test_it_names_the_limit_as_newer_models_want_it(start: Start, finish: Finish, model: Model) -> None:
    model.script = [
        Fault(400, "Unsupported parameter: use 'max_completion_tokens' instead.", "invalid_request_error"),
        fenced(ideas.CODE),
    ]
    start(IDEA)
    (run,) = finish()
    assert (run.status, Strategy.objects.get(idea__run=run).origin) == (Status.COMPLETE, "model")
    assert "max_completion_tokens" in model.asked[1]


def test_it_lets_a_model_study_an_idea_first(start: Start, finish: Finish, model: Model, settings: Settings) -> None:
    settings.RBI_STAGES = {**settings.RBI_STAGES, "research": ("reader", "", "")}
    model.script = ["Two averages cross: buy then.", ideas.SPECIFICATION]
    start(IDEA)
    (run,) = finish()
    assert [call["model"] for call in model.asked] == ["reader", "scribe"]
    assert "Two averages cross" in model.asked[1]["messages"][0]["content"]
    folder = artefacts.run_folder(run)
    assert artefacts.read(f"{folder}/research/T01.md") == b"Two averages cross: buy then."


def test_it_sends_the_general_key_to_no_other_server(settings: Settings) -> None:
    settings.RBI_MODEL_BASE_URL, settings.RBI_MODEL_API_KEY = "https://one.example/v1", "sk-one"
    settings.RBI_STAGES = {
        "draft": ("m", "", ""),
        "debug": ("m", "https://two.example/v1", ""),
        "research": ("", "", ""),
    }
    draft, debug = server_of("draft"), server_of("debug")
    assert draft is not None
    assert debug is not None
    assert (draft.base_url, draft.api_key) == ("https://one.example/v1", "sk-one")
    assert (debug.base_url, debug.api_key) == ("https://two.example/v1", "none")
    assert server_of("research") is None


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"RBI_RUN_TOKENS": 1_000}, "This run's budget"),
        ({"RBI_DAY_TOKENS": 1_000}, "Today's budget"),
        ({"RBI_RUN_USD": 0.001, "RBI_MODEL_PRICES": {"scribe": "2/8"}}, "This run's budget"),
    ],
)
def test_it_asks_no_model_beyond_a_budget(
    start: Start, finish: Finish, model: Model, settings: Settings, limits: dict[str, object], said: str
) -> None:
    for name, value in limits.items():
        setattr(settings, name, value)
    start(ideas.VAGUE)
    (run,) = finish()
    assert (run.status, model.asked) == (Status.COMPLETE, [])
    assert notes_of(run)["budget"].startswith(said)
    assert Strategy.objects.get(idea__run=run).origin == "blueprint"


def test_it_keeps_to_the_budget_that_a_customer_set(start: Start, finish: Finish, model: Model) -> None:
    start(ideas.VAGUE, options={"budget_tokens": 0})
    (run,) = finish()
    assert (run.status, model.asked) == (Status.COMPLETE, [])


def test_it_drafts_by_itself_when_the_model_is_away(start: Start, finish: Finish, model: Model) -> None:
    model.script = [Fault(400, "The engine of sk-secret is broken.")]
    start(ideas.VAGUE)
    (run,) = finish()
    assert run.status == Status.COMPLETE
    assert notes_of(run)["model"] == "The model's server could not be reached or broke."


@pytest.mark.parametrize(
    "body",
    [b"<html>Welcome</html>", b"[1]", b'{"choices": []}', b'{"choices": [{"message": null, "finish_reason": ""}]}',
     b'{"choices": [{"message": {"content": ["x"]}}], "usage": {"prompt_tokens": 3}}'],
)  # fmt: skip
def test_it_drafts_by_itself_when_no_model_stands_at_the_address(
    start: Start, finish: Finish, model: Model, body: bytes
) -> None:
    model.next = [lambda: Reply(200, body, {"Content-Type": "application/json"})]
    start(ideas.VAGUE)
    (run,) = finish()
    assert (run.status, run.attempts, len(model.asked)) == (Status.COMPLETE, 1, 1)
    assert Strategy.objects.get(idea__run=run).origin == "blueprint"


def test_it_does_not_wait_for_a_model_once_the_run_is_cancelled(start: Start, finish: Finish, model: Model) -> None:
    run = start(IDEA)
    model.next = [lambda: _cancel(run)]
    (run,) = finish()
    assert (run.status, run.progress["says"]) == (Status.CANCELLED, "It was cancelled")
    assert Spend.objects.get(run=run).settled_at is None


def _cancel(run: Run) -> Reply:
    """Somebody cancels while the model thinks."""
    Run.objects.filter(pk=run.pk).update(cancel_requested_at=run.created_at)
    connection.close()
    return Reply(hangs=60)
