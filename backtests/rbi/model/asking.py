"""What stages ask models for: a text, a strategy, mended code. No answer is None, and its reason is noted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backtests.rbi import scripts, spec
from backtests.rbi.model import prompts
from backtests.rbi.model.budget import BudgetSpent
from backtests.rbi.model.calling import Message, ModelAway, complete
from backtests.rbi.model.server import Asker, server_of
from backtests.rbi.stages.work import Work
from moondev.lib.errors import Invalid

FENCED = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)
# How often a specification that is not valid is sent back with what is wrong.
MOST_MENDS = 2


@dataclass(frozen=True)
class Answer:
    """A strategy by a model: a specification, or else code."""

    specification: spec.Specification | None = None
    code: str = ""


def ask(work: Work, stage: Asker, words: Mapping[str, str]) -> str | None:
    """The model's text for a stage's prompt; None without a model, without budget, and when it does not answer."""
    return _say(work, stage, [_message(stage, words)])


def ask_for_code(work: Work, stage: Asker, words: Mapping[str, str]) -> str | None:
    """The Python code of the model's answer; None as `ask`, and when there is none in it."""
    return code_in(ask(work, stage, words) or "") or None


def ask_for_strategy(work: Work, words: Mapping[str, str]) -> Answer | None:
    """A strategy for an idea. A specification that is not valid goes back with what is wrong with it."""
    messages = [_message("draft", words)]
    for _ in range(MOST_MENDS + 1):
        answer = _say(work, "draft", messages)
        document = document_in(answer or "")
        if answer is None or document is None:
            return _code(answer)
        try:
            return Answer(specification=spec.read(document))
        except Invalid as error:
            wrong = "\n".join(f"- {found.pointer}: {found.detail}" for found in error.errors) or error.detail
            work.say("The model's specification is not valid; asking it to mend it")
            messages += [{"role": "assistant", "content": answer}, _message("mend", {"wrong": wrong})]
    work.note("model", "The model's specification was not valid, so the built-in drafter made the strategy.")
    return None


def document_in(answer: str) -> dict[str, Any] | None:
    """The JSON object in an answer, fenced or bare; None when there is none."""
    start, end = answer.find("{"), answer.rfind("}")
    for text in [*FENCED.findall(answer), answer, answer[start : end + 1]]:
        try:
            found = json.loads(text)
        except ValueError:
            continue
        if isinstance(found, dict) and "parameters" in found:
            return found
    return None


def code_in(answer: str) -> str:
    """The Python code in an answer; empty when there is none, or not all of it."""
    if scripts.kind_of(answer) != "code":
        return ""
    found = scripts.read(answer)
    return found.code if found.is_usable else ""


def _code(answer: str | None) -> Answer | None:
    code = code_in(answer or "")
    return Answer(code=code) if code else None


def _message(prompt: str, words: Mapping[str, str]) -> Message:
    return {"role": "user", "content": prompts.text(prompt, words)}


def _say(work: Work, stage: Asker, messages: list[Message]) -> str | None:
    server = server_of(stage)
    if server is None:
        return None
    work.say(f"Asking {server.model}")
    try:
        answer = complete(work, stage, server, messages)
    except (ModelAway, BudgetSpent) as error:
        code = "budget" if isinstance(error, BudgetSpent) else "model"
        work.note(code, str(error))
        work.say(str(error))
        return None
    work.asked.append({"model": server.model, "asked": messages[-1]["content"], "answered": answer})
    return answer
