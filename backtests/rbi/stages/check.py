"""Check: what is surely or probably wrong with the code, found in a moment and without running it."""

from __future__ import annotations

from backtests.models import Stage
from backtests.rbi.check import check as findings_of
from backtests.rbi.stages.work import Made, Work, step

# What cannot run at all; every other finding the run itself confirms or not, for the runtime adapts a lot.
FATAL = frozenset({"syntax", "cut_off", "too_long"})


def check(work: Work, number: int) -> Stage:
    """Look at the present version. What makes a result doubtful is noted beside its numbers."""
    strategy = work.drafted
    given = {"strategy": strategy.pk, "version": strategy.version}
    row = step(work, "check", lambda: _checked(strategy.code), given=given, says="Checking the code", number=number)
    for finding in row.made["findings"]:
        if finding["severity"] != "note":
            work.note(finding["code"], f"Line {finding['line']}: {finding['text']} {finding['remedy']}".strip())
    return row


def _checked(code: str) -> Made:
    findings = findings_of(code)
    made = Made({"findings": [finding.as_json() for finding in findings]})
    fatal = next((finding for finding in findings if finding.code in FATAL), None)
    if fatal:
        made.code, made.text = fatal.code, f"Line {fatal.line}: {fatal.text} {fatal.remedy}".strip()
    return made
