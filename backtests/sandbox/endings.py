"""How a job ended, judged from what we saw ourselves first and from what the child says last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backtests.sandbox import frames
from backtests.sandbox.answers import Answers
from backtests.sandbox.job import JSON, Ending, Failure
from backtests.sandbox.levels import Level
from backtests.sandbox.shown import text_for_customers
from backtests.sandbox.untrusted import Unreadable, read_json, read_text

CUT = "\n[The rest of the log was cut off.]\n"
LONGEST_KIND, LONGEST_MESSAGE, LONGEST_TRACEBACK = 80, 1000, 8000
Judgement = tuple[Ending, JSON, Failure | None]

CANCELLED = Failure("cancelled", "The run was cancelled.")
TIMEOUT = Failure("timeout", "The run took longer than allowed and was stopped.")
CPU = Failure("cpu", "The run used more computing time than allowed and was stopped.")
MEMORY = Failure("memory", "The run needed more memory than allowed and was stopped.")
LOG = Failure("output", "The run printed far more than is kept and was stopped.")
CRASHED = Failure("crashed", "The run ended without a result: its process exited or crashed.")
LOST = Failure("sandbox", "The run was interrupted on our side.")


@dataclass(frozen=True)
class Evidence:
    """What is known of an ended job: the child's frames, the zygote's word and why we stopped it, if we did."""

    level: Level
    answers: Answers
    ended: Mapping[str, Any]
    stopped: str


def judge(evidence: Evidence) -> Judgement:
    """The ending, the document of one that is done, the failure of any other."""
    if evidence.stopped == "cancelled":
        return "cancelled", None, CANCELLED
    if evidence.stopped == "log":
        return "output", None, LOG
    if evidence.answers.broken:
        return _broken(evidence.answers)
    if evidence.answers.final:
        return _answered(*evidence.answers.final)
    return _ended(evidence.ended)


def text_of_log(raw: bytes, *, cut: bool) -> str:
    """The log as text that can be stored and shown."""
    text = raw.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text_for_customers(text) + (CUT if cut else "")


def _broken(answers: Answers) -> Judgement:
    kind, ending = ("output", "output") if answers.too_large else ("protocol", "crashed")
    return ending, None, Failure(kind, answers.broken)  # type: ignore[return-value]


def _answered(kind: bytes, body: bytes) -> Judgement:
    try:
        document = read_json(body)
    except Unreadable as error:
        return "crashed", None, Failure("protocol", str(error))
    if kind == frames.RESULT:
        return "done", document, None
    failure = _failure(document if isinstance(document, dict) else {})
    return ("memory" if failure is MEMORY else "error"), None, failure


def _failure(told: dict[str, JSON]) -> Failure:
    kind = read_text(told.get("kind"), LONGEST_KIND)
    line = told.get("line")
    if kind == "MemoryError":
        return MEMORY
    return Failure(
        kind or "error",
        text_for_customers(read_text(told.get("message"), LONGEST_MESSAGE)),
        line if isinstance(line, int) and line > 0 else None,
        text_for_customers(read_text(told.get("traceback"), LONGEST_TRACEBACK)),
    )


def _ended(ended: Mapping[str, Any]) -> Judgement:
    """Without a word of the child: what the zygote saw."""
    if not ended or "failed" in ended or ended["reason"] == "closed":
        return "crashed", None, LOST
    if ended["reason"] == "timeout":
        return "timeout", None, TIMEOUT
    if ended["out_of_memory"]:
        return "memory", None, MEMORY
    if ended["cpu"]:
        return "cpu", None, CPU
    return "crashed", None, CRASHED
