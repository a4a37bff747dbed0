"""Judge: whether the results can be believed. So far: do orders change when only later bars do?

It is looked for on the first data set with trades, with the strategy's own parameters and with those that the search
found, for a search prefers parameters that see the future. Code that looks ahead there is suspect everywhere; code
that does not is clean there, and elsewhere not checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac

from backtests.engine import lookahead
from backtests.engine.outcomes import Failed
from backtests.models import Lookahead, Result, Stage, Verdict
from backtests.rbi.stages.run import check_ours, run_on
from backtests.rbi.stages.work import Made, Work, step

SAMPLES = 20
SAYS = {
    Lookahead.CLEAN: "No sign that it looks ahead",
    Lookahead.SUSPECT: "It seems to look ahead: orders changed when only later bars did",
    Lookahead.NOT_CHECKED: "Whether it looks ahead could not be checked",
}
# What is found for any of a strategy's results counts for the strategy, the first of these before the others.
WORST = (Lookahead.SUSPECT, Lookahead.NOT_CHECKED, Lookahead.CLEAN)


@dataclass(frozen=True)
class Look:
    """What was found for one result."""

    result: Result
    state: Lookahead
    evidence: list[dict[str, Any]]


def judge(work: Work) -> Stage:
    """Look for hindsight in the strategy, and say so on all of its results."""
    given = {"strategy": work.drafted.pk, "samples": SAMPLES, "seed": work.run.seed}
    return step(work, "judge", lambda: _judged(work), given=given, says="Looking for look-ahead")


def _judged(work: Work) -> Made:
    if not work.run.options.get("lookahead", True):
        return Made({"verdict": Verdict.NOT_JUDGED}, text="The look-ahead check was not asked for.", skipped=True)
    rows = list(Result.objects.filter(run=work.run, idea=work.idea, strategy=work.drafted).select_related("dataset"))
    looks = [_looked(work, row) for row in _chosen(work, rows)]
    worst = min(looks, key=lambda look: WORST.index(look.state))
    with work.hold.writing():
        for row in rows:
            row.lookahead, row.lookahead_evidence = _said_of(row, looks, worst)
            row.save(update_fields=["lookahead", "lookahead_evidence"])
    checked = [{"result": look.result.pk, "dataset": look.result.dataset_id, "lookahead": look.state} for look in looks]
    document = {"verdict": Verdict.NOT_JUDGED, "lookahead": worst.state, "evidence": worst.evidence}
    return Made({**document, "checked": checked}, text=SAYS[worst.state])


def _chosen(work: Work, rows: list[Result]) -> list[Result]:
    """The result of the first data set with trades, and the optimised one."""
    order = [dataset.pk for dataset in work.context.datasets]
    rows = sorted(rows, key=lambda row: (row.is_optimised, not row.trades, order.index(row.dataset_id)))
    return [rows[0], *(row for row in rows if row.is_optimised)]


def _looked(work: Work, row: Result) -> Look:
    ran = work.ran.get(row.pk) or run_on(work, row.dataset, **_parameters(work, row))
    if isinstance(ran, Failed):
        return Look(row, Lookahead.NOT_CHECKED, [{"text": ran.message}])
    found = lookahead.lookahead(
        work.context.sandbox, ran.request, ran, samples=SAMPLES, seed=_seed(work), cancelled=work.hold.stopped
    )
    work.hold.check()
    check_ours(found.failure)
    return Look(row, Lookahead(found.state), found.evidence or ([{"text": found.reason}] if found.reason else []))


def _parameters(work: Work, row: Result) -> dict[str, Any]:
    """Those that the search found; else the strategy's own."""
    if not row.is_optimised:
        return {}
    found: dict[str, Any] = Stage.objects.get(idea=work.idea, name="optimise").made["parameters"]
    return found


def _seed(work: Work) -> int:
    """Of the other bars: always the same for a run's seed, which the strategy knows and cannot work it out from."""
    return int.from_bytes(salted_hmac("backtests.lookahead", str(work.run.seed), algorithm="sha256").digest()[:8])


def _said_of(row: Result, looks: list[Look], worst: Look) -> tuple[Lookahead, list[dict[str, Any]]]:
    """What to say on a result: what was found for it, or for another one."""
    own = next((look for look in looks if look.result.pk == row.pk), None)
    if own and (own.state == Lookahead.SUSPECT or worst.state != Lookahead.SUSPECT):
        return own.state, [_where(own.result, row), *own.evidence]
    if worst.state == Lookahead.SUSPECT:
        return worst.state, [_where(worst.result, row), *worst.evidence]
    return Lookahead.NOT_CHECKED, [_where(looks[0].result, row)]


def _where(checked: Result, row: Result) -> dict[str, Any]:
    """On which data set and with which parameters. Without their names, which a public page may not show."""
    is_here = checked.dataset_id == row.dataset_id
    where = "this data set" if is_here else "the first data set with trades, not on this one"
    whose = "the parameters that the search found" if checked.is_optimised else "the strategy's own parameters"
    document = {"dataset": checked.dataset_id, "optimised": checked.is_optimised}
    return {"text": f"Checked on {where}, with {whose}.", **document}
