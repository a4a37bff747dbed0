"""Judge: whether the results can be believed. So far: do orders change when only later bars do?"""

from __future__ import annotations

from backtests.datasets import frames
from backtests.engine import lookahead
from backtests.engine.outcomes import Failed, Ran
from backtests.models import Lookahead, Result, Stage, Verdict
from backtests.rbi.stages.run import run_on
from backtests.rbi.stages.work import Made, Work, request_for, step

SAMPLES = 20
SEEN = {
    "clean": Lookahead.CLEAN,
    "suspect": Lookahead.SUSPECT,
    "not_checked": Lookahead.NOT_CHECKED,
}
SAYS = {
    Lookahead.CLEAN: "No sign that it looks ahead",
    Lookahead.SUSPECT: "It seems to look ahead: orders changed when only later bars did",
    Lookahead.NOT_CHECKED: "Whether it looks ahead could not be checked",
}


def judge(work: Work) -> Stage:
    """Look for hindsight in the strategy, and say so on all of its results."""
    given = {"strategy": work.drafted.pk, "samples": SAMPLES, "seed": work.run.seed}
    return step(work, "judge", lambda: _judged(work), given=given, says="Looking for look-ahead")


def _judged(work: Work) -> Made:
    if not work.run.options.get("lookahead", True):
        return Made({"verdict": Verdict.NOT_JUDGED}, text="The look-ahead check was not asked for.", skipped=True)
    dataset = work.context.datasets[0]
    ran = work.ran or run_on(work, dataset)
    state, evidence = _looked(work, ran)
    rows = Result.objects.filter(run=work.run, idea=work.idea, strategy=work.drafted)
    with work.hold.writing():
        rows.update(lookahead=state, lookahead_evidence=evidence)
    document = {"verdict": Verdict.NOT_JUDGED, "lookahead": state, "evidence": evidence, "dataset": dataset.pk}
    return Made(document, text=SAYS[state])


def _looked(work: Work, ran: Ran | Failed) -> tuple[Lookahead, list[dict[str, object]]]:
    if isinstance(ran, Failed):
        return Lookahead.NOT_CHECKED, [{"text": ran.message}]
    dataset = work.context.datasets[0]
    found = lookahead.lookahead(
        work.context.sandbox, request_for(work, dataset, frames.path(dataset)), ran, samples=SAMPLES,
        seed=work.run.seed, cancelled=work.hold.stopped,
    )  # fmt: skip
    work.hold.check()
    evidence = found.evidence or ([{"text": found.reason}] if found.reason else [])
    return SEEN[found.state], evidence
