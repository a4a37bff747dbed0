"""Debug: a model mends what failed, up to ten times, and stops when the same error comes back.

Without a model nothing is mended here: what breaks on current versions the runtime adapts by itself.
"""

from __future__ import annotations

import re

from backtests.models import Origin, Stage, Strategy
from backtests.rbi import model
from backtests.rbi.stages.check import check
from backtests.rbi.stages.draft import keep
from backtests.rbi.stages.run import run
from backtests.rbi.stages.work import IdeaFailed, Made, Work, step

# What no change of the code mends.
BEYOND_REPAIR = frozenset({"data", "sandbox", "missing_column", "own_data"})
NUMBERS = re.compile(r"\d+")


def until_it_runs(work: Work) -> Stage:
    """Check and run, mending in between. Returns the run that worked; raises IdeaFailed with the last failure."""
    seen: set[str] = set()
    for number in range(1, work.run.options.get("revisions", 10) + 2):
        failure = check(work, number)
        if not failure.error_code:
            failure = run(work, number)
        if not failure.error_code:
            return failure
        same = _mark(failure)
        # Of all before, not of the last: two errors may take turns.
        if same in seen:
            raise IdeaFailed(failure.error_code, f"The same error came back after a repair. {failure.error_text}")
        seen.add(same)
        if not _may_mend(work, failure, number):
            break
        _mend(work, failure, number)
    raise IdeaFailed(failure.error_code, failure.error_text)


def _may_mend(work: Work, failure: Stage, number: int) -> bool:
    is_left = number <= work.run.options.get("revisions", 10)
    return is_left and failure.error_code not in BEYOND_REPAIR and bool(model.name_of("debug"))


def _mark(failure: Stage) -> str:
    """What makes two errors the same: line numbers and amounts do not."""
    return f"{failure.error_code} {NUMBERS.sub('', failure.error_text)}"


def _mend(work: Work, failure: Stage, number: int) -> None:
    given = {"strategy": work.drafted.pk, "code": failure.error_code, "error": failure.error_text}
    row = step(
        work, "debug", lambda: _mended(work, failure), given=given, number=number, says=f"Mending it, attempt {number}"
    )
    if row.error_code:
        raise IdeaFailed(failure.error_code, f"{failure.error_text} {row.error_text}")
    work.strategy = Strategy.objects.get(pk=row.made["strategy"])


def _mended(work: Work, failure: Stage) -> Made:
    words = {
        "code": work.drafted.code,
        "error": f"{failure.error_code}: {failure.error_text}",
        "traceback": str(failure.made.get("traceback", ""))[-4_000:],
    }
    code = model.ask_for_code(work, "debug", words)
    if not code:
        return Made(code="no_answer", text="The model gave no code that mends it.")
    # What was mended is another way to write down the same reading of the idea.
    strategy = keep(
        work, code=code, name=work.drafted.name, origin=Origin.MODEL, kind="script",
        interpretation=work.drafted.interpretation,
    )  # fmt: skip
    return Made({"strategy": strategy.pk, "version": strategy.version, "model": model.name_of("debug")})
