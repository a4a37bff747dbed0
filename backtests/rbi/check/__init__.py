"""The static check of a strategy's code: what is surely or probably wrong with it, found without running it.

It is no security boundary. Nothing is kept out by reading code: untrusted code runs in the sandbox or not at all. This
check tells people early, with the line and a remedy, what a run would tell them late.
"""

from backtests.rbi.check.finding import Finding, Severity
from backtests.rbi.check.reading import LONGEST, check

__all__ = ["LONGEST", "Finding", "Severity", "check"]
